/** What every keeper of `ports/people-book.ts` promises. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import type { TenantId } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import {
  PARTS_PER_CALL,
  type PeopleBook,
  type PeopleEntry,
  type PeopleIndex,
  type PeoplePart,
  type PeopleStand,
} from '#/ports/index.ts';

/** A keeper under test. `reopen` closes it and opens what it kept, `another` opens it beside; null where nothing outlives the process. */
export interface PeopleBookUnderTest extends AsyncDisposable {
  readonly book: PeopleBook;
  readonly reopen: (() => Promise<PeopleBook>) | null;
  readonly another: (() => Promise<PeopleBook>) | null;
}

/** Empties the tables of one keeper behind a test. */
export const FORGET_PEOPLE =
  'DELETE FROM people_part; DELETE FROM people_generation; DELETE FROM people_stand; ' +
  'DELETE FROM push; DELETE FROM push_member; DELETE FROM push_open; DELETE FROM push_secret';

const HOUR_MS = 3_600_000;
const T0 = Date.UTC(2026, 11, 1);
const ACME = 'acme' as TenantId;
const BOLT = 'bolt' as TenantId;
const soon = () => within(30_000);

function part(text: string): PeoplePart {
  return { hash: hash('sha256', text, 'hex'), octets: Buffer.from(text) };
}

function entry(id: string, at: number, more: Partial<PeopleEntry> = {}): PeopleEntry {
  const counts = { people: 3, groups: 1, attributes: { displayName: 3, jobTitle: 1 } };
  return {
    tenant: ACME,
    id,
    source: 'csv',
    at,
    by: 'cli:root',
    ...counts,
    refused: [],
    remarks: ['One line.'],
    ...more,
  };
}

function index(people: readonly PeoplePart[], more: Partial<PeopleIndex> = {}): PeopleIndex {
  return { people: people.map((one) => one.hash), groups: [], photos: [], ...more };
}

function stand(current: string | null, since: number, more: Partial<PeopleStand> = {}): PeopleStand {
  return { current, since, by: 'cli:root', reason: null, before: null, confirmedAt: since, trouble: null, ...more };
}

