/** What a phase believes: not the server's replies, but what has arrived. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Sink, startSink } from '../../test/support/sink.ts';
import { type Load, runPhase } from './phase.ts';
import type { Racer } from './racer.ts';

const LOAD: Load = { connections: 2, keepOpen: true, bytes: 100, share: 1, pipelined: true };

test('design 8: a phase counts what the server has, and its figures are those of its time and its processes', async () => {
  await using sink = await startSink();
  const measured = await runPhase(racerOf(sink, 0), LOAD, 10, null);
  assert.equal(measured.messages, 10);
  assert.ok(measured.perSecond > 0 && measured.cpuMs >= 0 && measured.memoryMiB > 1);
  assert.equal(measured.flushes, null);
});

test('design 8: a server that has one message less, or one more, than it answered 250 for has no figure', async () => {
  await using sink = await startSink();
  await assert.rejects(runPhase(racerOf(sink, -1), LOAD, 10, null), /given 10 messages, and .* 9$/);
  await assert.rejects(runPhase(racerOf(sink, 1), LOAD, 10, null), /given 10 messages, and .* 11$/);
});

test('design 8: a server whose flushes do not come by the shim has no figure', async () => {
  await using sink = await startSink();
  const racer = { ...racerOf(sink, 0), flushes: async () => 0 };
  await assert.rejects(runPhase(racer, LOAD, 10, null), /flushed nothing that could be seen/);
});

/** Takes all, and miscounts what a phase brings by `off`. */
function racerOf(sink: Sink, off: number): Racer {
  let looks = 0;
  return {
    name: 'a sink',
    port: sink.port,
    roots: () => [process.pid],
    taken: async () => (sink.bySenderDomain.get('bench.test') ?? 0) + (looks++ === 0 ? 0 : off),
    tidy: async () => {},
    deferred: async () => 0,
    flush: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}
