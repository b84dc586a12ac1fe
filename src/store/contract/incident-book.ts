/** What every keeper of `ports/incident-book.ts` promises. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IncidentEntry, IncidentId, MailAddress, MailId, TenantId } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import type { AskLimits, IncidentBook, IncidentWriting, NewLetter, SubscriberWish } from '#/ports/index.ts';

/** A keeper under test. `reopen` closes it and opens what it kept; null where nothing outlives the process. */
export interface IncidentsUnderTest extends AsyncDisposable {
  readonly book: IncidentBook;
  readonly reopen: (() => Promise<IncidentBook>) | null;
}

const soon = () => within(30_000);
const NOON = Date.UTC(2026, 10, 21, 12);
let writings = 0;
let letters = 0;

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
export const FORGET_ALL_INCIDENTS =
  'DELETE FROM incident; DELETE FROM incident_entry; DELETE FROM incident_file_part; DELETE FROM change_note; DELETE FROM incident_told; DELETE FROM incident_letter; DELETE FROM subscriber;';

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

  titled('C3: what happened is noted once for its key, and told by the time at which it happened', async ({ book }) => {
    const note = (key: string, minutes: number) => ({
      key,
      at: NOON + minutes * 60_000,
      by: 'host/inspect',
      what: key,
    });
    for (const one of [note('b', 2), note('a', 1), note('b', 9), note('c', 3)]) await book.note(one, soon());
    const keys = async (from: number, to: number, limit = 10) =>
      (await book.notes({ from: NOON + from * 60_000, to: NOON + to * 60_000 }, limit, soon())).map(({ key }) => key);
    assert.deepEqual(await keys(0, 10), ['a', 'b', 'c']);
    assert.deepEqual(await keys(1, 3), ['a', 'b'], 'its end is outside');
    assert.deepEqual(await keys(0, 10, 2), ['b', 'c'], 'the newest of more');
    await book.forgetNotes(NOON + 3 * 60_000, soon());
    assert.deepEqual(await keys(0, 10), ['c']);
  });

  titled(
    'H8: each contact is owed one letter for each update, however often it is asked; who takes one has it alone',
    async ({ book }) => {
      const id = '20261121-01' as IncidentId;
      await book.append(writing(id, 0, { entries: [entry({ kind: 'opened' }), entry()] }), soon());
      assert.deepEqual(await book.untold(10, soon()), [{ id, looked: 0 }]);
      const letter = (n: number, address: string): NewLetter => {
        letters += 1;
        return {
          ...{ id: `01M6Z0V6K8Q4${String(letters).padStart(4, '0')}` as MailId, n, tenant: 'acme' as TenantId },
          ...{ address: address as MailAddress, madeAt: NOON, subscriber: null },
        };
      };
      await book.owe(id, null, [letter(1, 'it@acme.test')], soon());
      await book.owe(id, 1, [letter(1, 'IT@acme.test'), letter(2, 'it@acme.test')], soon());
      assert.deepEqual(await book.untold(10, soon()), [{ id, looked: 1 }]);
      await book.owe(id, 2, [], soon());
      await book.owe(id, 1, [], soon());
      assert.deepEqual(await book.untold(10, soon()), [], 'what was looked at stays so');
      assert.deepEqual(await book.take(NOON - 1, NOON, 10, soon()), [], 'not due yet');
      const turns = await Promise.all([1, 2].map(() => book.take(NOON, NOON + 60_000, 10, soon())));
      const all = turns.flat();
      const taken = all.map(({ n, address, state }) => `${n} ${address} ${state}`).sort();
      assert.deepEqual(taken, ['1 it@acme.test due', '2 it@acme.test due']);
      const [first, second] = all;
      await book.done(first?.id as MailId, 'sent', soon());
      const again = await book.take(NOON + 60_000, NOON + 120_000, 10, soon());
      assert.deepEqual(
        again.map((one) => one.id),
        [second?.id],
        'one that nobody noted comes again',
      );
      assert.deepEqual((await book.letters(NOON, 10, soon())).map(({ state }) => state).sort(), ['due', 'sent']);
      assert.deepEqual(await book.letters(NOON + 1, 10, soon()), []);
    },
  );

  titled(
    'B8: a subscriber who can’t be told is tried ever more rarely, a contact as often as before',
    async ({ book }) => {
      const id = '20261121-01' as IncidentId;
      const minutes = (n: number): number => NOON + n * 60_000;
      const owed = (name: string, subscriber: string | null): NewLetter => {
        letters += 1;
        const key = `01M6Z0V6K8Q4${String(letters).padStart(4, '0')}` as MailId;
        return {
          ...{ id: key, n: 1, tenant: 'acme' as TenantId },
          ...{ address: `${name}@acme.test` as MailAddress, madeAt: NOON, subscriber },
        };
      };
      await book.owe(id, 1, [owed('it', null), owed('taro', 'some-subscriber')], soon());
      const taken = async (at: number) =>
        (await book.take(minutes(at), minutes(at + 2), 10, soon()))
          .map(({ address }) => address.replace('@acme.test', ''))
          .sort();
      assert.deepEqual(await taken(10), ['it', 'taro']);
      assert.deepEqual(await taken(12), ['it']);
      assert.deepEqual(await taken(22), ['it', 'taro'], 'as long again as it has waited');
      assert.deepEqual(await taken(300), ['it', 'taro']);
      assert.deepEqual(await taken(331), ['it']);
      assert.deepEqual(await taken(333), ['it', 'taro'], 'half an hour at most');
    },
  );

  titled(
    'B8: whoever asks to be told is asked once a day, confirms, and ends it; strangers learn nothing of others',
    async ({ book }) => {
      const limits: AskLimits = { againMs: 1_000, perWindow: 5, windowMs: 1_000, total: 6 };
      const wish = (address: string, at: number, more: Partial<SubscriberWish> = {}): SubscriberWish => {
        letters += 1;
        const id = `00000000-0000-4000-8000-${String(letters).padStart(12, '0')}`;
        return {
          id,
          address: address as MailAddress,
          webhook: null,
          language: 'ja',
          components: ['delivery'],
          at,
          ...more,
        };
      };
      const first = wish('Hanako@example.test', NOON);
      assert.equal(await book.subscribe(first, limits, soon()), 'asked');
      assert.equal(await book.subscribe(wish('hanako@EXAMPLE.test', NOON + 500), limits, soon()), 'wait');
      assert.deepEqual(await book.subscriber(first.id, soon()), { ...first, state: 'asked' });
      assert.deepEqual(await book.subscribers({ after: '', all: false }, 10, soon()), []);
      assert.deepEqual(
        [await book.confirm(first.id, NOON, soon()), await book.confirm(first.id, NOON, soon())],
        [true, false],
      );
      assert.equal(await book.subscribe(wish('hanako@example.test', NOON + 9_000), limits, soon()), 'known');
      const hook = wish('hanako@example.test', NOON + 9_000, { webhook: 'https://example.test/hook' });
      assert.equal(await book.subscribe(hook, limits, soon()), 'asked', 'another place to tell');
      assert.deepEqual(
        (await book.subscribers({ after: '', all: true }, 10, soon())).map(({ id }) => id),
        [first.id, hook.id],
      );
      assert.deepEqual(
        [await book.answered(hook.id, false, soon()), await book.answered(hook.id, false, soon())],
        [1, 2],
      );
      assert.equal(await book.answered(hook.id, true, soon()), 0);
      assert.deepEqual(
        [await book.unsubscribe(first.id, NOON, soon()), await book.unsubscribe(first.id, NOON, soon())],
        [true, false],
      );
      const again = wish('hanako@example.test', NOON + 20_000);
      assert.equal(await book.subscribe(again, limits, soon()), 'asked', 'who ended it may come back');
      assert.equal(await book.subscriber(first.id, soon()), null, 'and an old link is none');
      await book.forgetSubscribers(NOON + 10_000, soon());
      assert.deepEqual(
        (await book.subscribers({ after: '', all: true }, 10, soon())).map(({ id }) => id),
        [again.id],
      );
    },
  );

  titled(
    'design 6: who is erased is told nothing more, and what they were told names them no more',
    async ({ book }) => {
      const [taro, bob] = ['taro@example.test', 'bob@example.test'];
      const person = { addresses: [taro, 't@example.test'], pseudonym: 'erased-1@erased.invalid' };
      const limits = { againMs: 0, perWindow: 100, windowMs: 1_000, total: 100 };
      for (const [i, name] of ['Taro@example.test', 't@example.test', bob].entries()) {
        const address = name as MailAddress;
        const wish = { webhook: null, language: 'en', components: [], id: `s${i}`, address, at: NOON } as const;
        await book.subscribe(wish, limits, soon());
        const made = { tenant: 'acme' as TenantId, subscriber: null, address, madeAt: NOON };
        const letters = [1, 2].map((n) => ({ ...made, id: `01M6Z0V6K8Q3000${i}-${n}` as MailId, n }));
        await book.owe('20261121-01' as IncidentId, null, letters, soon());
        await book.done(letters[0]?.id ?? ('' as MailId), 'sent', soon());
      }
      assert.deepEqual(await book.eraseTold(person, soon()), { subscriptions: 2, letters: 4 });
      assert.deepEqual(await book.eraseTold(person, soon()), { subscriptions: 0, letters: 0 });
      assert.deepEqual(
        (await book.subscribers({ after: '', all: true }, 10, soon())).map(({ address }) => address),
        [bob],
      );
      const letters = await book.letters(0, 10, soon());
      assert.deepEqual(letters.map(({ address, state }) => `${address} ${state}`).sort(), [
        ...[`${bob} due`, `${bob} sent`],
        ...['erased-1@erased.invalid sent', 'erased-1@erased.invalid sent'],
      ]);
    },
  );

  titled('B8: floods are refused: so many questions in a window, and so many subscribers in all', async ({ book }) => {
    const ask = async (name: string, at: number, limits: Partial<AskLimits>) => {
      letters += 1;
      const wish = {
        id: `00000000-0000-4000-8000-${String(letters).padStart(12, '0')}`,
        address: `${name}@example.test` as MailAddress,
      };
      const all = { againMs: 1_000, perWindow: 100, windowMs: 1_000, total: 100, ...limits };
      return await book.subscribe({ ...wish, webhook: null, language: 'en', components: [], at }, all, soon());
    };
    const first = await Promise.all(['a', 'b'].map((name) => ask(name, NOON, { perWindow: 2 })));
    assert.deepEqual(first, ['asked', 'asked']);
    assert.equal(await ask('c', NOON + 500, { perWindow: 2 }), 'full');
    assert.equal(await ask('c', NOON + 1_001, { perWindow: 2 }), 'asked');
    assert.equal(await ask('d', NOON + 5_000, { total: 3 }), 'full');
    assert.equal(await ask('E+one', NOON + 9_000, {}), 'asked');
    assert.equal(await ask('e+two', NOON + 9_500, {}), 'wait', 'one mailbox by many names');
  });
}
