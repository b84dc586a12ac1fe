/** What every keeper of `ports/past-mails.ts` promises. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TenantId } from '#/model/index.ts';
import { newMailId, within } from '#/model/index.ts';
import type { PastBatch, PastMails } from '#/ports/index.ts';

/** A keeper under test. `reopen` closes it and opens what it kept; null where nothing outlives the process. */
export interface PastMailsUnderTest extends AsyncDisposable {
  readonly past: PastMails;
  readonly reopen: (() => Promise<PastMails>) | null;
}

/** Empties the keeper behind a test that shares it with others. */
export const FORGET_ALL_PAST = 'DELETE FROM past_batch';

const soon = () => within(30_000);
const NOON = Date.UTC(2026, 10, 21, 12);
const HOUR_MS = 3_600_000;
const PLENTY = { batches: 1_000, bytes: 1_000_000 };
const [ACME, BOLT] = ['acme', 'bolt'] as TenantId[] as [TenantId, TenantId];

/** A batch of mail that was inspected an hour before `hour`, and until then. */
export function pastBatch(hour: number, more: Partial<PastBatch> = {}): PastBatch {
  const to = NOON + hour * HOUR_MS;
  const content = Buffer.from(`mail until ${hour}`);
  return { id: newMailId(to), tenant: ACME, from: to - HOUR_MS, to, mails: 3, missed: 0, content, ...more };
}

/** The suite, for one keeper. */
export function pastMailsContract(keeper: string, open: () => Promise<PastMailsUnderTest>): void {
  const titled = (title: string, work: (given: PastMailsUnderTest) => Promise<void>): void => {
    test(`${title} (${keeper})`, async () => {
      await using given = await open();
      await work(given);
    });
  };
  const hoursOf = async (past: PastMails, since = -1_000, tenant = ACME) =>
    (await past.read(tenant, NOON + since * HOUR_MS, null, 1_000, soon())).map(({ to }) => (to - NOON) / HOUR_MS);

  titled(
    'H1: a batch comes back octet for octet, once however often it is kept, also after a restart',
    async (given) => {
      const batch = pastBatch(0, { missed: 2, content: Buffer.from([0, 255, 13, 10]) });
      assert.equal(await given.past.keep(batch, PLENTY, soon()), true);
      assert.equal(await given.past.keep(batch, PLENTY, soon()), true);
      const past = given.reopen === null ? given.past : await given.reopen();
      const [read, ...more] = await past.read(ACME, NOON, null, 10, soon());
      assert.deepEqual({ ...read, content: Buffer.from(read?.content ?? []) }, batch);
      assert.equal(more.length, 0);
    },
  );

  titled('H1: batches are read newest first, page by page, as far back as is asked', async ({ past }) => {
    for (const hour of [1, 2, 3, 4]) await past.keep(pastBatch(hour), PLENTY, soon());
    assert.deepEqual(await hoursOf(past), [4, 3, 2, 1]);
    assert.deepEqual(await hoursOf(past, 2.5), [4, 3]);
    const [, third] = await past.read(ACME, NOON, null, 2, soon());
    const rest = await past.read(ACME, NOON, third?.id ?? '', 10, soon());
    assert.deepEqual(
      rest.map(({ to }) => to),
      [NOON + 2 * HOUR_MS, NOON + HOUR_MS],
    );
  });

  titled('H1: no tenant reads, fills or drops what is another one’s', async ({ past }) => {
    const one = { ...PLENTY, batches: 1 };
    assert.equal(await past.keep(pastBatch(1), one, soon()), true);
    assert.equal(await past.keep(pastBatch(2), one, soon()), false, 'it has as much as it may');
    assert.equal(await past.keep(pastBatch(3, { tenant: BOLT }), one, soon()), true);
    assert.equal(await past.keep(pastBatch(4, { tenant: BOLT }), { ...PLENTY, bytes: 60 }, soon()), false);
    assert.deepEqual(await hoursOf(past, -9, BOLT), [3]);
    assert.equal(await past.drop(BOLT, 10, soon()), 1);
    assert.deepEqual([await hoursOf(past), await hoursOf(past, -9, BOLT)], [[1], []]);
  });

  titled('H1: what is old goes, and of tenants with too much the oldest, in steps', async ({ past }) => {
    for (const hour of [1, 2, 3, 4, 5, 6, 7, 8]) await past.keep(pastBatch(hour), PLENTY, soon());
    await past.keep(pastBatch(9, { tenant: BOLT }), PLENTY, soon());
    assert.equal(await past.forget(NOON + 2.5 * HOUR_MS, PLENTY, 1, soon()), 1);
    assert.equal(await past.forget(NOON + 2.5 * HOUR_MS, PLENTY, 10, soon()), 1);
    assert.deepEqual(await hoursOf(past), [8, 7, 6, 5, 4, 3]);
    assert.equal(await past.forget(0, { ...PLENTY, batches: 4 }, 10, soon()), 3, 'it leaves room');
    assert.deepEqual([await hoursOf(past), await hoursOf(past, 0, BOLT)], [[8, 7, 6], [9]]);
    assert.equal(await past.forget(0, { ...PLENTY, bytes: 60 }, 10, soon()), 2);
    assert.deepEqual([await hoursOf(past), await hoursOf(past, 0, BOLT)], [[8], [9]]);
    assert.equal(await past.forget(0, { ...PLENTY, bytes: 60 }, 10, soon()), 0);
  });

  titled('B3: a call whose time is over is refused', async ({ past }) => {
    if (keeper === 'memory') return;
    await assert.rejects(past.keep(pastBatch(1), PLENTY, within(-1)), { code: 'call.late' });
  });
}
