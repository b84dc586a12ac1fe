/** What clients read: views and changes of one moment, rows, the maildrop. */
import assert from 'node:assert/strict';
import type { ModSeq, Uid } from '#/model/index.ts';
import { changesInParts } from './changes-in-parts.ts';
import type { Person } from './mail-samples.ts';
import type { Promised } from './mailboxes.ts';
import { soon } from './samples.ts';

export function reading(promise: Promised): void {
  viewing(promise);
  followingChanges(promise);
  readingRows(promise);
  droppingMail(promise);
}

function viewing(promise: Promised): void {
  promise('O5: a view is whole, rising, and of the moment that it names', async (person) => {
    await person.append('INBOX', {}, {}, {});
    await person.expunge('INBOX', [2]);
    const { id, uidNext, uidValidity, highestModSeq } = await person.mailbox();
    const view = await person.mailboxes.view(person.account, id, soon());
    assert.ok(view !== null);
    assert.ok(view.uids instanceof Uint32Array);
    assert.deepEqual(
      { ...view, uids: [...view.uids] },
      { uids: [1, 3], uidNext, uidValidity, highestModSeq, keywords: [] },
    );
  });

  promise(
    'RFC 9051 §7.3.5: a view names the keywords of its mailbox in the order and spelling of their first use',
    async (person) => {
      await person.append('INBOX', { flags: ['\\Seen', '$Junk', 'work'] }, {});
      const id = await person.idOf();
      const keywords = async () => (await person.mailboxes.view(person.account, id, soon()))?.keywords;
      assert.deepEqual(await keywords(), ['$Junk', 'work']);
      await person.mailboxes.flag(
        person.account,
        id,
        [2],
        { how: 'add', flags: ['WORK', 'Play'], unchangedSince: null },
        soon(),
      );
      assert.deepEqual(await keywords(), ['$Junk', 'work', 'Play']);
      await person.expunge('INBOX', [1, 2]);
      assert.deepEqual(await keywords(), ['$Junk', 'work', 'Play'], 'they stay known');
    },
  );

  promise('O5: a view that was handed out stays of its moment', async (person) => {
    await person.append('INBOX', {}, {}, {});
    const id = await person.idOf();
    const view = await person.mailboxes.view(person.account, id, soon());
    const copy = [...(view?.uids ?? [])];
    await person.append('INBOX', {}, {});
    await person.expunge('INBOX', [1]);
    await person.mailboxes.view(person.account, id, soon());
    assert.deepEqual([[...(view?.uids ?? [])], view?.uidNext], [copy, 4]);
  });

  promise('O5: a list of mailboxes is of one moment while messages move between them', async (person) => {
    await person.append('INBOX', ...Array.from({ length: 30 }, () => ({})));
    let moving = true;
    const move = async (): Promise<void> => {
      for (let i = 0; i < 15; i++) {
        const [from, to] = i % 2 === 0 ? ['INBOX', 'Archive'] : ['Archive', 'INBOX'];
        await person.copy(from, await person.uids(from), to, 'move');
      }
      moving = false;
    };
    const look = async (): Promise<void> => {
      while (moving) {
        const list = await person.mailboxes.list(person.account, soon());
        assert.equal(
          list.reduce((sum, { exists }) => sum + exists, 0),
          30,
        );
        const { messages } = await person.mailboxes.usage(person.account, soon());
        assert.equal(messages, 30);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await Promise.all([move(), look()]);
  });

  promise('O5: counts are those of the messages that are there', async (person) => {
    await person.append('INBOX', { flags: ['\\Seen'] }, { flags: ['\\Deleted'] }, {}, {});
    await person.copy('INBOX', [1, 2], 'Sent');
    await person.copy('INBOX', [3], 'Sent', 'move');
    await person.flag('INBOX', [2, 4], 'add', ['\\Seen']);
    await person.expunge('INBOX', [2]);
    for (const name of ['INBOX', 'Sent']) {
      const [mailbox, rows] = [await person.mailbox(name), await person.rows(name)];
      assert.equal(mailbox.exists, rows.length);
      assert.equal(mailbox.unseen, rows.filter(({ flags }) => !flags.includes('\\Seen')).length);
      assert.equal(mailbox.deleted, rows.filter(({ flags }) => flags.includes('\\Deleted')).length);
      assert.equal(
        mailbox.size,
        rows.reduce((sum, { size }) => sum + size, 0),
      );
      assert.ok(rows.every(({ modSeq }) => modSeq <= mailbox.highestModSeq));
    }
  });
}

function followingChanges(promise: Promised): void {
  promise('RFC 7162 §3.2.5: changes are what came, changed and vanished since, and nothing else', async (person) => {
    await person.append('INBOX', {}, {}, {}, {});
    const { id, highestModSeq: since } = await person.mailbox();
    await person.flag('INBOX', [2], 'add', ['\\Seen']);
    await person.expunge('INBOX', [3]);
    await person.append('INBOX', {}, {});
    await person.expunge('INBOX', [6]);
    const changes = await person.mailboxes.changes(person.account, id, { modSeq: since }, soon());
    assert.ok(changes !== null);
    assert.deepEqual(
      changes.changed.map(({ uid, flags }) => [uid, flags]),
      [
        [2, ['\\Seen']],
        [5, []],
      ],
    );
    assert.ok(changes.vanished instanceof Uint32Array);
    assert.deepEqual([...changes.vanished], [3, 6]);
    const { uidNext, highestModSeq } = await person.mailbox();
    assert.deepEqual([changes.uidNext, changes.highestModSeq], [uidNext, highestModSeq]);
    const none = await person.mailboxes.changes(person.account, id, { modSeq: highestModSeq }, soon());
    assert.deepEqual([none?.changed, none?.highestModSeq], [[], highestModSeq]);
    // A client may have seen more of an account that was restored since.
    const ahead = await person.mailboxes.changes(person.account, id, { modSeq: highestModSeq + 1_000 }, soon());
    assert.deepEqual([ahead?.changed, ahead?.highestModSeq], [[], highestModSeq]);
  });

  promise('O4: a long answer comes in parts, which together are the whole', async (person) => {
    await person.append('INBOX', {}, {}, {}, {});
    const { id, highestModSeq: since, uidNext: fresh } = await person.mailbox();
    await person.flag('INBOX', [1, 2, 4], 'add', ['\\Seen']);
    await person.expunge('INBOX', [3]);
    await person.append('INBOX', {}, {}, {});
    await person.flag('INBOX', [1, 5, 6], 'add', ['\\Flagged']);
    const whole = await person.mailboxes.changes(person.account, id, { modSeq: since }, soon());
    assert.deepEqual([whole?.changed.map(({ uid }) => uid), whole?.next], [[1, 2, 4, 5, 6, 7], null]);
    for (const known of [{}, { fresh }]) {
      for (const limit of [1, 2, 4, 5, 6]) {
        const parts = await changesInParts(person.mailboxes, person.account, id, { modSeq: since, limit, ...known });
        assert.deepEqual(
          parts.flatMap(({ changed }) => changed),
          whole?.changed,
        );
        assert.ok(parts.every(({ changed }) => changed.length <= limit));
        assert.deepEqual(
          parts.map(({ vanished }) => [...vanished]),
          parts.map((_, at) => (at === 0 ? [3] : [])),
        );
      }
    }
    const fromTheBegin = await changesInParts(person.mailboxes, person.account, id, { modSeq: 0, limit: 4 });
    assert.deepEqual(
      fromTheBegin.map(({ changed }) => changed.length),
      [4, 2],
    );
  });

  promise(
    'RFC 7162 §3.1.3: what the asker did itself is left out, and what others did to the same messages is not',
    async (person) => {
      await person.append('INBOX', {}, {}, {}, {});
      const { id, highestModSeq: modSeq, uidNext: fresh } = await person.mailbox();
      const own = await person.flag('INBOX', [1, 2, 3], 'add', ['\\Seen']);
      assert.equal((await person.flag('INBOX', [1, 2, 3], 'add', ['\\Seen'])).modSeq, null);
      await person.flag('INBOX', [2], 'add', ['\\Flagged']);
      const late = await person.flag('INBOX', [3, 4], 'add', ['\\Answered']);
      await person.append('INBOX', {});
      const told = [own.modSeq ?? 0, late.modSeq ?? 0];
      for (const since of [
        { modSeq, told },
        { modSeq, told, fresh },
        { modSeq, told, limit: 1 },
      ]) {
        const parts = await changesInParts(person.mailboxes, person.account, id, since);
        assert.deepEqual(
          parts.flatMap(({ changed }) => changed.map(({ uid }) => uid)),
          [2, 5],
        );
      }
    },
  );

  promise('RFC 7162 §3.2.5: what happens elsewhere in the account is no change here', async (person) => {
    await person.append('INBOX', {});
    const { id, highestModSeq } = await person.mailbox();
    await person.append('Sent', {}, {});
    await person.copy('INBOX', [1], 'Archive');
    await person.create('Other');
    const changes = await person.mailboxes.changes(person.account, id, { modSeq: highestModSeq }, soon());
    assert.deepEqual([changes?.changed, changes?.highestModSeq], [[], highestModSeq]);
  });

  promise(
    'RFC 7162 §3.2.5.2: since the begin, vanished names all that is gone and none that lives',
    async (person, clock) => {
      await person.append('INBOX', {}, {}, {}, {}, {});
      await person.expunge('INBOX', [2, 3]);
      await clock.sleep(1);
      await person.purge();
      await person.expunge('INBOX', [5]);
      const changes = await person.mailboxes.changes(person.account, await person.idOf(), { modSeq: 0 }, soon());
      assert.deepEqual(
        changes?.changed.map(({ uid }) => uid),
        [1, 4],
      );
      assert.deepEqual([...(changes?.vanished ?? [])], [2, 3, 5]);
    },
  );

  promise('O5: who follows the changes has the mailbox, whatever happens meanwhile', async (person) => {
    await whoFollows(person, async () => {
      for (let i = 0; i < 12; i++) await oneRound(person, i);
    });
  });
}

/** Follows INBOX by its changes alone while others are busy with it: must have in the end what is there. */
export async function whoFollows(person: Person, others: () => Promise<void>): Promise<void> {
  const id = await person.idOf();
  const replica = new Map<Uid, string>();
  let since: ModSeq = 0;
  const follow = async (): Promise<void> => {
    const changes = await person.mailboxes.changes(person.account, id, { modSeq: since }, soon());
    assert.ok(changes !== null && changes.highestModSeq >= since, 'a modification sequence never falls');
    for (const uid of changes.vanished) replica.delete(uid);
    for (const { uid, modSeq, flags } of changes.changed) {
      assert.ok(modSeq > since && modSeq <= changes.highestModSeq && uid < changes.uidNext, `message ${uid}`);
      assert.ok(!changes.vanished.includes(uid), `${uid} vanished and lives`);
      replica.set(uid, flags.toSorted().join(' '));
    }
    since = changes.highestModSeq;
  };
  let busy = true;
  const work = others().finally(() => {
    busy = false;
  });
  while (busy) {
    await follow();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await work;
  await follow();
  const rows = (await person.rows()).map(({ uid, flags }) => [uid, flags.toSorted().join(' ')] as const);
  assert.deepEqual(
    [...replica].sort(([a], [b]) => a - b),
    rows,
  );
}

/** Some of everything, several at once. */
export async function oneRound(person: Person, i: number): Promise<void> {
  const uids = await person.uids();
  await Promise.all([
    person.append('INBOX', {}, { flags: [`round-${i}`] }, {}),
    person.flag('INBOX', uids.slice(0, 4), i % 2 === 0 ? 'add' : 'remove', ['\\Seen', '\\Flagged']),
    person.copy('INBOX', uids.slice(1, 2), 'Archive', 'move'),
    person.expunge('INBOX', uids.slice(3, 4)),
    person.deliver(i),
  ]);
}

function readingRows(promise: Promised): void {
  promise('RFC 9051 §6.4.5: rows come rising and once, of what lives', async (person) => {
    await person.append('INBOX', {}, {}, {}, {});
    await person.expunge('INBOX', [3]);
    const rows = await person.rows('INBOX', [4, 2, 3, 2, 77, 0, -5, 4]);
    assert.deepEqual(
      rows.map(({ uid }) => uid),
      [2, 4],
    );
    assert.deepEqual(await person.rows('INBOX', []), []);
  });

  promise('B3: rows of more than 1,000 UIDs are refused, never cut short (O5)', async (person) => {
    await person.append('INBOX', {});
    const uids = Array.from({ length: 1_001 }, (_, i) => i + 1);
    await assert.rejects(person.rows('INBOX', uids), { code: 'mailbox.refused' });
    assert.equal((await person.rows('INBOX', uids.slice(0, 1_000))).length, 1);
  });

  promise('B3: numbers that can not be are refused', async (person) => {
    await person.append('INBOX', {});
    const { account, mailboxes } = person;
    const [{ emailId }, id] = [await person.row('INBOX', 1), await person.idOf()];
    for (const wrong of [-1, 0.5, Number.NaN]) {
      const refused = { code: 'mailbox.refused' };
      await assert.rejects(mailboxes.octets(account, emailId, wrong, 1, soon()), refused);
      await assert.rejects(mailboxes.octets(account, emailId, 0, wrong, soon()), refused);
      await assert.rejects(mailboxes.purge(account, 0, wrong, soon()), refused);
      await assert.rejects(mailboxes.retire(account, id, 0, wrong, soon()), refused);
      await assert.rejects(mailboxes.recoverable(account, { since: null, mailbox: null }, wrong, soon()), refused);
      await assert.rejects(mailboxes.recover(account, { since: null, mailbox: null }, wrong, soon()), refused);
      await assert.rejects(mailboxes.accounts(null, wrong, soon()), refused);
    }
  });
}

function droppingMail(promise: Promised): void {
  promise('RFC 1939 §7: the maildrop is what lives in INBOX, each with a unique-id that is one', async (person) => {
    await person.append('INBOX', {}, {}, {});
    await person.append('Sent', {});
    await person.expunge('INBOX', [2]);
    const { mailbox, messages } = await person.mailboxes.maildrop(person.account, soon());
    assert.equal(mailbox, await person.idOf());
    const rows = await person.rows();
    assert.deepEqual(
      messages.map(({ uid, size, emailId }) => ({ uid, size, emailId })),
      rows.map(({ uid, size, emailId }) => ({ uid, size, emailId })),
    );
    for (const { uidl } of messages) assert.match(uidl, /^[!-~]{1,70}$/);
    assert.equal(new Set(messages.map(({ uidl }) => uidl)).size, 2);
  });

  promise('O5: a UIDL stays with its message wherever it goes, and comes back with it', async (person, clock) => {
    await person.append('INBOX', {}, { uidl: 'old-server.1' }, {});
    const before = await uidlsOf(person);
    assert.equal(before.values().toArray()[1], 'old-server.1');
    await person.flag('INBOX', [1, 2, 3], 'add', ['\\Deleted']);
    await person.copy('INBOX', [1, 2], 'Archive', 'move');
    await person.copy('Archive', [2, 1], 'INBOX', 'move');
    assert.deepEqual(await uidlsOf(person), before);
    await person.expunge('INBOX');
    await clock.sleep(1);
    await person.mailboxes.recover(person.account, { since: null, mailbox: null }, 10, soon());
    assert.deepEqual(await uidlsOf(person), before);
    await person.copy('INBOX', await person.uids(), 'Sent');
    await person.expunge('INBOX');
    await person.copy('Sent', await person.uids('Sent'), 'INBOX', 'move');
    assert.deepEqual(await uidlsOf(person), before);
  });

  promise('RFC 1939 §7: two messages never have one unique-id, whatever is said of them', async (person) => {
    await person.append('INBOX', { uidl: 'same' }, { uidl: 'same' }, {});
    const [, , made] = (await uidlsOf(person)).values();
    await person.append('Sent', { uidl: 'sent' });
    await person.expunge('Sent');
    await person.append(
      'INBOX',
      { uidl: made ?? null },
      { uidl: 'sent' },
      { uidl: '' },
      { uidl: 'two words' },
      { uidl: 'x'.repeat(71) },
      { uidl: 'ü' },
      { uidl: 'SAME' },
    );
    const uidls = [...(await uidlsOf(person)).values()];
    assert.equal(new Set(uidls).size, 10);
    assert.deepEqual(
      uidls.filter((uidl) => ['same', 'SAME', 'sent', ''].includes(uidl)),
      ['same', 'SAME'],
    );
    for (const uidl of uidls) assert.match(uidl, /^[!-~]{1,70}$/);
  });
}

/** By EMAILID. */
async function uidlsOf(person: Person): Promise<ReadonlyMap<string, string>> {
  const { messages } = await person.mailboxes.maildrop(person.account, soon());
  return new Map(messages.map(({ emailId, uidl }) => [emailId, uidl]));
}
