/** The dry run: what it says is what would have been, and what it can't know it does not say. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Domain, Tenant, Verdict } from '#/model/index.ts';
import { sketchMail } from '#/testkit/facts/index.ts';
import {
  type Answer,
  type Answers,
  askOf,
  type ComparedRules,
  compileRules,
  DryRun,
  decide,
  decidePast,
  policyDirectory,
  readRules,
} from './index.ts';

const directory = policyDirectory({
  domains: [{ name: 'acme.test' as Domain, catchAll: null, proven: true }],
  users: [],
  groups: [],
} satisfies Pick<Tenant, 'domains' | 'users' | 'groups'>);

function rulesOf(...rules: Record<string, unknown>[]): ComparedRules {
  return { rules: compileRules({ installation: [], tenant: readRules(rules).map(({ rule }) => rule) }), directory };
}

const found = (count: number): Answer => ({ kind: 'looked', count, findings: [], unread: false });
const CARDS = askOf({ check: 'creditCard', in: ['attachments', 'body', 'subject'] }).key;
const SECRET = askOf({ check: 'words', words: ['secret'], in: ['attachments', 'body', 'subject'] }).key;
const HOLD_CARDS = { name: 'cards', when: { detects: { creditCard: true } }, action: { hold: '1h' } };
const SECRETS = { name: 'secrets', when: { direction: 'outbound', words: 'secret' }, action: { reject: 'no' } };
const MAIL = sketchMail({ recipients: ['taro@example.test', 'bob@acme.test'] });

test('H1: a dry run counts by rule and by fate, names the first mails, and says what is other than now', () => {
  const run = new DryRun(
    rulesOf(),
    rulesOf(HOLD_CARDS, { name: 'never', when: { size: { min: '1GB' } }, action: { discard: true } }),
  );
  for (let i = 0; i < 12; i++) run.take({ id: `m${i}`, facts: MAIL, answers: new Map([[CARDS, found(i % 2)]]) });
  const { mails, recipients, outcomes, unanswered, moves, byRule, changes } = run.result;
  assert.deepEqual([mails, recipients, outcomes.pass, outcomes.hold], [12, 24, 12, 12]);
  assert.deepEqual([unanswered, moves], [{ draft: 0, now: 0 }, { 'pass → hold': 12 }]);
  assert.deepEqual(byRule.get('cards'), {
    ...{ recipients: 12, mails: 6, unanswered: 0 },
    first: ['m1', 'm3', 'm5', 'm7', 'm9', 'm11'],
  });
  assert.equal(byRule.get('never')?.recipients, 0, 'it stands with 0');
  assert.deepEqual([changes[0]?.mail, changes[0]?.recipient, changes[0]?.after.kind], ['m1', 1, 'hold']);
});

test('H1: what nobody asked of a mail is counted as unanswered where a fate hangs on it, and only there', () => {
  const run = new DryRun(rulesOf(HOLD_CARDS), rulesOf(SECRETS, HOLD_CARDS));
  run.take({ id: 'm', facts: MAIL, answers: new Map([[CARDS, found(1)]]) });
  const { outcomes, unanswered, byRule, moves } = run.result;
  assert.deepEqual(unanswered, { draft: 1, now: 0 }, 'bob is inside, the rule is not about him');
  assert.equal(outcomes.hold, 1);
  assert.deepEqual([byRule.get('secrets')?.unanswered, byRule.get('secrets')?.recipients], [1, 0]);
  assert.deepEqual(moves, {});
});

test('M4: a check that was away then is no unanswered question: its absence decides in the dry run as it did', () => {
  const run = new DryRun(rulesOf(), rulesOf(HOLD_CARDS));
  run.take({ id: 'm', facts: MAIL, answers: new Map([[CARDS, { kind: 'absent', why: 'down' }]]) });
  assert.deepEqual(run.result.unanswered, { draft: 0, now: 0 });
  assert.equal(run.result.outcomes.hold, 2);
});

const ONES = [
  { words: 'secret' },
  { detects: { creditCard: { min: 2 } } },
  { direction: 'outbound' },
  { words: 'secret', detects: { creditCard: { min: 1 } } },
  { unread: true },
] as const;
const condition = fc.constantFrom<object>(...ONES, { any: [{ words: 'secret' }, { detects: { creditCard: true } }] });
const action = fc.constantFrom<Record<string, unknown>>(
  { hold: '1h' },
  { reject: 'no' },
  { pass: true },
  { tagSubject: '[x]', pass: true },
  { approve: { by: ['boss@acme.test'] } },
);
const rule = fc.record(
  { when: condition, unless: fc.subarray([...ONES], { minLength: 1, maxLength: 2 }), action, continue: fc.boolean() },
  { requiredKeys: ['action'] },
);
const answer = fc.oneof(
  fc.record({ count: fc.nat(3), unread: fc.boolean() }).map((looked): Answer => ({ ...found(0), ...looked })),
  fc.constant<Answer>({ kind: 'absent', why: 'down' }),
);

/** Of several causes either may be named. */
function unsaid(verdict: Verdict | undefined) {
  return { ...verdict, reason: null };
}

test('H1: what a dry run says of a mail holds whatever its unanswered questions would have been answered', () => {
  fc.assert(
    fc.property(
      fc.array(rule, { minLength: 1, maxLength: 4 }),
      fc.tuple(answer, answer),
      fc.subarray([CARDS, SECRET]),
      fc.boolean(),
      (rules, [cards, secret], asked, isLocked) => {
        const set = rulesOf(...rules.map((one, i) => ({ ...one, name: `r${i}` }))).rules;
        const unread = isLocked ? [{ part: '2', why: 'encrypted' as const, detail: '' }] : [];
        const facts = { ...MAIL, unread };
        const all: Answers = new Map([
          [CARDS, cards],
          [SECRET, secret],
        ]);
        const known: Answers = new Map([...all].filter(([key]) => asked.includes(key)));
        const truth = decide(facts, all, set, directory);
        for (const [n, { verdict, unanswered }] of decidePast(facts, known, set, directory)) {
          assert.equal(verdict === null, unanswered.length > 0);
          if (verdict !== null) assert.deepEqual(unsaid(verdict), unsaid(truth.get(n)));
          if (asked.length === 2) assert.notEqual(verdict, null);
        }
      },
    ),
  );
});
