/** The pipelining client, against a server that remembers what it took. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GENTLE, startSink } from '../../test/support/sink.ts';
import { sendPipelined } from './pipelined.ts';

const DEADLINE_MS = 20_000;

test('RFC 2920 §3.1: as many messages as asked for arrive, whatever the connections, each whole', async () => {
  await using sink = await startSink();
  await sendPipelined({ port: sink.port, messages: 25, connections: 4, bytes: 4096 }, DEADLINE_MS);
  await sendPipelined({ port: sink.port, messages: 2, connections: 4, bytes: 100 }, DEADLINE_MS);
  assert.equal(sink.bySenderDomain.get('bench.test'), 27);
  const sizes = new Set(sink.others.map(({ text }) => text.length));
  assert.equal(sizes.size, 2);
  assert.ok(Math.abs(Math.max(...sizes) - 4096) < 80);
});

test('RFC 2920 §3.1: a refused recipient fails the load instead of making it fast', async () => {
  await using sink = await startSink();
  sink.temper = { ...GENTLE, hardRefusal: 1 };
  const sending = sendPipelined({ port: sink.port, messages: 3, connections: 1, bytes: 100 }, DEADLINE_MS);
  await assert.rejects(sending, /class 5/);
});

test('RFC 2920 §3.1: a server that hangs up fails the load', async () => {
  await using sink = await startSink();
  sink.temper = { ...GENTLE, silentTake: 1 };
  const sending = sendPipelined({ port: sink.port, messages: 3, connections: 1, bytes: 100 }, DEADLINE_MS);
  await assert.rejects(sending, /hung up|ECONNRESET|EPIPE/);
});
