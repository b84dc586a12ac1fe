import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Domain, MailFacts } from '#/model/index.ts';
import { compileRules, decide, policyDirectory, readRules } from '#/policy/index.ts';
import { type MailSketch, sketchMail } from '#/testkit/facts/index.ts';
import { IndexMaker, shinglesOf } from './checks/fingerprint/index.ts';
import { type CheckAids, Checks } from './index.ts';
import { foldWords } from './text/index.ts';

const AIDS: CheckAids = {
  knownDomains: ['acme.test'],
  knownRecipients: {
    bySender: new Set(['old@example.test']),
    byTenant: new Set(['old@example.test', 'bobs@example.test']),
  },
  documents: new IndexMaker(0).index,
};
const directory = policyDirectory({
  domains: [{ name: 'acme.test' as Domain, catchAll: null, proven: true }],
  users: [],
  groups: [],
});
const DISCARD = { discard: true };

/** What rules make of a mail, as the words in which people write them. */
function fates(rules: Record<string, unknown>[], mail: MailSketch, aids: CheckAids = AIDS): string[] {
  const set = compileRules({ installation: [], tenant: readRules(rules).map(({ rule }) => rule) });
  const facts = sketchMail(mail);
  return [...decide(facts, new Checks(set.asks).answer(facts, aids), set, directory).values()].map(({ kind }) => kind);
}

function holds(when: Record<string, unknown>, mail: MailSketch, aids: CheckAids = AIDS): boolean {
  return fates([{ name: 'r', when, action: DISCARD }], mail, aids)[0] === 'discard';
}

const CARD = '4111 1111 1111 1111';
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

test('H1: every condition that asks a check decides by what the mail holds', () => {
  const attached = { attachments: [{ name: '名簿.xlsx', trueType: XLSX, text: `${CARD} 旅券番号 TR1234567` }] };
  assert.ok(holds({ detects: { creditCard: { min: 1 } } }, { body: `番号は ${CARD} です` }));
  assert.ok(
    holds({ detects: { creditCard: { min: 1 } } }, attached) && holds({ detects: { passport: true } }, attached),
  );
  assert.ok(
    !holds({ detects: { creditCard: { in: 'body' } } }, attached) &&
      !holds({ detects: { creditCard: { min: 2 } } }, attached),
  );
  assert.ok(holds({ words: ['名簿'] }, attached), 'in the name of a file');
  assert.ok(holds({ words: { dictionaries: 'confidential', in: 'subject' } }, { subject: '【社外秘】ご確認' }));
  assert.ok(
    !holds({ words: { dictionaries: 'confidential', min: 2 } }, { subject: '【社外秘】', body: '社外秘' }),
    'one word, twice',
  );
  assert.ok(holds({ patterns: ['PJ-\\d{4}'] }, { body: 'about ＰＪ－２０２６' }));
  assert.ok(holds({ headers: [{ name: 'X-Class', words: ['秘'] }] }, { fields: [{ name: 'x-class', value: '極秘' }] }));
  assert.ok(
    holds({ headers: [{ name: 'X-Class', patterns: ['^a'] }] }, { fields: [{ name: 'x-class', value: 'abc' }] }),
  );
  assert.ok(
    holds({ attachments: { types: 'office' } }, attached) && !holds({ attachments: { count: { min: 2 } } }, attached),
  );
  assert.ok(
    holds({ attachments: { count: { max: 0 } } }, {}) && !holds({ attachments: { count: { max: 0 } } }, attached),
  );
  assert.ok(
    holds({ freeMail: true }, { recipients: ['x@gmail.com'] }) &&
      holds({ lookAlike: true }, { recipients: ['x@acrne.test'] }),
  );
  assert.ok(holds({ lookAlike: { of: 'partner.example' } }, { recipients: ['x@partnr.example'] }));
  assert.ok(holds({ firstTime: true }, {}) && !holds({ firstTime: true }, { recipients: ['Old@example.test'] }));
  const bobs = { recipients: ['bobs@example.test'] };
  assert.ok(holds({ firstTime: { for: 'sender' } }, bobs) && !holds({ firstTime: { for: 'tenant' } }, bobs));
  assert.ok(holds({ firstTime: { for: 'tenant' } }, {}));
});

