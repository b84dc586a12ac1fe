/** What every keeper of `ports/incident-book.ts` promises. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IncidentEntry, IncidentId } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import type { IncidentBook, IncidentWriting } from '#/ports/index.ts';

/** A keeper under test. `reopen` closes it and opens what it kept; null where nothing outlives the process. */
export interface IncidentsUnderTest extends AsyncDisposable {
  readonly book: IncidentBook;
  readonly reopen: (() => Promise<IncidentBook>) | null;
}

const soon = () => within(30_000);
const NOON = Date.UTC(2026, 10, 21, 12);
let writings = 0;

function entry(more: Partial<IncidentEntry> = {}): IncidentEntry {
  return { kind: 'updated', at: NOON, by: 'root@example.test', text: { en: 'Mail is slow.', ja: '' }, ...more };
}

function writing(id: string, expected: number, more: Partial<IncidentWriting> = {}): IncidentWriting {
  writings += 1;
  return {
    ...{ id: id as IncidentId, kind: 'incident', token: `t${writings}`, expected, open: true },
    entries: [entry({ kind: expected === 0 ? 'opened' : 'updated' })],
    ...more,
  };
}

/** Empties a keeper between two tests. */
export const FORGET_ALL_INCIDENTS = 'DELETE FROM incident; DELETE FROM incident_entry; DELETE FROM incident_file_part;';

/** The suite, for one keeper. */
export function incidentBookContract(keeper: string, open: () => Promise<IncidentsUnderTest>): void {
  const titled = (title: string, work: (given: IncidentsUnderTest) => Promise<void>): void => {
    test(`${title} (${keeper})`, async () => {
      await using given = await open();
      await work(given);
    });
  };

  titled(
    'C3: entries come back as they were written, in order, also after the keeper was opened again',
    async (given) => {
      const first = entry({
        kind: 'opened',
        components: { delivery: 'partial_outage' },
        title: { en: '"x"', ja: '障害' },
      });
      const [second, third] = [entry({ nextUpdateAt: NOON + 1 }), entry({ advice: null })];
      assert.ok(await given.book.append(writing('20261121-01', 0, { entries: [first] }), soon()));
      assert.ok(await given.book.append(writing('20261121-01', 1, { entries: [second, third] }), soon()));
      const book = given.reopen === null ? given.book : await given.reopen();
      const record = await book.load('20261121-01' as IncidentId, soon());
      assert.deepEqual(record, { id: '20261121-01', kind: 'incident', entries: [first, second, third] });
      assert.equal(await book.load('20261121-02' as IncidentId, soon()), null);
    },
  );

  titled(
    'C3: of two who write at once the second one is told, and nothing of what it wrote is kept',
    async ({ book }) => {
      await book.append(writing('20261121-01', 0), soon());
      const both = await Promise.all([1, 2].map(() => book.append(writing('20261121-01', 1), soon())));
      assert.equal(both.filter(Boolean).length, 1);
      assert.equal((await book.load('20261121-01' as IncidentId, soon()))?.entries.length, 2);
      assert.equal(await book.append(writing('20261121-01', 5), soon()), false, 'behind more than there are');
      assert.equal(await book.append(writing('20261121-01', 0), soon()), false, 'one that is there is not made again');
      assert.equal(await book.append(writing('20261121-09', 3), soon()), false, 'one that is not there');
      assert.equal(await book.load('20261121-09' as IncidentId, soon()), null);
    },
  );

  titled('design 4: a writing that is asked for again, since its answer was lost, is one writing', async ({ book }) => {
    const lost = writing('20261121-01', 0);
    assert.deepEqual([await book.append(lost, soon()), await book.append(lost, soon())], [true, true]);
    await book.append(writing('20261121-01', 1), soon());
    assert.ok(await book.append(lost, soon()), 'also when somebody has written behind it');
    assert.equal((await book.load('20261121-01' as IncidentId, soon()))?.entries.length, 2);
  });

  titled('C3: lists are newest first, by kind, by day and by what is open', async ({ book }) => {
    const opened = (hours: number) => [entry({ kind: 'opened', at: NOON + hours * 3_600_000 })];
    await book.append(writing('20261121-01', 0, { entries: opened(0) }), soon());
    await book.append(writing('20261121-02', 0, { entries: opened(2), open: false }), soon());
    await book.append(writing('20261121-03', 0, { entries: opened(1), kind: 'maintenance' }), soon());
    const ids = async (...[filter, limit]: [Parameters<IncidentBook['list']>[0], number?]) =>
      (await book.list(filter, limit ?? 10, soon())).map(({ id }) => id.slice(-2));
    assert.deepEqual(await ids({}), ['02', '03', '01']);
    assert.deepEqual(await ids({}, 2), ['02', '03']);
    assert.deepEqual(await ids({ kind: 'incident' }), ['02', '01']);
    assert.deepEqual(await ids({ open: true }), ['03', '01']);
    assert.deepEqual(await ids({ since: NOON + 3_600_000, open: true }), ['03']);
    await book.append(writing('20261121-01', 1, { open: false }), soon());
    assert.deepEqual(await ids({ open: true, kind: 'incident' }), []);
    const [, , oldest] = await book.list({}, 10, soon());
    assert.equal(oldest?.entries.length, 2, 'with all their entries');
  });

  titled('C4: a file comes back octet for octet; a part that is kept again stays as it was', async ({ book }) => {
    const incident = '20261121-01' as IncidentId;
    const parts = ['%PDF-1.7 ', Buffer.alloc(70_000, 'x').toString(), ' end'];
    for (const [part, text] of [...parts.entries()].toReversed())
      await book.keepPart({ incident, file: 'one', part }, Buffer.from(text), soon());
    await book.keepPart({ incident, file: 'one', part: 1 }, Buffer.from('another'), soon());
    assert.equal(Buffer.from((await book.file(incident, 'one', soon())) ?? []).toString(), parts.join(''));
    assert.equal(await book.file(incident, 'two', soon()), null);
    assert.equal(await book.file('20261121-02' as IncidentId, 'one', soon()), null, 'of another incident');
  });
}
