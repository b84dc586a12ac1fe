/** Large mail through the whole inspector: the same verdicts as small mail, and none that says "clean" of what was lost. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { MailAddress, MailInCustody, TenantId, Verdict } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import { recipientTo } from '#/testkit/facts/index.ts';
import { directoryOf, tenantOf } from '#/testkit/index.ts';
import { zipOf } from '../extract/sample-files.ts';
import { mailWith } from '../extract/sample-mail.ts';
import { RuleBook, RuleInspector } from '../index.ts';

const WAIT_MS = 120_000;
/** Of the time of a mail this is left for its verdict: who has less has none to be read in. */
const SPARE_MS = 1_000;
const RULES = [
  { name: 'card', when: { detects: { creditCard: true } }, action: { hold: '1h' } },
  { name: 'word', when: { words: ['社外秘'] }, action: { reject: 'no' } },
];
const directory = directoryOf([tenantOf({ id: 'acme', domains: [] })]);
const inspector = new RuleInspector(new RuleBook({ current: () => directory, freshSince: async () => true }, RULES));
after(() => inspector[Symbol.asyncDispose]());

async function verdictOn(content: Buffer | AsyncIterable<Uint8Array>, waitMs = WAIT_MS): Promise<Verdict | undefined> {
  const identity = { kind: 'user', tenant: 'acme' as TenantId, name: 'alice@acme.test' } as const;
  const mail = { id: 'MAIL', tenant: 'acme', identity, sender: 'alice@acme.test' as MailAddress, receivedAt: 0 };
  const everybody = [recipientTo('taro@example.test', 1)];
  const asked = { mail: mail as unknown as MailInCustody, asked: [1], everybody, content };
  return (await inspector.inspect(asked, within(waitMs))).get(1);
}

const FILLING = Buffer.alloc(300_000, 'a line of a letter that says nothing at all\r\n');

test('H1: large mail is judged as small mail is, wherever in it the thing stands, and as it comes', async () => {
  const card = Buffer.concat([FILLING, Buffer.from('4111-1111-1111-1111\r\n')]);
  const mail = mailWith(['a.txt', card], ['b.bin', Buffer.alloc(300_000)]);
  assert.equal((await verdictOn(mail))?.rule, 'card');
  assert.equal((await verdictOn(mailWith(['a.txt', FILLING])))?.kind, 'pass');
  const inPieces = (async function* () {
    for (let at = 0; at < mail.length; at += 100_000) yield mail.subarray(at, at + 100_000);
  })();
  assert.equal((await verdictOn(inPieces))?.rule, 'card');
});

test('M4: a small mail whose text is long once it is unpacked is looked at apart, and found', async () => {
  const text = Buffer.concat([Buffer.alloc(3_000_000, 'and on it goes '), Buffer.from('社外秘')]);
  const mail = mailWith(['a.zip', zipOf([{ name: 'a.txt', data: text }])]);
  assert.ok(mail.length < 100_000);
  let turns = 0;
  const ticking = setInterval(() => turns++, 1);
  const verdict = await verdictOn(mail);
  clearInterval(ticking);
  assert.equal(verdict?.kind, 'reject');
  assert.ok(turns > 0, 'the event loop had no turn');
});

test('H1: a large mail that could not be read in its time counts as found', async () => {
  const verdict = await verdictOn(mailWith(['a.txt', FILLING]), SPARE_MS - 200);
  assert.equal(verdict?.kind, 'hold');
  assert.match(verdict?.reason.en ?? '', /could not be read/);
});

test('M4: a large mail that is given up is given up, and the next one is judged', async () => {
  const end = new AbortController();
  const identity = { kind: 'user', tenant: 'acme' as TenantId, name: 'alice@acme.test' } as const;
  const mail = { id: 'MAIL', tenant: 'acme', identity, sender: null, receivedAt: 0 } as unknown as MailInCustody;
  const content = mailWith(['a.txt', Buffer.alloc(8_000_000, '4111 1111 1111 1112 ')]);
  const judging = inspector.inspect({ mail, asked: [1], everybody: [], content }, within(WAIT_MS, end.signal));
  setImmediate(() => end.abort(new Error('enough')));
  await assert.rejects(judging, /enough/);
  assert.equal((await verdictOn(mailWith(['a.txt', FILLING])))?.kind, 'pass');
});