test('H1: a verdict falls on the recipients that a finding is about', () => {
  const rules = [{ name: 'r', when: { freeMail: true }, action: { hold: '1h' } }];
  assert.deepEqual(fates(rules, { recipients: ['a@gmail.com', 'b@example.test', 'c@acme.test'] }), [
    'hold',
    'pass',
    'pass',
  ]);
});

test('H1: what is locked counts as found by whoever would have looked into it, and by nobody else', () => {
  const locked: MailSketch = {
    attachments: [{ path: '2', name: 'a.zip', encrypted: true }],
    unread: [{ part: '2', why: 'encrypted', detail: 'a.zip' }],
  };
  assert.ok(
    holds({ detects: { iban: true } }, locked) &&
      holds({ words: ['秘'] }, locked) &&
      holds({ attachments: { macro: true } }, locked),
  );
  assert.ok(!holds({ detects: { iban: { in: ['subject', 'body'] } } }, locked));
  assert.ok(!holds({ attachments: { names: ['*.exe'] } }, { ...locked, inside: [{ path: '2/b.txt', name: 'b.txt' }] }));
  assert.ok(holds({ words: { any: ['秘'], in: 'body' } }, { unread: [{ part: '', why: 'too-slow', detail: '' }] }));
  const facts = sketchMail({ body: 'x' });
  const cut: MailFacts = { ...facts, parts: facts.parts.map((part) => ({ ...part, textCut: part.role === 'body' })) };
  const set = compileRules({
    installation: [],
    tenant: readRules([{ name: 'r', when: { words: ['秘'] }, action: DISCARD }]).map(({ rule }) => rule),
  });
  assert.equal([...decide(cut, new Checks(set.asks).answer(cut, AIDS), set, directory).values()][0]?.kind, 'discard');
});

test('M4: a text too long for a pattern counts as found where it was not read to its end', () => {
  const pattern = '(?:[ab]{1,90}c){2}';
  const body = 'd'.repeat(1_000_000);
  assert.ok(holds({ patterns: [pattern] }, { body }));
  assert.ok(!holds({ patterns: [`zyx${pattern}`] }, { body }), 'answered by its literal');
  assert.ok(!holds({ patterns: ['PJ\\d{4}'] }, { body }));
});

test('M4: a check without its data is absent, which is not "nothing found"', () => {
  const away: CheckAids = { ...AIDS, knownRecipients: null, documents: null };
  assert.deepEqual(fates([{ name: 'r', when: { firstTime: true }, action: DISCARD }], {}, away), ['hold']);
  assert.deepEqual(
    fates([{ name: 'r', when: { documents: true }, action: DISCARD, absence: 'deliver-unchanged' }], {}, away),
    ['pass'],
  );
  assert.deepEqual(
    fates([{ name: 'r', when: { documents: true }, action: DISCARD }], {}),
    ['pass'],
    'none is registered',
  );
});

test('M4: a check that fails on a mail, or has no time for it, counts as found and not as away; the others answer', async () => {
  const broken = sketchMail({ body: CARD, recipients: ['x@example.test'] });
  Object.defineProperty(broken, 'fields', { get: () => assert.fail('the fields are gone') });
  const when = { headers: [{ name: 'X', words: ['y'] }], detects: { creditCard: true }, freeMail: true };
  const rules = Object.entries(when).map(([key, value]) => ({
    name: key,
    when: { [key]: value },
    action: DISCARD,
    absence: 'deliver-unchanged',
  }));
  for (const { name, ...rule } of rules) {
    const set = compileRules({ installation: [], tenant: readRules([{ name, ...rule }]).map((read) => read.rule) });
    const failed: string[] = [];
    const checks = new Checks(set.asks, (check, why) => failed.push(`${check}: ${why}`));
    const now = checks.answer(broken, AIDS);
    const fateOf = (answers: typeof now) => [...decide(broken, answers, set, directory).values()][0]?.kind;
    assert.equal(fateOf(now), name === 'freeMail' ? 'pass' : 'discard', name);
    assert.deepEqual(failed, name === 'headers' ? ['header: the fields are gone'] : []);
    assert.equal(fateOf(await checks.answerInTurns(broken, AIDS, { deadlineAt: 0 })), 'discard', `${name}, late`);
    assert.match(failed.at(-1) ?? '', /no time left/);
  }
});

