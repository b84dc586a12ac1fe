import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type DestinationKey,
  type PeerReply,
  type TenantId,
  type UpstreamReport,
  upstreamsOf,
  within,
} from '#/model/index.ts';
import type { Meter } from '#/ports/index.ts';
import { openMemoryStatusHistory } from '#/store/memory/index.ts';
import { FakeClock, FakeLog } from '#/testkit/index.ts';
import { UpstreamBook, UpstreamTeller, upstreamOperations } from './index.ts';

const meter: Meter = {
  counter: () => ({ add: () => {} }),
  gauge: () => ({ set: () => {} }),
  histogram: () => ({ observe: () => {} }),
};
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const MX = 'acme-test.mail.protection.outlook.com';
const ACME = 'acme' as TenantId;
const to = (domain: string) => `mx:${domain}` as DestinationKey;
const reply = (code: number, enhanced: string, text: string, host: string | null = MX): PeerReply => ({
  code,
  enhanced,
  text,
  host,
});
const taken = { kind: 'taken', reply: reply(250, '2.0.0', 'Ok') } as const;
const busy = { kind: 'later', reply: reply(451, '4.7.500', 'Server busy for bob@acme.test') } as const;
const full = { kind: 'later', reply: reply(452, '4.2.2', 'Mailbox full') } as const;

function bench(clock = new FakeClock()) {
  const book = new UpstreamBook({ reporter: 'deliver-1', region: 'main' }, { clock, meter });
  const report = (provider = 'microsoft-365') =>
    book.reports().find((one) => one.provider === provider) as UpstreamReport;
  return { clock, book, report };
}

test('C2: sessions, attempts, refusals by class and times are counted for the provider behind a domain', async () => {
  const { book, report } = bench();
  book.opened(to('acme.test'), MX);
  book.ended(to('acme.test'), ACME, [taken, taken], 40);
  book.ended(to('other.test'), ACME, [busy, { kind: 'refused', reply: reply(550, '5.1.1', 'User unknown') }], 900);
  const { last5, destinations, refusals, name } = report();
  assert.deepEqual(
    [name, last5.sessions, last5.delivered, last5.deferred, last5.bounced, last5.failing, last5.classes],
    ['Microsoft 365', 1, 2, 1, 1, 1, { rate: 1, 'unknown-recipient': 1 }],
  );
  assert.ok(last5.p50 <= 50 && last5.p95 > 500 && last5.p95 <= 1_000);
  assert.deepEqual(
    destinations.map(({ destination, troubleSince }) => [destination, troubleSince !== null]),
    [
      ['mx:other.test', true],
      ['mx:acme.test', false],
    ],
  );
  assert.ok(!JSON.stringify(refusals).includes('bob@'));
  assert.deepEqual(report().tenants, [{ tenant: 'acme', delivered: 2, deferred: 1, bounced: 1 }]);
});

test('C2: trouble begins with its first sign, goes on while nothing gets through, and ends a minute after the last one', async () => {
  const { book, clock, report } = bench();
  for (let i = 0; i < 10; i++) book.ended(to('acme.test'), ACME, [taken], 40);
  await clock.advance(10 * MINUTE);
  assert.equal(report().trouble, null);
  const began = clock.now();
  for (let i = 0; i < 5; i++) {
    book.ended(to('acme.test'), ACME, [busy], 40);
    await clock.advance(MINUTE);
  }
  assert.equal(report().trouble?.since, began);
  assert.equal(report().trouble?.signs, 5);
  assert.equal(report().usual.failingShare, 0);
  await clock.advance(MINUTE);
  for (let i = 0; i < 5; i++) book.ended(to('acme.test'), ACME, [taken], 40);
  assert.equal(report().trouble, null);
});

test('C2: what is the mail’s own trouble, or its recipient’s, is none of the server’s', async () => {
  const { book, report } = bench();
  for (let i = 0; i < 20; i++) book.ended(to('acme.test'), ACME, [full], 40);
  assert.deepEqual([report().trouble, report().last5.deferred], [null, 20]);
});

