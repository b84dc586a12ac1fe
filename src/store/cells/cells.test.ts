import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ArrivedMail, type MailId, PROBE_TENANT, type TenantId, within } from '#/model/index.ts';
import type { AffectedPage, RecipientPlace } from '#/ports/index.ts';
import { FakeIntake } from '#/testkit/index.ts';
import { domainKeysContract } from '../contract/domain-keys.ts';
import { mail, settlementOf, soon, worker } from '../contract/samples.ts';
import { ACME, BOLT, settledCells } from './fixture.ts';
import { cellsBlobs, cellsCustody, cellsDomainKeys, cellsIntake, cellsJournal } from './index.ts';

/** Two mails of acme and two of bolt, taken in turn. */
async function withMail() {
  const all = await settledCells();
  const custody = cellsCustody(all.cells);
  const mails: ArrivedMail[] = [];
  for (const { id: tenant } of [ACME, BOLT, ACME, BOLT]) {
    all.clock.ms += 1_000;
    const one = mail(all.clock, { tenant });
    await custody.accept([one], null, soon());
    mails.push(one);
  }
  return { ...all, custody, journal: cellsJournal(all.cells), mails, ids: mails.map(({ id }) => id) };
}

function idsOf(found: readonly { readonly id: MailId }[]): readonly MailId[] {
  return found.map(({ id }) => id);
}

test('design 4: mail is accepted into the cell of its tenant and no other', async () => {
  const { east, west, ids } = await withMail();
  const inCell = async (cell: typeof east) => idsOf((await cell.inside.journal.queue({}, null, 9, soon())).items);
  assert.deepEqual(await inCell(east), [ids[0], ids[2]]);
  assert.deepEqual(await inCell(west), [ids[1], ids[3]]);
});

test('design 4: lists of all cells are one list in order, and paged without a gap', async () => {
  const { journal, ids } = await withMail();
  assert.deepEqual(idsOf(await journal.trace({}, 3, soon())), ids.toReversed().slice(0, 3));
  for (const limit of [1, 2, 3, 4]) {
    const seen: MailId[] = [];
    let after: MailId | null = null;
    do {
      const page: Awaited<ReturnType<typeof journal.queue>> = await journal.queue({}, after, limit, soon());
      assert.ok(page.items.length <= limit);
      seen.push(...idsOf(page.items));
      after = page.next;
    } while (after !== null);
    assert.deepEqual(seen, ids, `by ${limit}`);
  }
});

test('H6: affected mail of all cells is one list in order, paged without a gap, and one row of counts a tenant', async () => {
  const { journal, ids, mails, west } = await withMail();
  const query = { from: 0, to: Number.MAX_SAFE_INTEGER };
  assert.deepEqual(await journal.affectedCounts(query, soon()), [
    { tenant: ACME.id, messages: 2, recipients: 2, unserved: 2 },
    { tenant: BOLT.id, messages: 2, recipients: 2, unserved: 2 },
  ]);
  for (const limit of [1, 2, 3, 4]) {
    const seen: MailId[] = [];
    for (let after: RecipientPlace | null = null, more = true; more; more = after !== null) {
      const page: AffectedPage = await journal.affected(query, after, limit, soon());
      assert.ok(page.items.length <= limit);
      seen.push(...page.items.map(({ message }) => message));
      after = page.next;
    }
    assert.deepEqual(seen, ids, `by ${limit}`);
  }
  west.away = true;
  await assert.rejects(journal.affectedCounts(query, soon()), { code: 'store.unavailable' });
  await assert.rejects(journal.affected(query, null, 9, soon()), { code: 'store.unavailable' });
  const [own] = (await journal.affected({ ...query, tenant: ACME.id }, null, 1, soon())).items;
  assert.equal(own?.message, mails[0]?.id);
});

test('design 4: a list that a cell is missing from is an error that names it; what another cell has is found', async () => {
  const { west, journal, custody, ids, mails } = await withMail();
  west.away = true;
  for (const list of [
    journal.trace({}, 9, soon()),
    journal.queue({ state: 'queued' }, null, 9, soon()),
    journal.trace({ ids: [ids[0], ids[1]] as MailId[] }, 9, soon()),
    journal.queue({ tenant: BOLT.id }, null, 9, soon()),
    custody.recount(soon()),
    custody.books(soon()),
    custody.sweep(soon()),
    custody.body(ids[1] as MailId, soon()),
  ])
    await assert.rejects(list, /the cell west/);
  assert.deepEqual(idsOf(await journal.trace({ ids: [ids[0]] as MailId[] }, 9, soon())), [ids[0]]);
  assert.deepEqual(idsOf((await journal.queue({ tenant: ACME.id }, null, 9, soon())).items), [ids[0], ids[2]]);
  assert.equal((await custody.body(ids[2] as MailId, soon())).size, mails[2]?.size);
});

