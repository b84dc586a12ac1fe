/** What comes into mailboxes: delivery, APPEND, octets, ids and conversations. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { MailboxId } from '#/model/index.ts';
import type { Delivery } from '#/ports/index.ts';
import { deliveryKey, letter, NO_LIMITS, nameOf, Person } from './mail-samples.ts';
import type { Promised } from './mailboxes.ts';
import { soon } from './samples.ts';

export function arriving(promise: Promised): void {
  delivering(promise);
  choosingMailboxes(promise);
  appending(promise);
  keepingOctets(promise);
}

function delivering(promise: Promised): void {
  promise('design 1: a delivery is there once, however often it comes', async (person) => {
    const first = await person.deliver(1, { text: 'Once.' });
    const { bytes } = await person.mailboxes.usage(person.account, soon());
    assert.deepEqual(first, { kind: 'stored', used: bytes });
    assert.deepEqual(await person.deliver(1, { text: 'Twice.' }), { kind: 'already', used: bytes });
    assert.equal((await person.deliver(2)).kind, 'stored');
    assert.deepEqual(await person.uids(), [1, 2]);
  });

  promise('design 1: of deliveries with one key that come at the same time one is stored', async (person) => {
    const answers = await Promise.all([1, 2, 1, 1, 2, 1].map((n) => person.deliver(n)));
    assert.deepEqual(answers.map(({ kind }) => kind).sort(), [...Array(4).fill('already'), ...Array(2).fill('stored')]);
    assert.equal((await person.uids()).length, 2);
  });

  promise('design 1: message and recipient together are the key', async (person) => {
    const { message } = deliveryKey(1);
    for (const recipient of [1, 2]) await person.deliver(0, {}, { key: { message, recipient } });
    assert.equal((await person.uids()).length, 2);
    const other = new Person(person.mailboxes);
    assert.equal((await other.deliver(0, {}, { key: { message, recipient: 1 } })).kind, 'stored');
  });

  promise('design 1: the key outlives move, expunge, purge and the mailbox', async (person, clock) => {
    await person.create('Gone');
    for (const n of [1, 2, 3]) await person.deliver(n);
    await person.deliver(4, {}, { into: nameOf('Gone') });
    await person.copy('INBOX', [1], 'Archive', 'move');
    await person.expunge('INBOX', [2]);
    await person.mailboxes.delete(person.account, nameOf('Gone'), soon());
    await clock.sleep(1);
    await person.purge();
    for (const n of [1, 2, 3, 4]) assert.equal((await person.deliver(n)).kind, 'already', `delivery ${n}`);
  });

  promise('design 1: a key that is forgotten is new again, and forgetting twice harms nobody', async (person) => {
    await person.deliver(1);
    await person.deliver(2);
    for (let i = 0; i < 2; i++)
      await person.mailboxes.forgetDeliveries(person.account, [deliveryKey(1), deliveryKey(9)], soon());
    assert.equal((await person.deliver(1)).kind, 'stored');
    assert.equal((await person.deliver(2)).kind, 'already');
  });

  promise('design 1: keys of deliveries are told up to an id, whole and once, in pages of any size', async (person) => {
    for (const n of [1, 2, 3, 4, 5]) await person.deliver(n);
    await person.deliver(6, {}, { key: { ...deliveryKey(2), recipient: 12 } });
    await person.mailboxes.forgetDeliveries(person.account, [deliveryKey(4)], soon());
    const wanted = [deliveryKey(1), deliveryKey(2), { ...deliveryKey(2), recipient: 12 }, deliveryKey(3)];
    for (const limit of [1, 2, 3, 10]) {
      const found: Delivery['key'][] = [];
      for (let more = limit; more === limit; ) {
        const after = found.at(-1) ?? null;
        const page = await person.mailboxes.deliveriesBefore(
          person.account,
          deliveryKey(5).message,
          after,
          limit,
          soon(),
        );
        found.push(...page);
        more = page.length;
      }
      assert.deepEqual(found, wanted, `pages of ${limit}`);
    }
  });

  promise('O1: of many keys it can be asked which were delivered, whatever became of them', async (person, clock) => {
    const asked = (keys: readonly Delivery['key'][]) => person.mailboxes.delivered(person.account, keys, soon());
    assert.deepEqual(await asked([]), []);
    for (const n of [1, 2, 3]) await person.deliver(n);
    await person.deliver(4, {}, { limits: { quotaBytes: 1 } });
    await person.expunge('INBOX', [2]);
    await clock.sleep(1);
    await person.purge();
    await person.mailboxes.forgetDeliveries(person.account, [deliveryKey(3)], soon());
    const keys = [4, 2, 1, 9, 3, 2].map(deliveryKey);
    assert.deepEqual(await asked(keys), [false, true, true, false, false, true]);
    assert.deepEqual(await asked([{ ...deliveryKey(1), recipient: 77 }]), [false]);
    const other = new Person(person.mailboxes);
    assert.deepEqual(await other.mailboxes.delivered(other.account, [deliveryKey(1)], soon()), [false]);
    const many = Array.from({ length: 1_001 }, (_, n) => deliveryKey(n));
    await assert.rejects(asked(many), { code: 'mailbox.refused' });
    assert.equal((await asked(many.slice(1))).length, 1_000);
  });

  promise('design 1: deliveries that come together never share a fate', async (person) => {
    const limits = { quotaBytes: 2_000 };
    const large = { content: Buffer.alloc(3_000, 'x') };
    const kinds = await Promise.all([
      person.deliver(1, {}, { limits }),
      person.deliver(2, large, { limits }),
      person.deliver(3, {}, { limits }),
    ]);
    assert.deepEqual(
      kinds.map(({ kind }) => kind),
      ['stored', 'over-quota', 'stored'],
    );
    assert.equal((await person.uids()).length, 2);
  });

  promise('RFC 9208: a delivery fills the quota to its last octet and not beyond', async (person) => {
    await person.append('INBOX', { content: Buffer.alloc(100, 'a') });
    const mail = { content: Buffer.alloc(50, 'b') };
    const [tight, loose] = [{ quotaBytes: 149 }, { quotaBytes: 150 }];
    assert.deepEqual(await person.deliver(1, mail, { limits: tight }), { kind: 'over-quota', used: 100 });
    assert.deepEqual(await person.uids(), [1]);
    assert.deepEqual(await person.deliver(1, mail, { limits: loose }), { kind: 'stored', used: 150 });
    assert.deepEqual(await person.deliver(1, mail, { limits: tight }), { kind: 'already', used: 150 });
  });

  promise('design 1: flags that can not be kept never stop a delivery', async (person) => {
    const flags = ['\\Recent', '\\Unknown', 'two words', '', '\\FLAGGED', '$Forwarded'];
    assert.equal((await person.deliver(1, { flags })).kind, 'stored');
    assert.deepEqual((await person.row('INBOX', 1)).flags, ['\\Flagged', '$Forwarded']);
  });
}

function choosingMailboxes(promise: Promised): void {
  promise('O1: a delivery into a mailbox that is not there comes into INBOX', async (person) => {
    for (const [n, name] of ['Nowhere', 'nowhere/at/all', '', 'a//b', 'bad\u0000name'].entries()) {
      await person.deliver(n, {}, { into: nameOf(name) });
    }
    await person.deliver(8, {}, { into: nameOf('inbox') });
    assert.equal((await person.mailbox()).exists, 6);
  });

  promise('RFC 6154: a special use is found by whatever name its mailbox has', async (person) => {
    await person.mailboxes.rename(person.account, nameOf('Junk'), nameOf('Rubbish'), soon());
    await person.mailboxes.create(person.account, nameOf('Younger'), 'Junk', soon());
    await person.deliver(1, {}, { into: { specialUse: 'Junk' } });
    assert.equal((await person.mailbox('Rubbish')).exists, 1);
    assert.equal((await person.mailbox('Younger')).exists, 0);
  });

  promise('RFC 6154: a special use without a mailbox gets one, subscribed', async (person) => {
    await person.mailboxes.delete(person.account, nameOf('Junk'), soon());
    await person.mailboxes.subscribe(person.account, nameOf('Junk'), false, soon());
    await person.deliver(1, {}, { into: { specialUse: 'Junk' } });
    const { exists, specialUse, subscribed } = await person.mailbox('Junk');
    assert.deepEqual({ exists, specialUse, subscribed }, { exists: 1, specialUse: 'Junk', subscribed: true });
  });

  promise('RFC 6154: a special use without a mailbox gets one, however many deliveries want it', async (person) => {
    await person.mailboxes.delete(person.account, nameOf('Junk'), soon());
    await Promise.all([1, 2, 3, 4].map((n) => person.deliver(n, {}, { into: { specialUse: 'Junk' } })));
    assert.equal((await person.mailbox('Junk')).exists, 4);
    const list = await person.mailboxes.list(person.account, soon());
    assert.equal(list.filter(({ specialUse }) => specialUse === 'Junk').length, 1);
  });

  promise('RFC 6154: a mailbox of the usual name stands in for its special use', async (person) => {
    await person.mailboxes.delete(person.account, nameOf('Junk'), soon());
    await person.create('Junk');
    await person.deliver(1, {}, { into: { specialUse: 'Junk' } });
    assert.equal((await person.mailbox('Junk')).exists, 1);
  });
}

function appending(promise: Promised): void {
  promise('RFC 3502: APPEND of several comes in order, or not at all', async (person) => {
    const ten = { content: Buffer.alloc(10, 'x') };
    const mails = [letter(ten), letter(ten), letter(ten)];
    const id = await person.idOf('Sent');
    const uidValidity = (await person.mailbox('Sent')).uidValidity;
    const before = await person.everything();
    const over = await person.mailboxes.append(person.account, id, mails, { quotaBytes: 29 }, soon());
    assert.deepEqual(over, { kind: 'over-quota' });
    assert.deepEqual(await person.everything(), before);
    const appended = await person.mailboxes.append(person.account, id, mails, { quotaBytes: 30 }, soon());
    assert.deepEqual(appended, { kind: 'appended', uidValidity, uids: [1, 2, 3] });
  });

  promise('RFC 9051 §6.3.12: APPEND to a mailbox that is not there says so', async (person) => {
    const gone = await person.create('Gone');
    await person.mailboxes.delete(person.account, nameOf('Gone'), soon());
    for (const id of [gone.id, 'nonsense' as MailboxId, '' as MailboxId]) {
      const answer = await person.mailboxes.append(person.account, id, [letter()], NO_LIMITS, soon());
      assert.deepEqual(answer, { kind: 'absent' });
    }
  });

  promise('RFC 3502: APPEND of nothing changes nothing', async (person) => {
    const { id, uidValidity } = await person.mailbox();
    const appended = await person.mailboxes.append(person.account, id, [], NO_LIMITS, soon());
    assert.deepEqual(appended, { kind: 'appended', uidValidity, uids: [] });
    assert.deepEqual(await person.uids(), []);
  });

  promise('O5: appends that come at the same time get different UIDs, each batch in a row', async (person) => {
    const batches = await Promise.all(
      Array.from({ length: 6 }, () => person.append('INBOX', { text: 'a' }, { text: 'b' }, { text: 'c' })),
    );
    const uids = await person.uids();
    assert.equal(new Set(uids).size, 18);
    for (const batch of batches) {
      const at = uids.indexOf(batch[0] ?? 0);
      assert.deepEqual(uids.slice(at, at + 3), batch);
    }
  });

  promise('RFC 8514: INTERNALDATE is the one given, SAVEDATE the time of coming', async (person, clock) => {
    await person.append('INBOX', { receivedAt: 86_400_000 }, { receivedAt: -1_000 });
    const rows = await person.rows();
    assert.deepEqual(
      rows.map(({ receivedAt, savedAt }) => ({ receivedAt, savedAt })),
      [86_400_000, -1_000].map((receivedAt) => ({ receivedAt, savedAt: clock.now() })),
    );
  });
}

function keepingOctets(promise: Promised): void {
  promise('O3: octets come back exactly, whatever they are', async (person) => {
    const every = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const contents = [
      Buffer.alloc(0),
      Buffer.from('\0'),
      Buffer.from('Subject: bare\n\nline\nends\n'),
      Buffer.from('Subject: a\r\n\r\n\0\r\0\n\0'),
      every,
      Buffer.from('Subject: \xff\xfe\r\n\r\n\xe9 8-bit', 'latin1'),
      Buffer.concat([Buffer.from('Subject: only a head'), every]),
      Buffer.from('Subject: 会議\r\n\r\n定例会議室 𠮷\r\n'),
      ...[65_535, 65_536, 262_143, 262_144, 262_145].map((size) => randomBytes(size)),
    ];
    await person.append('INBOX', ...contents.map((content) => ({ content: Buffer.from(content) })));
    for (const [i, row] of (await person.rows()).entries()) {
      const content = contents[i] ?? Buffer.alloc(0);
      assert.equal(row.size, content.length);
      assert.deepEqual(Buffer.from(await person.octets(row.emailId)), content, `content ${i}`);
    }
  });

  promise('O3: 3 MB come back whole, and in pieces of any size from anywhere', async (person) => {
    const content = Buffer.concat([Buffer.from('Subject: large\r\n\r\n'), randomBytes(3_000_000)]);
    const [uid] = await person.append('INBOX', { content });
    const { emailId } = await person.row('INBOX', uid ?? 0);
    assert.ok(content.equals(await person.octets(emailId)));
    const pieces = [];
    for (let at = 0; at < content.length; at += 499_979) pieces.push(await person.octets(emailId, at, 499_979));
    assert.ok(content.equals(Buffer.concat(pieces)));
    for (const [from, bytes] of [
      [0, 0],
      [0, 1],
      [17, 262_144],
      [262_140, 8],
      [524_287, 262_146],
      [content.length - 1, 10],
      [content.length, 10],
      [content.length + 5, 10],
      [5, Number.MAX_SAFE_INTEGER],
    ] as const) {
      const piece = Buffer.from(await person.octets(emailId, from, bytes));
      assert.ok(content.subarray(from, from + bytes).equals(piece), `${bytes} octets from ${from}`);
    }
  });

  promise('O3: what was handed over and what was handed out may be written to', async (person) => {
    const content = Buffer.from('Subject: mine\r\n\r\nAs it was.\r\n');
    const asItWas = Buffer.from(content);
    await person.append('INBOX', { content });
    content.fill('x');
    const { emailId } = await person.row('INBOX', 1);
    (await person.octets(emailId)).fill(120);
    assert.deepEqual(Buffer.from(await person.octets(emailId)), asItWas);
  });

  promise('RFC 9051 §7.5.2: what was read of a message and its head come back as they were', async (person) => {
    const contents = [
      'Subject: =?utf-8?q?caf=C3=A9?=\r\nFrom: "A\\"B" <a@b.test>\r\nX: \0 nul\r\n\r\nBody \0 𠮷\r\n',
      'Subject: bare\nTo: x@y.test\n\nbody',
      'no head at all',
      '',
    ];
    const mails = contents.map((content) => letter({ content: Buffer.from(content) }));
    await person.mailboxes.append(person.account, await person.idOf(), mails, NO_LIMITS, soon());
    for (const [i, row] of (await person.rows()).entries()) {
      const facts = mails[i]?.facts;
      assert.deepEqual(row.facts, { ...facts, headTerms: [], bodyTerms: [] });
      const head = Buffer.from(contents[i] ?? '').subarray(0, facts?.structure.body);
      assert.deepEqual(Buffer.from(row.head ?? []), head);
    }
  });

  promise('B3: a header section that is too large for a row comes as octets', async (person) => {
    const id = await person.idOf();
    const sized = (bytes: number): string => {
      const field = 'X: ';
      return `${field}${'y'.repeat(bytes - field.length - 4)}\r\n\r\nbody`;
    };
    const contents = [65_536, 65_537, 300_000].map(sized);
    await person.append('INBOX', ...contents.map((content) => ({ content: Buffer.from(content) })));
    const rows = await person.mailboxes.rows(person.account, id, [1, 2, 3], { facts: false, head: true }, soon());
    assert.deepEqual(
      rows.map(({ head, headBytes }) => [head?.length ?? null, headBytes]),
      [
        [65_536, 65_536],
        [null, 65_537],
        [null, 300_000],
      ],
    );
    for (const [i, { emailId }] of rows.entries()) {
      const octets = await person.mailboxes.octets(person.account, emailId, 0, 400_000, soon());
      assert.ok(Buffer.from(octets).equals(Buffer.from(contents[i] ?? '')));
    }
  });

  promise('RFC 9051 §2.3: who does not ask for facts and heads does not get them', async (person) => {
    await person.append('INBOX', {});
    const ask = async (facts: boolean, head: boolean) => {
      const id = await person.idOf();
      const [row] = await person.mailboxes.rows(person.account, id, [1], { facts, head }, soon());
      return [row?.facts === null, row?.head === null];
    };
    assert.deepEqual(await ask(false, false), [true, true]);
    assert.deepEqual(await ask(true, false), [false, true]);
    assert.deepEqual(await ask(false, true), [true, false]);
  });
}
