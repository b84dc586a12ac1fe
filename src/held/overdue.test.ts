/** Who hears of mail that waits for a person for too long: over a journal of a test, with the letters that people get. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ArrivedMail, MailAddress, Tenant } from '#/model/index.ts';
import { WaitingLetters } from '#/notice/index.ts';
import type { AffectedQuery, QueueFilter } from '#/ports/index.ts';
import { FakeClock, FakeDirectorySource, FakeLog, FakeRouting, tenantOf } from '#/testkit/index.ts';
import { OverdueTeller } from './index.ts';

const HOUR = 3_600_000;
const NINE = Date.UTC(2026, 10, 30, 9);

interface Row {
  readonly id: string;
  readonly tenant: string;
  readonly state: string;
  readonly reason?: string;
  readonly receivedAt: number;
}

function bench() {
  const clock = new FakeClock(NINE);
  const rows: Row[] = [];
  const accepted = new Map<string, ArrivedMail>();
  const knobs = { fails: false };
  /** What the janitor put right in each window: by its begin, recipients of a tenant and how many are unserved. */
  const putRight = new Map<number, readonly { tenant: string; recipients: number; unserved: number }[]>();
  const tenant = (id: string, more: Partial<Tenant>): Tenant => ({
    ...tenantOf({ id, domains: [`${id}.test`] }),
    contacts: [`it@${id}.test` as MailAddress],
    ...more,
  });
  const directory = new FakeDirectorySource([
    tenant('acme', { language: 'ja', timezone: 'Asia/Tokyo', name: 'アクメ' }),
    tenant('bolt', {}),
  ]);
  const teller = () =>
    new OverdueTeller({
      ...{ directory, clock, log: new FakeLog(), operators: ['root@ops.test' as MailAddress], ring: () => {} },
      mails: new WaitingLetters(
        { hostname: 'mx.test', timezone: 'UTC' },
        {
          ...{ directory, routing: new FakeRouting(['acme.test', 'bolt.test']) },
          reach: (address) => [{ address, direction: 'outbound' }],
        },
      ),
      custody: {
        accept: async ([mail]: readonly ArrivedMail[]) => {
          if (knobs.fails) throw new Error('away');
          if (mail !== undefined) accepted.set(mail.id, mail);
        },
      },
      journal: {
        queue: async ({ state, reason, until = 0 }: QueueFilter, after: string | null, limit: number) => {
          const found = rows.filter(
            (row) =>
              row.state === state &&
              (reason === undefined || row.reason === reason) &&
              row.receivedAt <= until &&
              (after === null || row.id > after),
          );
          const items = found.slice(0, limit);
          return { items, next: found.length > limit ? (items.at(-1)?.id ?? null) : null };
        },
        affectedCounts: async ({ from, component }: AffectedQuery) =>
          component === 'janitor' ? (putRight.get(from) ?? []) : assert.fail(component),
        trace: async ({ ids = [] }: { readonly ids?: readonly string[] }) =>
          ids.filter((id) => accepted.has(id)).map((id) => ({ id })),
      },
    } as never);
  const waits = (tenantId: string, state: string, hoursAgo: number, reason?: string): void => {
    const id = String(rows.length).padStart(6, '0');
    const row = { id, tenant: tenantId, state, receivedAt: clock.now() - hoursAgo * HOUR };
    rows.push(reason === undefined ? row : { ...row, reason });
  };
  /** What people got of a step of a process that has just begun. */
  const told = async (): Promise<readonly string[]> => {
    const before = accepted.size;
    await teller().step();
    return [...accepted.values()].slice(before).map(({ recipients }) => recipients[0]?.address ?? '');
  };
  const textTo = (address: string): string => {
    const mail = [...accepted.values()].findLast(({ recipients }) => recipients[0]?.address === address);
    assert.ok(mail?.body.kind === 'memory');
    const text = Buffer.concat(mail.body.chunks).toString();
    const [, encoded = ''] = /text\/plain[\s\S]*?base64\r\n\r\n([\s\S]*?)\r\n--/.exec(text) ?? [];
    return encoded === '' ? text : Buffer.from(encoded, 'base64').toString();
  };
  return { clock, rows, accepted, knobs, putRight, teller, waits, told, textTo };
}

test('H8: contacts hear once, in their language, how much waits for them, of their own alone; operators of all of it', async () => {
  const it = bench();
  for (let i = 0; i < 1_200; i++) it.waits('acme', 'approval', 30);
  it.waits('acme', 'approval', 2);
  it.waits('acme', 'held', 30, 'policy');
  it.waits('bolt', 'held', 5, 'set-aside');
  assert.deepEqual([...(await it.told())].sort(), ['it@acme.test', 'it@bolt.test', 'root@ops.test']);
  const acme = it.textTo('it@acme.test');
  assert.match(acme, /承認待ち（1日超）: 1,200通、最も古いもの: [^\n]*12:00 \(Asia\/Tokyo\)/);
  assert.doesNotMatch(acme, /保留中（/);
  assert.match(it.textTo('it@bolt.test'), /Set aside, for more than an hour: 1, the oldest from/);
  const all = it.textTo('root@ops.test');
  assert.match(all, /For an approval[^\n]*: 1,200[\s\S]*Set aside[^\n]*: 1,/);
  assert.deepEqual(await it.told(), [], 'nobody twice, whoever tells');
});

test('H8: what was told of is told again only when more has become overdue, and not before the next window', async () => {
  const it = bench();
  it.waits('bolt', 'held', 5, 'set-aside');
  assert.equal((await it.told()).length, 2);
  it.clock.jump(HOUR);
  it.waits('bolt', 'held', 1, 'set-aside');
  assert.deepEqual(await it.told(), [], 'not in the same window');
  it.clock.jump(3 * HOUR);
  assert.deepEqual(await it.told(), ['it@bolt.test', 'root@ops.test']);
  for (let i = 0; i < 6; i++) {
    it.clock.jump(6 * HOUR);
    assert.deepEqual(await it.told(), [], 'nothing is new');
  }
});

test('H5 H8: who has mail that a fault of ours has held up hears of it while it has not arrived, once, and nobody else does', async () => {
  const it = bench();
  it.putRight.set(Date.UTC(2026, 10, 30, 0), [
    { tenant: 'acme', recipients: 40, unserved: 0 },
    { tenant: 'bolt', recipients: 12, unserved: 7 },
  ]);
  assert.deepEqual(await it.told(), ['it@bolt.test', 'root@ops.test']);
  assert.match(it.textTo('it@bolt.test'), /Held up by a fault of this system[^\n]*: 7\r?\n[\s\S]*goes on by itself/);
  assert.match(it.textTo('root@ops.test'), /: 7\r?\n[\s\S]*holdfast affected --component janitor --from 6h/);
  assert.deepEqual(await it.told(), []);
  it.clock.jump(6 * HOUR);
  assert.deepEqual(await it.told(), [], 'of another window nothing is known');
});

test('H8: where custody is away nobody is forgotten: the rest is told by the next step', async () => {
  const it = bench();
  it.waits('bolt', 'held', 5, 'set-aside');
  it.knobs.fails = true;
  await assert.rejects(it.told());
  it.knobs.fails = false;
  assert.deepEqual(await it.told(), ['it@bolt.test', 'root@ops.test']);
});

test('B3: what waits is counted up to a bound, and the letter says so', async () => {
  const it = bench();
  for (let i = 0; i < 10_600; i++) it.waits('bolt', 'approval', 30);
  await it.told();
  assert.match(it.textTo('it@bolt.test'), /10,000\+/);
});