test('design 4: an act on all mail is done in all cells or in none; one on a message where it is', async () => {
  const { east, west, custody, ids } = await withMail();
  const hold = { kind: 'hold', until: Number.MAX_SAFE_INTEGER, atEnd: 'expire' } as const;
  west.away = true;
  await assert.rejects(custody.act(hold, {}, 'cli:root', 9, soon()), /the cell west/);
  assert.equal((await east.inside.custody.books(soon()))[0]?.held, 0, 'nothing was done');
  assert.deepEqual((await custody.act(hold, { ids: [ids[0]] as MailId[] }, 'cli:root', 9, soon())).messages, [ids[0]]);
  west.away = false;
  let [hit, steps, more] = [0, 0, true];
  for (; more; steps++) {
    const step = await custody.act(hold, {}, 'cli:root', 2, soon());
    assert.ok(step.recipients <= 2);
    hit += step.recipients;
    more = step.more && steps < 9;
  }
  assert.deepEqual([hit, steps], [3, 2], 'one was held before');
});

test('design 4: what an operator bounces is claimed and settled in its cell', async () => {
  const { west, custody, ids } = await withMail();
  const who = worker('cli');
  await west.inside.custody.enlist(who, soon());
  const request = { kind: 'named', filter: { ids: [ids[1]] as MailId[] }, limit: 9 } as const;
  const [claim] = await custody.claim(request, who.id, soon());
  assert.ok(claim);
  assert.equal(claim.mail.id, ids[1]);
  const dropped = { kind: 'discarded', reason: 'not wanted' } as const;
  assert.deepEqual(await custody.settle(settlementOf(claim, dropped), who.id, soon()), ['settled']);
  const books = await custody.recount(soon());
  assert.ok(books.every(({ balanced }) => balanced));
  assert.deepEqual(
    books.map((count) => [count.books.tenant, count.books.discarded]),
    [
      ['acme', 0],
      ['bolt', 1],
    ],
  );
});

test('design 4: a scrub goes through all cells; claims and leases are of one', async () => {
  const { custody, west } = await withMail();
  const seen: (string | null)[] = [];
  for (let after: MailId | null = null, i = 0; i < 9; i++) {
    const step: Awaited<ReturnType<typeof custody.scrub>> = await custody.scrub(after, 9, soon());
    seen.push(step.next);
    after = step.next;
    if (after === null) break;
  }
  assert.deepEqual(seen, ['west/', null]);
  west.away = true;
  await assert.rejects(custody.scrub('west/' as MailId, 9, soon()), /the cell west/);
  await assert.rejects(custody.beats(soon()), /of one cell/);
  await assert.rejects(custody.claim({ kind: 'held', now: 1, limit: 1 }, worker('x').id, soon()), /of one cell/);
});

test('H3: the door of a tenant is that of its cell: closed while it is away, and nobody else’s is', async () => {
  const { cells, clock } = await settledCells();
  const doors = new Map([
    ['east', new FakeIntake()],
    ['west', new FakeIntake()],
  ]);
  const intake = cellsIntake(cells, (name) => doors.get(name) ?? null);
  await intake.accept([mail(clock, { tenant: BOLT.id })], soon());
  assert.deepEqual([doors.get('east')?.calls, doors.get('west')?.calls], [0, 1]);
  doors.delete('west');
  assert.deepEqual(intake.room(BOLT.id), { open: false, why: 'store' });
  assert.deepEqual(intake.room('nobody' as TenantId), { open: false, why: 'store' });
  assert.deepEqual([intake.room(), intake.room(ACME.id), intake.room(PROBE_TENANT)], Array(3).fill({ open: true }));
  await assert.rejects(intake.accept([mail(clock, { tenant: BOLT.id })], soon()), /the cell west/);
  const both = [mail(clock, { tenant: BOLT.id }), mail(clock, { tenant: ACME.id })];
  await assert.rejects(intake.accept(both, soon()), /of one cell/);
  (doors.get('east') as FakeIntake).open = { open: false, why: 'disk' };
  assert.deepEqual(intake.room(), { open: false, why: 'disk' });
});

test('design 4: large content is in the cell of its tenant', async () => {
  const { cells, west } = await settledCells();
  const blobs = cellsBlobs(cells);
  const writer = await blobs.create(BOLT.id, soon());
  await writer.write(Buffer.from('large'));
  const ref = await writer.finish();
  assert.ok(await west.inside.blobs.has(BOLT.id, ref, soon()));
  assert.equal(await blobs.has(ACME.id, ref, within(1_000)), false);
  const read: string[] = [];
  for await (const piece of blobs.read(BOLT.id, ref, soon())) read.push(Buffer.from(piece).toString());
  assert.equal(read.join(''), 'large');
  west.away = true;
  await assert.rejects(blobs.create(BOLT.id, soon()), /the cell west/);
});

test('design 4: a page that ends early in one cell hides nothing that stands behind it there', async () => {
  const { east, journal, ids } = await withMail();
  east.pageMax = 1;
  const seen: MailId[] = [];
  let after: MailId | null = null;
  do {
    const page: Awaited<ReturnType<typeof journal.queue>> = await journal.queue({}, after, 9, soon());
    seen.push(...idsOf(page.items));
    after = page.next;
  } while (after !== null);
  assert.deepEqual(seen, ids);
});

domainKeysContract('cells', async () => {
  const { cells } = await settledCells();
  return { domainKeys: cellsDomainKeys(cells), [Symbol.asyncDispose]: async () => {} };
});
