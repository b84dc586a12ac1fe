import assert from 'node:assert/strict';
import { test } from 'node:test';
import { within } from '#/model/index.ts';
import { SideThread } from './side-thread.ts';

const MUTE = new URL(
  'data:text/javascript,import{parentPort}from"node:worker_threads";parentPort.on("message",()=>{})',
);
const question = { message: () => 'x', waitMs: 120_000, memoryMb: 512, hear: () => {}, waited: () => {} };

test('M4: a question whose turn others keep from it is late and can be asked again; it is never told as slow', async () => {
  const thread = new SideThread<string>(MUTE, 'mute');
  const end = new AbortController();
  const first = thread.ask(question, within(120_000, end.signal));
  await assert.rejects(thread.ask(question, within(50)), { code: 'call.late' });
  assert.equal(await thread.ask(question, { deadlineAt: 0 }), 'too-slow', 'it had no time of its own');
  const waits: number[] = [];
  const next = thread.ask({ ...question, waitMs: 1, waited: (ms) => waits.push(ms) }, within(120_000));
  await new Promise(setImmediate);
  assert.deepEqual(waits, [], 'one that gave up lets nobody in before the first');
  end.abort(new Error('enough'));
  await assert.rejects(first, /enough/);
  assert.equal(await next, 'too-slow');
  assert.equal(waits.length, 1);
  await thread.close();
});