test('M4: a check that is over its own time has not read the mail, and the others have theirs', async () => {
  const rules = [{ name: 'r', when: { any: [{ detects: { iban: true } }, { words: 'nothing' }] }, action: DISCARD }];
  const { asks } = compileRules({ installation: [], tenant: readRules(rules).map(({ rule }) => rule) });
  const forever = { deadlineAt: Number.POSITIVE_INFINITY };
  const answers = await new Checks(asks).answerInTurns(sketchMail({ body: 'x' }), AIDS, forever, { iban: -1 });
  const unread = asks.map(({ check, key }) => {
    const answer = answers.get(key);
    return [check, answer?.kind === 'looked' && answer.unread];
  });
  assert.deepEqual(Object.fromEntries(unread), { iban: true, words: false });
});

test('M4: numbers in a run without an end hide no card beside them', () => {
  const rule = { name: 'r', when: { detects: { creditCard: true } }, action: DISCARD, absence: 'deliver-unchanged' };
  const body = `${'1 '.repeat(3_700_000)}\n${CARD}`;
  const set = compileRules({ installation: [], tenant: readRules([rule]).map((read) => read.rule) });
  const facts = sketchMail({ body });
  const [answer] = new Checks(set.asks).answer(facts, AIDS).values();
  assert.ok(answer?.kind === 'looked' && answer.count === 1 && !answer.unread);
});

function answerTo(when: Record<string, unknown>, mail: MailSketch) {
  const set = compileRules({
    installation: [],
    tenant: readRules([{ name: 'r', when, action: DISCARD }]).map(({ rule }) => rule),
  });
  const answer = [...new Checks(set.asks).answer(sketchMail(mail), AIDS).values()][0];
  assert.ok(answer?.kind === 'looked');
  return answer;
}

test('M4: a text that folding makes many times longer is looked at as far as its bound, and the rest counts as unread', () => {
  for (const when of [{ words: ['秘'] }, { detects: { creditCard: true } }]) {
    assert.ok(answerTo(when, { body: 'ﷺ'.repeat(200_000) }).unread);
    const told = answerTo(when, { body: `㍻㈱ｶﾞ${'か\u3099'.repeat(100_000)}` });
    assert.deepEqual([told.count, told.unread], [0, false]);
  }
});

test('M4: repeats of one number are looked at as far as a bound, and what is behind it counts as unread', () => {
  const told = answerTo({ detects: { creditCard: { min: 2 } } }, { body: `${CARD}\n`.repeat(30_000) });
  assert.deepEqual([told.count, told.unread], [1, true]);
  assert.deepEqual(answerTo({ detects: { creditCard: true } }, { body: `${CARD}\n`.repeat(300) }).unread, false);
});

test('M4: between two long texts of one check, other work has its turn', async () => {
  const attachments = Array.from({ length: 8 }, (_, i) => ({ name: `${i}.txt`, text: 'x '.repeat(40_000) }));
  const rule = { name: 'r', when: { words: ['秘'] }, action: DISCARD };
  const set = compileRules({ installation: [], tenant: readRules([rule]).map((read) => read.rule) });
  let turns = 0;
  const count = (): void => {
    turns += 1;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  await new Checks(set.asks).answerInTurns(sketchMail({ attachments }), AIDS, { deadlineAt: Number.POSITIVE_INFINITY });
  clearImmediate(next);
  assert.ok(turns >= 7, `${turns} turns`);
});

test('H1: a registered document is found in an attachment', () => {
  const text = Array.from({ length: 40 }, (_, i) => `第${i}条 秘密の${i * 7}番目の条文はここにある。`).join('\n');
  const numbers = shinglesOf(foldWords(text));
  const documents = new IndexMaker(numbers.size).add('規程', numbers).index;
  assert.ok(
    holds(
      { documents: { similarity: '60%' } },
      { attachments: [{ name: 'a.txt', text: text.slice(100) }] },
      { ...AIDS, documents },
    ),
  );
  assert.ok(!holds({ documents: { similarity: '60%' } }, { body: text.slice(0, 200) }, { ...AIDS, documents }));
});
