/** Our delivery against servers that others wrote. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimOf, routeKey, routeTo, startBench } from '#/testkit/index.ts';
import { orSkip } from '../support/or-skip.ts';
import { startPostfix } from '../support/postfix.ts';
import { startSmtpSink } from '../support/smtp-sink.ts';

const mails = 200;

test('H4: smtp-sink takes a burst over kept connections, and every recipient is delivered once', async (t) => {
  const sink = orSkip(t, await startSmtpSink());
  if (sink === undefined) return;
  await using running = sink;
  await using bench = startBench({ routes: [routeTo(running.port, { tls: 'opportunistic' })] });
  const claims = Array.from({ length: mails }, () => claimOf({ to: ['a@peer.test', 'b@peer.test'] }));
  bench.work.offer(routeKey(running.port), claims, { slots: 5 });
  await bench.work.until({ settled: mails, released: 5 }, 20_000);
  assert.deepEqual(new Set(bench.work.kinds()), new Set(['delivered']));
});

test('RFC 5321 §4.5.2: Postfix keeps what we sent, dots and 8-bit text as they were', async (t) => {
  const postfix = orSkip(t, await startPostfix({ acceptFor: ['peer.test'] }));
  if (postfix === undefined) return;
  await using running = postfix;
  await using bench = startBench({ routes: [routeTo(running.port, { tls: 'opportunistic' })] });
  const content = 'From: <alice@acme.test>\r\nSubject: dots\r\n\r\n.\r\n..two\r\nGrüße, 会議\r\n';
  const needs = { eightBit: true };
  bench.work.offer(routeKey(running.port), [
    claimOf({ content, needs }),
    claimOf({ content, needs, to: ['c@peer.test', 'd@peer.test'] }),
  ]);
  await bench.work.until({ settled: 2 }, 20_000);
  assert.deepEqual(bench.work.kinds(), ['delivered', 'delivered', 'delivered']);
  for (const message of await running.waitForMessages(3))
    assert.ok(message.endsWith('\n\n.\n..two\nGrüße, 会議\n'), message);
});

test('H4: Postfix refuses one recipient of two, the other is delivered, and the sender is told in the words of Postfix', async (t) => {
  const postfix = orSkip(t, await startPostfix({ acceptFor: ['peer.test'] }));
  if (postfix === undefined) return;
  await using running = postfix;
  await using bench = startBench({ routes: [routeTo(running.port)] });
  bench.work.offer(routeKey(running.port), [claimOf({ to: ['a@peer.test', 'b@elsewhere.test'] })]);
  await bench.work.until({ settled: 1 }, 20_000);
  assert.deepEqual(bench.work.kinds(), ['delivered', 'bounced']);
  const [report] = bench.work.born;
  const text = report?.body.kind === 'memory' ? Buffer.concat(report.body.chunks).toString() : '';
  assert.match(text, /Diagnostic-Code: smtp; 554 5\.7\.1 <b@elsewhere\.test>: Relay access denied/);
});