/** The suite, for one keeper. */
export function peopleBookContract(keeper: string, open: () => Promise<PeopleBookUnderTest>): void {
  const titled = (title: string, work: (given: PeopleBookUnderTest) => Promise<void>): void => {
    test(`${title} (${keeper})`, async () => {
      await using given = await open();
      await work(given);
    });
  };

  titled('C5: a generation comes back whole, of its tenant alone, also after it was opened again', async (given) => {
    const parts = Array.from({ length: PARTS_PER_CALL + 3 }, (_, i) => part(`part ${i}`));
    const [photo, groups] = [part('photo'), part('groups')];
    const all = [...parts, photo, groups];
    for (let from = 0; from < all.length; from += PARTS_PER_CALL)
      await given.book.keep(ACME, all.slice(from, from + PARTS_PER_CALL), T0, soon());
    const kept = entry('g1', T0, { refused: ['Too few.'], attributes: { 部署: 1 } });
    const itsIndex = index(parts, { groups: [groups.hash], photos: [photo.hash] });
    await given.book.add(kept, itsIndex, soon());
    await given.book.add({ ...kept, people: 99 }, itsIndex, soon());
    const book = given.reopen === null ? given.book : await given.reopen();
    assert.deepEqual(await book.find(ACME, 'g1', soon()), { entry: kept, index: itsIndex });
    assert.equal(await book.find(BOLT, 'g1', soon()), null);
    const hashes = [...parts.slice(0, 10).map((one) => one.hash), part('never').hash, photo.hash];
    const texts = (await book.parts(ACME, hashes, soon())).map((octets) => octets && Buffer.from(octets).toString());
    assert.deepEqual(texts, [...parts.slice(0, 10).map((_, i) => `part ${i}`), null, 'photo']);
    assert.deepEqual(await book.parts(BOLT, [photo.hash], soon()), [null]);
    assert.deepEqual(await book.parts(ACME, [], soon()), []);
    const present = await book.present(ACME, [...parts.map((one) => one.hash), part('never').hash], T0, soon());
    assert.equal(present.size, parts.length);
    assert.deepEqual(await book.tenants(soon()), [ACME]);
  });

  titled(
    'C5: a generation serves from one switch to the next, and nobody switches what has moved meanwhile',
    async ({ book }) => {
      for (const id of ['g1', 'g2', 'g3']) await book.add(entry(id, T0), index([]), soon());
      assert.equal(await book.stand(ACME, soon()), null);
      assert.ok(await book.serve(ACME, null, stand('g1', T0), soon()));
      assert.equal(await book.serve(ACME, null, stand('g2', T0 + 1), soon()), false, 'another one serves');
      assert.equal(await book.serve(ACME, 'g3', stand('g2', T0 + 1), soon()), false);
      assert.equal(await book.serve(ACME, 'g1', stand('never', T0 + 1), soon()), false, 'it is not there');
      assert.equal(await book.serve(BOLT, 'g1', stand(null, T0 + 1), soon()), false, 'nothing served there');
      const second = stand('g2', T0 + 1, { before: 'g1', reason: 'A look was fine.', by: 'alice@acme.test' });
      assert.ok(await book.serve(ACME, 'g1', second, soon()));
      assert.deepEqual(await book.stand(ACME, soon()), second);
      assert.deepEqual(await book.stands(soon()), [{ tenant: ACME, ...second }]);
      assert.ok(await book.serve(ACME, 'g2', stand(null, T0 + 2, { before: 'g2' }), soon()));
      assert.ok(await book.serve(ACME, null, stand('g3', T0 + 3), soon()), 'back from the resources');
      assert.equal((await book.stand(ACME, soon()))?.current, 'g3');
    },
  );

  titled('C5: what a source was last able to give, and why not since, stands with what serves', async ({ book }) => {
    await book.tried(ACME, T0, 'nobody', soon());
    assert.equal(await book.stand(ACME, soon()), null, 'nothing was loaded');
    await book.add(entry('g1', T0), index([]), soon());
    await book.serve(ACME, null, stand('g1', T0), soon());
    await book.tried(ACME, T0 + 5, 'The file broke off.', soon());
    assert.deepEqual(await book.stand(ACME, soon()), stand('g1', T0, { trouble: 'The file broke off.' }));
    await book.tried(ACME, T0 + 9, null, soon());
    assert.deepEqual(await book.stand(ACME, soon()), stand('g1', T0, { confirmedAt: T0 + 9 }));
    await book.tried(ACME, T0 + 7, null, soon());
    assert.equal((await book.stand(ACME, soon()))?.confirmedAt, T0 + 9, 'what comes late makes nothing older');
  });

  titled('C5: generations are listed newest first', async ({ book }) => {
    for (const [i, id] of ['b', 'a', 'c'].entries()) await book.add(entry(id, T0 + i), index([]), soon());
    await book.add(entry('other', T0 + 9, { tenant: BOLT }), index([]), soon());
    const ids = async (limit: number) => (await book.list(ACME, limit, soon())).map(({ id }) => id);
    assert.deepEqual(await ids(10), ['c', 'a', 'b']);
    assert.deepEqual(await ids(2), ['c', 'a']);
  });

  titled(
    'C5: old generations go, but not what serves, nor a part that another one names, nor what is just being loaded',
    async ({ book }) => {
      const [shared, old, young, loading, dead] = ['shared', 'old', 'young', 'loading', 'dead'].map(part) as [
        PeoplePart,
        ...[PeoplePart, PeoplePart, PeoplePart, PeoplePart],
      ];
      await book.keep(ACME, [shared, old, dead], T0, soon());
      await book.keep(BOLT, [old], T0, soon());
      await book.add(entry('g1', T0), index([shared, old]), soon());
      await book.add(entry('g2', T0 + 1), index([shared]), soon());
      await book.serve(ACME, null, stand('g2', T0 + 1), soon());
      const later = T0 + 100 * HOUR_MS;
      await book.keep(ACME, [young, loading], later, soon());
      await book.add(entry('g3', later), index([young]), soon());
      const bounds = { keep: 1, before: later - HOUR_MS, unusedSince: later - HOUR_MS };
      assert.deepEqual(
        await book.prune(ACME, { ...bounds, keep: 3 }, soon()),
        { generations: 0, parts: 1 },
        'what a dead loader left',
      );
      assert.deepEqual(await book.prune(ACME, bounds, soon()), { generations: 1, parts: 1 });
      assert.deepEqual(
        (await book.list(ACME, 9, soon())).map(({ id }) => id),
        ['g3', 'g2'],
      );
      const left = await book.present(
        ACME,
        [shared, old, young, loading, dead].map((one) => one.hash),
        later,
        soon(),
      );
      assert.deepEqual(left, new Set([shared, young, loading].map((one) => one.hash)));
      assert.equal((await book.present(BOLT, [old.hash], later, soon())).size, 1, 'another tenant');
    },
  );

  titled(
    'C5: a generation that has just ceased to serve, or was named again, stays for as long as mail may wait',
    async ({ book }) => {
      for (const id of ['g1', 'g2', 'g3', 'g4']) await book.add(entry(id, T0), index([]), soon());
      await book.serve(ACME, null, stand('g1', T0), soon());
      const later = T0 + 100 * HOUR_MS;
      await book.serve(ACME, 'g1', stand('g2', later), soon());
      await book.add(entry('g3', later), index([]), soon());
      await book.prune(ACME, { keep: 1, before: later - HOUR_MS, unusedSince: 0 }, soon());
      assert.deepEqual((await book.list(ACME, 9, soon())).map(({ id }) => id).sort(), ['g1', 'g2', 'g3']);
    },
  );

  titled('C5: several processes keep the same parts at once, and one of them switches', async (given) => {
    if (given.another === null) return;
    await using other = await given.another();
    const parts = Array.from({ length: 40 }, (_, i) => part(`p${i}`));
    const books = [given.book, other];
    await Promise.all(books.map((book, i) => book.keep(ACME, i === 0 ? parts : parts.toReversed(), T0, soon())));
    await Promise.all(books.map((book) => book.add(entry('g1', T0), index(parts), soon())));
    const switched = await Promise.all(books.map((book) => book.serve(ACME, null, stand('g1', T0), soon())));
    assert.equal(switched.filter(Boolean).length, 1);
    assert.equal((await other.stand(ACME, soon()))?.current, 'g1');
  });
}