test('C2: a host that was never reached is called by its destination, and by its provider once that is known', async () => {
  const { book } = bench();
  book.unreached(to('firm.example'), reply(0, '4.4.3', 'DNS did not answer', null));
  book.ended(to('acme.test'), ACME, [taken], 10);
  book.unreached(to('acme.test'), reply(0, '4.4.3', 'DNS did not answer', null));
  assert.deepEqual(
    book.reports().map(({ provider, last5 }) => [provider, last5.unreachable]),
    [
      ['firm.example', 1],
      ['microsoft-365', 1],
    ],
  );
});

test('C2: what is kept has a bound, and a provider that was not met for an hour is forgotten', async () => {
  const { book, clock } = bench();
  for (let i = 0; i < 1_000; i++) {
    const host = `mx.firm${i}.example`;
    book.ended(
      to(`firm${i}.example`),
      ACME,
      [{ kind: 'later', reply: reply(451, '4.0.0', `no ${'x'.repeat(i)}`, host) }],
      10,
    );
    book.ended(
      to('acme.test'),
      ACME,
      [{ kind: 'later', reply: reply(451, '4.0.0', `word${'y'.repeat(i % 50)} no`) }],
      10,
    );
  }
  const all = book.reports();
  assert.equal(all.length, 300);
  assert.ok(all.every(({ refusals }) => refusals.length <= 12));
  await clock.advance(61 * MINUTE, MINUTE);
  assert.deepEqual(book.reports(), []);
});

test('C2: the first sign of a trouble outlives a restart', async () => {
  const history = openMemoryStatusHistory();
  const clock = new FakeClock();
  const first = bench(clock);
  const tell = (book: UpstreamBook) => new UpstreamTeller({ book, history, clock, log: new FakeLog(), region: 'main' });
  const began = clock.now();
  first.book.unreached(to('acme.test'), reply(0, '4.4.1', 'no answer'));
  const teller = tell(first.book);
  await clock.advance(10 * SECOND, SECOND);
  await teller[Symbol.asyncDispose]();
  await clock.advance(20 * MINUTE, MINUTE);
  const second = bench(clock);
  const again = tell(second.book);
  await clock.advance(SECOND, SECOND);
  second.book.unreached(to('acme.test'), reply(0, '4.4.1', 'no answer'));
  await clock.advance(10 * SECOND, SECOND);
  const told = await history.upstreams(clock.now() - MINUTE, within(5_000));
  assert.deepEqual(
    told.map(({ trouble }) => trouble?.since),
    [began],
  );
  await again[Symbol.asyncDispose]();
  await history[Symbol.asyncDispose]();
});

test('C2: operators see one line a provider, whoever tells of it, with what waits for it', async () => {
  const clock = new FakeClock();
  const [one, other] = [bench(clock), bench(clock)];
  one.book.ended(to('acme.test'), ACME, [taken, busy], 40);
  other.book.ended(to('acme.test'), ACME, [busy], 40);
  const reports = [...one.book.reports(), ...other.book.reports().map((each) => ({ ...each, reporter: 'deliver-2' }))];
  const [merged] = upstreamsOf(reports);
  assert.deepEqual([merged?.last5.deferred, merged?.destinations.length, merged?.refusals[0]?.count], [2, 1, 2]);
  const depth = {
    destination: to('acme.test'),
    tenant: 'acme',
    waiting: 7,
    oldestAt: clock.now() - MINUTE,
    nextDue: 0,
  };
  const operations = upstreamOperations({
    clock,
    history: { upstreams: async () => reports },
    custody: { depth: async () => [depth] as never },
  });
  const run = async (name: string, input: object) => {
    const found = operations.find((each) => each.name === name);
    return found?.output.parse(await found.handle(found.input.parse(input), { by: 'cli:test', call: within(5_000) }));
  };
  const [listed] = (await run('upstream.list', {})) as { waiting: number; tenants: number; forecastMs: number }[];
  assert.deepEqual([listed?.waiting, listed?.tenants, listed?.forecastMs], [7, 1, 7 * 5 * MINUTE]);
  const shown = (await run('upstream.show', { provider: 'Microsoft 365' })) as { destinations: { waiting: number }[] };
  assert.deepEqual(
    shown.destinations.map(({ waiting }) => waiting),
    [7],
  );
  await assert.rejects(run('upstream.show', { provider: 'nobody' }), /No mail went to nobody/);
});
