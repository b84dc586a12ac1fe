/** What the inspector notes of a mail for dry runs: which detectors have looked, and when only those that rules ask. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { TenantId } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import { type Answers, DETECTOR_ASKS } from '#/policy/index.ts';
import { recipientTo } from '#/testkit/facts/index.ts';
import { claimOf, directoryOf, tenantOf } from '#/testkit/index.ts';
import { RuleBook, RuleInspector } from '../index.ts';
import { PAST_LIMITS } from './index.ts';

const RULES = [{ name: 'cards', when: { detects: { creditCard: true } }, action: { discard: true } }];
const LETTER = 'From: a@acme.test\r\nSubject: x\r\n\r\ncard 4111 1111 1111 1111, IBAN DE89 3704 0044 0532 0130 00\r\n';
const directory = directoryOf([tenantOf({ id: 'acme', domains: [] })]);
const noted: Answers[] = [];
let keeps = true;
const past = {
  keeps: () => keeps,
  note: (_id: unknown, _facts: unknown, answers: Answers) => void noted.push(answers),
};
const book = new RuleBook({ current: () => directory, freshSince: async () => true }, RULES);
const inspector = new RuleInspector(book, null, () => {}, null, past);
after(() => inspector[Symbol.asyncDispose]());

function inspect(content: string) {
  const { mail } = claimOf({ mail: { tenant: 'acme' as TenantId } });
  const everybody = [recipientTo('taro@example.test', 1)];
  return inspector.inspect({ mail, asked: [1], everybody, content: Buffer.from(content) }, within(60_000));
}

const detectorsIn = (answers: Answers | undefined): number =>
  DETECTOR_ASKS.filter(({ key }) => answers?.has(key) === true).length;

test('H1: all detectors look at a mail that comes while its worker is calm, and the verdict is the rules’ alone', async () => {
  const verdicts = await inspect(LETTER);
  assert.equal(verdicts.get(1)?.rule, 'cards');
  const [answers] = noted.splice(0);
  assert.equal(detectorsIn(answers), DETECTOR_ASKS.length);
  const iban = DETECTOR_ASKS.find(({ check }) => check === 'iban');
  const said = answers?.get(iban?.key ?? '');
  assert.equal(said?.kind === 'looked' && said.count, 1);
});

test('M4: a worker that is busy, and one that has a large mail, put to mail what its rules ask and no more', async () => {
  const crowd = PAST_LIMITS.calmMails + 3;
  await Promise.all(Array.from({ length: crowd }, () => inspect(LETTER)));
  const counts = noted.splice(0).map(detectorsIn);
  assert.equal(counts.length, crowd);
  assert.ok(counts.includes(1), counts.join());
  await inspect(`${LETTER}${'plain text. '.repeat(30_000)}\r\n`);
  assert.deepEqual(noted.splice(0).map(detectorsIn), [1]);
});

test('H1: nothing is noted, and nothing more is asked, of mail of a tenant that wants nothing kept', async () => {
  keeps = false;
  assert.equal((await inspect(LETTER)).get(1)?.kind, 'discard');
  assert.equal(noted.length, 0);
});
