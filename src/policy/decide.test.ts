import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Domain, Group, MailAddress, MailFacts, Tenant, TenantId, User, Verdict } from '#/model/index.ts';
import { copyIdentity } from '#/model/index.ts';
import { type MailSketch, recipientTo, sketchMail } from '#/testkit/facts/index.ts';
import {
  type Answer,
  type Answers,
  askOf,
  compileRules,
  decide,
  explain,
  policyDirectory,
  type Question,
  type RuleSet,
  readRules,
} from './index.ts';
import { TOLD_MAX } from './limits.ts';

type Person = { address: string; aliases?: string[]; roles?: string[]; manager?: string; disabled?: boolean };

const PEOPLE: Person[] = [
  { address: 'alice@acme.test', aliases: ['a.archer@acme.test'], manager: 'boss@acme.test' },
  { address: 'boss@acme.test', manager: 'cn=ceo,dc=acme' },
  { address: 'root@acme.test', roles: ['admin'] },
  { address: 'gone@acme.test', roles: ['admin'], disabled: true },
];

function directoryOf(people: readonly Person[] = PEOPLE, groups: Record<string, string[]> = {}) {
  return policyDirectory({
    domains: [{ name: 'acme.test' as Domain, catchAll: null, proven: true }],
    users: people.map(({ address, aliases = [], roles = [], manager, disabled = false }) => ({
      address,
      aliases,
      roles,
      attributes: manager === undefined ? {} : { manager },
      disabled,
    })) as unknown as User[],
    groups: Object.entries(groups).map(([name, members]) => ({
      name,
      address: `${name}@acme.test`,
      members,
    })) as unknown as Group[],
  } satisfies Pick<Tenant, 'domains' | 'users' | 'groups'>);
}

function rulesOf(...tenant: Record<string, unknown>[]): RuleSet {
  return compileRules({ installation: [], tenant: readRules(tenant).map(({ rule }) => rule) });
}

function answersOf(...pairs: [Question, Partial<Answer>][]): Answers {
  const looked = { kind: 'looked', count: 0, findings: [], unread: false } as const;
  return new Map(pairs.map(([question, answer]) => [askOf(question).key, { ...looked, ...answer } as Answer]));
}

function verdicts(sketch: MailSketch, rules: RuleSet, answers: Answers = new Map(), directory = directoryOf()) {
  return decide(sketchMail(sketch), answers, rules, directory);
}

function kinds(of: ReadonlyMap<number, Verdict>): string[] {
  return [...of.values()].map(({ kind }) => kind);
}

const CARDS: Question = { check: 'creditCard', in: ['attachments', 'body', 'subject'] };
const CARD_RULE = {
  name: 'cards',
  when: { detects: { creditCard: { min: 1 } } },
  action: { hold: { atEnd: 'expire' } },
};

const CONTRACT = [
  {
    name: 'bulk leak',
    when: { direction: 'outbound', externalDomains: { min: 10 } },
    action: { reject: 'Too many external recipients' },
  },
  {
    name: 'many external domains',
    when: { direction: 'outbound', externalDomains: { min: 3 } },
    action: { hold: '15m' },
  },
  {
    name: 'card numbers',
    when: { direction: 'outbound', detects: { creditCard: { min: 1 } } },
    action: { approve: { by: ['boss@acme.test'], expire: '10d' } },
  },
];

function domains(n: number): string[] {
  return Array.from({ length: n }, (_, i) => `x@d${i}.test`);
}

test('H1: the contract’s rules hold, refuse, ask, and leave the internal copy alone', () => {
  const rules = rulesOf(...CONTRACT);
  const none = answersOf([CARDS, {}]);
  assert.deepEqual(kinds(verdicts({ recipients: ['bob@acme.test', ...domains(3)] }, rules, none)), [
    'pass',
    'hold',
    'hold',
    'hold',
  ]);
  assert.deepEqual(kinds(verdicts({ recipients: domains(2) }, rules, none)), ['pass', 'pass']);
  const [refused] = verdicts({ recipients: domains(10) }, rules, none).values();
  assert.ok(refused?.kind === 'reject');
  assert.equal(refused.text, 'Too many external recipients');
  const [asked] = verdicts({}, rules, answersOf([CARDS, { count: 2 }])).values();
  assert.ok(asked?.kind === 'approve');
  assert.deepEqual(
    [asked.by, asked.least, asked.expireMs, asked.rule],
    [['boss@acme.test'], 1, 864_000_000, 'card numbers'],
  );
});

test('H1: a reason says what was found, in English and Japanese', () => {
  const rules = rulesOf({ ...CONTRACT[1], description: { en: 'Look twice.', ja: '再確認のためです。' } });
  const [verdict] = verdicts({ recipients: domains(4) }, rules).values();
  assert.deepEqual(verdict?.reason, {
    en: 'Held by the rule “many external domains”, because it goes to 4 domains outside. Look twice.',
    ja: 'ルール「many external domains」により保留：宛先に社外の4ドメインが含まれる。再確認のためです。',
  });
});

test('H1: counts look at the whole message, which mail servers may have split over several transactions', () => {
  const rules = rulesOf(...CONTRACT);
  const none = answersOf([CARDS, {}]);
  assert.deepEqual(kinds(verdicts({ recipients: ['x@d0.test'], to: domains(3) }, rules, none)), ['hold']);
  // A forward carries the To and Cc of somebody else.
  const peer = { kind: 'peer', tenant: null, name: '' } as const;
  assert.deepEqual(
    kinds(
      verdicts({ recipients: ['x@d0.test'], to: domains(12), from: ['who@else.test'], identity: peer }, rules, none),
    ),
    ['pass'],
  );
  const relay = { kind: 'relay', tenant: null, name: 'exchange' } as const;
  const forward = { recipients: ['x@d0.test'], to: domains(12), from: ['who@else.test'], identity: relay };
  assert.deepEqual(kinds(verdicts(forward, rules, none)), ['pass']);
  assert.deepEqual(kinds(verdicts({ ...forward, from: ['alice@acme.test'] }, rules, none)), ['reject']);
  assert.deepEqual(kinds(verdicts({ recipients: ['a@d0.test', 'b@d0.test', 'c@D0.test'] }, rules, none)), [
    'pass',
    'pass',
    'pass',
  ]);
  const oneDomain = ['a@例え.test', 'b@xn--r8jz45g.test', 'c@d0.test'];
  assert.deepEqual(
    kinds(verdicts({ recipients: oneDomain }, rules, none)),
    ['pass', 'pass', 'pass'],
    'two spellings, one domain',
  );
});

test('H1: the first rule that holds decides, unless it continues; then the strictest decides and all changes are made', () => {
  const tag = { name: 'tag', when: { direction: 'outbound' }, action: { tagSubject: '[社外]' }, continue: true };
  const short = { name: 'short', when: { direction: 'outbound' }, action: { hold: '5m' }, continue: true };
  const long = { name: 'long', action: { hold: '15m', requireTls: true } };
  const never = { name: 'never', action: { reject: 'no' } };
  const [verdict] = verdicts({}, rulesOf(tag, short, long, never)).values();
  assert.ok(verdict?.kind === 'hold');
  assert.deepEqual([verdict.rule, verdict.forMs], ['long', 900_000]);
  assert.deepEqual(
    verdict.changes.map(({ kind }) => kind),
    ['tagSubject', 'requireTls'],
  );
  const [refused] = verdicts({}, rulesOf(tag, never)).values();
  assert.deepEqual([refused?.kind, refused?.changes], ['reject', []]);
});

test('H1: the installation’s rules stand in front of the tenant’s', () => {
  const [first] = readRules([{ name: 'house', action: { hold: '1h' } }]);
  const [own] = readRules([{ name: 'own', action: { pass: true } }]);
  assert.ok(first !== undefined && own !== undefined);
  const rules = compileRules({ installation: [first.rule], tenant: [own.rule] });
  assert.equal([...verdicts({}, rules).values()][0]?.rule, 'house');
});

test('M4: a check that is away decides by its policy, and keeps no later rule from refusing', () => {
  const away = answersOf([CARDS, { kind: 'absent', why: 'down' }]);
  const [held] = verdicts({}, rulesOf(CARD_RULE), away).values();
  assert.ok(held?.kind === 'hold');
  assert.deepEqual([held.atEnd, held.rule], ['expire', null]);
  assert.match(held.reason.en, /the check “creditCard” that the rule “cards” needs is away/);
  assert.deepEqual(kinds(verdicts({}, rulesOf(CARD_RULE))), ['hold'], 'no answer at all is no "nothing found"');
  assert.deepEqual(kinds(verdicts({}, rulesOf({ ...CARD_RULE, absence: 'deliver-unchanged' }), away)), ['pass']);
  assert.deepEqual(kinds(verdicts({}, rulesOf({ ...CARD_RULE, absence: 'defer' }), away)), ['defer']);
  const refuse = { name: 'all', action: { reject: 'no' } };
  assert.deepEqual(kinds(verdicts({}, rulesOf(CARD_RULE, refuse), away)), ['reject']);
  assert.deepEqual(kinds(verdicts({}, rulesOf({ ...CARD_RULE, absence: 'defer' }, refuse), away)), ['reject']);
  const inbound = { ...CARD_RULE, when: { ...CARD_RULE.when, direction: 'inbound' } };
  assert.deepEqual(kinds(verdicts({}, rulesOf(inbound), away)), ['pass'], 'who is not asked is not missed');
  const set = compileRules({
    installation: [],
    tenant: rulesOf(CARD_RULE).rules,
    absences: { creditCard: 'deliver-unchanged' },
  });
  assert.deepEqual(kinds(verdicts({}, set, away)), ['pass']);
});

test('H1: what nobody could read counts as found, and never as an exception', () => {
  const locked: MailFacts['unread'] = [{ part: '2', why: 'encrypted', detail: 'plan.zip' }];
  const answers = answersOf([CARDS, { unread: true }]);
  const [held] = verdicts({ unread: locked }, rulesOf(CARD_RULE), answers).values();
  assert.equal(held?.kind, 'hold');
  assert.match(held.reason.en, /locked with a password/);
  const stamped = { name: 'all', action: { hold: '5m' }, unless: { detects: { creditCard: true } } };
  assert.deepEqual(kinds(verdicts({ unread: locked }, rulesOf(stamped), answers)), ['hold']);
  assert.deepEqual(kinds(verdicts({}, rulesOf(stamped), answersOf([CARDS, { count: 1 }]))), ['pass']);
  assert.deepEqual(kinds(verdicts({}, rulesOf(stamped), answersOf([CARDS, { kind: 'absent', why: 'down' }]))), [
    'hold',
  ]);
});

test('H1: a rule that lets mail go does so only where it could read what it asks for', () => {
  const tagged = { name: 'card', when: { detects: { creditCard: true } }, action: { pass: true, tagSubject: 'x' } };
  const rest = { name: 'rest', action: { hold: '1h' } };
  assert.deepEqual(kinds(verdicts({}, rulesOf(tagged, rest), answersOf([CARDS, { count: 1 }]))), ['pass']);
  const [locked] = verdicts({}, rulesOf(tagged, rest), answersOf([CARDS, { unread: true }])).values();
  assert.deepEqual([locked?.kind, locked?.changes.length], ['hold', 1], 'what it does is done all the same');
  const bare = rulesOf({ ...tagged, action: { pass: true } }, rest);
  assert.deepEqual(kinds(verdicts({}, bare, answersOf([CARDS, { unread: true }]))), ['hold']);
  assert.deepEqual(kinds(verdicts({}, bare, answersOf([CARDS, { kind: 'absent', why: 'down' }]))), ['hold']);
  const inside = rulesOf({ name: 'inside', when: { senders: '*@acme.test' }, action: { pass: true } }, rest);
  const stranger: MailSketch = {
    identity: { kind: 'peer', tenant: null, name: '' },
    recipients: [recipientTo('bob@acme.test', 1, 'inbound')],
  };
  assert.deepEqual(kinds(verdicts(stranger, inside)), ['hold'], 'whoever claims to be one of us');
});

test('H1: an exception for recipients is for who really gets the mail', () => {
  const forwarded = { ...recipientTo('bob@gmail.com', 1), original: 'bob@acme.test' as MailAddress };
  const ours = { recipients: '*@acme.test' };
  const holds = (rule: Record<string, unknown>) =>
    kinds(verdicts({ recipients: [forwarded] }, rulesOf({ name: 'r', action: { hold: '1h' }, ...rule })));
  assert.deepEqual(holds({ unless: ours }), ['hold']);
  assert.deepEqual(holds({ when: ours }), ['hold']);
});

test('H1: findings about one recipient touch that recipient alone', () => {
  const question: Question = { check: 'freeMail' };
  const finding = { check: 'freeMail', part: '', recipient: 2, reason: { en: 'free', ja: 'フリー' } };
  const rules = rulesOf({ name: 'free', when: { freeMail: true }, action: { hold: '1h' } });
  const found = verdicts(
    { recipients: ['a@b.test', 'c@gmail.com'] },
    rules,
    answersOf([question, { count: 1, findings: [finding] }]),
  );
  assert.deepEqual(kinds(found), ['pass', 'hold']);
});

test('H1: senders are who signed in; a From field moves nobody into a rule, and a stranger is none of us', () => {
  const directory = directoryOf(PEOPLE, {
    sales: ['all@acme.test', 'alice@acme.test'],
    all: ['boss@acme.test', 'sales@acme.test'],
  });
  const holds = (senders: string | string[], sketch: MailSketch = {}) =>
    kinds(
      verdicts(sketch, rulesOf({ name: 'r', when: { senders }, action: { discard: true } }), new Map(), directory),
    )[0] === 'discard';
  assert.ok(holds('alice@acme.test', { sender: 'a.archer@acme.test' as MailAddress }));
  assert.ok(holds('group:sales', { sender: 'a.archer@acme.test' as MailAddress }));
  assert.ok(
    holds('group:sales', { identity: { kind: 'user', tenant: null, name: 'boss@acme.test' }, sender: null }),
    'by a group inside',
  );
  assert.ok(holds('*@acme.test') && holds(['nobody@acme.test', '*@acme.test']));
  assert.ok(!holds('boss@acme.test', { from: ['boss@acme.test'] }));
  assert.ok(holds('relay:scanner', { identity: { kind: 'relay', tenant: null, name: 'scanner' } }));
  const stranger: MailSketch = {
    identity: { kind: 'peer', tenant: null, name: '' },
    sender: 'boss@acme.test' as MailAddress,
    recipients: [recipientTo('alice@acme.test', 1, 'inbound')],
  };
  assert.ok(holds('boss@acme.test', stranger) && !holds('group:sales', stranger));
  const exempt = rulesOf({ name: 'r', action: { hold: '1h' }, unless: { senders: '*@acme.test' } });
  assert.deepEqual(kinds(verdicts(stranger, exempt, new Map(), directory)), ['hold']);
  assert.deepEqual(kinds(verdicts({}, exempt, new Map(), directory)), ['pass']);
});

test('H1: an approval waits neither for its sender nor for nobody', () => {
  const ask = (approve: Record<string, unknown>, sketch: MailSketch = {}, people = PEOPLE) =>
    [...verdicts(sketch, rulesOf({ name: 'r', action: { approve } }), new Map(), directoryOf(people)).values()][0];
  const manager = ask({ by: 'manager' });
  assert.ok(manager?.kind === 'approve');
  assert.deepEqual(manager.by, ['boss@acme.test']);
  const self = ask({ by: ['a.archer@acme.test', 'boss@acme.test'] });
  assert.ok(self?.kind === 'approve');
  assert.deepEqual(self.by, ['boss@acme.test'], 'an alias is the same person');
  const boss = ask(
    { by: 'manager' },
    { identity: { kind: 'user', tenant: null, name: 'boss@acme.test' }, sender: null },
  );
  assert.ok(boss?.kind === 'approve');
  assert.deepEqual(boss.by, ['root@acme.test']);
  assert.match(boss.reason.en, /administrators are asked/);
  const alone = ask({ by: 'alice@acme.test' }, {}, []);
  assert.ok(alone?.kind === 'hold' && alone.atEnd === 'expire', 'nobody is there');
  const allowed = ask({ by: 'alice@acme.test', selfApproval: true });
  assert.ok(allowed?.kind === 'approve');
  const two = ask({ by: ['boss@acme.test'], deputies: ['x@acme.test', 'boss@acme.test'], least: 2 });
  assert.ok(two?.kind === 'approve');
  assert.deepEqual([two.by, two.deputies, two.least], [['boss@acme.test'], ['x@acme.test'], 2]);
});

test('H1: mail of a stranger is not bounced for its content, nor is its sender told', () => {
  const stranger: MailSketch = {
    identity: { kind: 'peer', tenant: null, name: '' },
    recipients: [recipientTo('alice@acme.test', 1, 'inbound')],
  };
  const [verdict] = verdicts(
    stranger,
    rulesOf({ name: 'r', action: { reject: 'no', notify: ['sender', 'admins'] } }),
  ).values();
  assert.deepEqual([verdict?.kind, verdict?.notify], ['discard', ['root@acme.test']]);
});

test('H1: one mail is told to so many people, however many rules that continue name more', () => {
  const rules = ['a', 'b', 'c'].map((name) => ({
    name,
    continue: true,
    action: { notify: Array.from({ length: 15 }, (_, i) => `${name}${i}@acme.test`) },
  }));
  const [verdict] = verdicts({}, rulesOf(...rules)).values();
  assert.equal(verdict?.notify.length, TOLD_MAX);
});

test('H1: changes name the attachments that they are for, and none where there are none', () => {
  const attachments = [
    { path: '2', name: 'a.docm' },
    { path: '3', name: 'b.pdf' },
  ];
  const question: Question = {
    check: 'attachments',
    traits: { names: [], types: [], sizeMin: null, encrypted: false, macro: true, disguised: false, dangerous: false },
  };
  const finding = { check: 'attachments', part: '2/word/vba.bin', reason: { en: 'x', ja: 'x' } };
  const rule = (strip: string) => rulesOf({ name: 'r', when: { attachments: { macro: true } }, action: { strip } });
  const answers = answersOf([question, { count: 1, findings: [finding] }]);
  const changes = (strip: string, sketch: MailSketch) =>
    [...verdicts(sketch, rule(strip), answers).values()][0]?.changes;
  assert.deepEqual(changes('matched', { attachments }), [{ kind: 'stripAttachments', parts: ['2'], text: null }]);
  assert.deepEqual(changes('all', { attachments }), [{ kind: 'stripAttachments', parts: ['2', '3'], text: null }]);
  assert.deepEqual(changes('all', {}), []);
});

test('H1: conditions of the envelope and the header decide as they say', () => {
  const holds = (when: Record<string, unknown>, sketch: MailSketch) =>
    kinds(verdicts(sketch, rulesOf({ name: 'r', when, action: { discard: true } })))[0] === 'discard';
  assert.ok(
    holds({ subject: { empty: true } }, { subject: ' \u3000\u200b' }) && !holds({ subject: { empty: true } }, {}),
  );
  assert.ok(holds({ headers: [{ name: 'X-Priority' }] }, { fields: [{ name: 'x-priority', value: '1' }] }));
  assert.ok(holds({ headers: [{ name: 'X-Priority', exists: false }] }, {}));
  assert.ok(holds({ size: { min: '4kB' } }, { size: 4_000 }) && !holds({ size: { min: '4kB' } }, { size: 3_999 }));
  assert.ok(holds({ recipients: 'external' }, {}) && !holds({ recipients: 'internal' }, {}));
  assert.ok(holds({ recipients: ['*@*.example.test'] }, { recipients: ['x@a.example.test'] }));
  assert.ok(!holds({ recipients: ['*@*.example.test'] }, { recipients: ['x@example.test'] }));
  assert.ok(!holds({ recipients: ['*@example.test'] }, { recipients: ['x@notexample.test'] }));
  assert.ok(holds({ visibleRecipients: { min: 3 } }, { to: ['a@x.test', 'b@x.test'], cc: ['c@x.test', 'C@x.test'] }));
  assert.ok(
    holds({ recipientCount: { max: 1 } }, {}) && !holds({ recipientCount: { max: 1 } }, { recipients: domains(2) }),
  );
  assert.ok(holds({ any: [{ size: { min: '1GB' } }, { subject: { empty: true } }] }, { subject: '' }));
  assert.ok(holds({ unread: ['damaged'] }, { unread: [{ part: '2', why: 'damaged', detail: '' }] }));
  assert.ok(!holds({ unread: ['damaged'] }, { unread: [{ part: '2', why: 'encrypted', detail: '' }] }));
});

test('H1: every recipient has a verdict, and equal recipients share it, whatever the mail', () => {
  const rules = rulesOf(...CONTRACT, { name: 'delays', use: 'outbound-delays' });
  const recipient = fc.tuple(
    fc.constantFrom('acme.test', 'b.test', 'c.test', 'd.test'),
    fc.constantFrom('outbound', 'internal', 'inbound'),
  );
  fc.assert(
    fc.property(fc.array(recipient, { maxLength: 12 }), fc.boolean(), (list, isAway) => {
      const facts = sketchMail({
        recipients: list.map(([domain, direction], i) =>
          recipientTo(`r${i}@${domain}`, i + 1, direction as 'outbound'),
        ),
      });
      const found = decide(facts, isAway ? new Map() : answersOf([CARDS, {}]), rules, directoryOf());
      assert.deepEqual(
        [...found.keys()],
        facts.recipients.map(({ n }) => n),
      );
      for (const { n, direction } of facts.recipients) {
        assert.equal(found.get(n)?.kind === 'pass', direction !== 'outbound');
        const twin = facts.recipients.find((other) => other.direction === direction);
        assert.equal(found.get(n), found.get(twin?.n ?? 0));
      }
    }),
    { numRuns: 200 },
  );
});

test('H1: explain says of each rule whether it holds, why, and whether it was reached', () => {
  const [opinions] = explain(
    sketchMail({ recipients: domains(3) }),
    answersOf([CARDS, { count: 1 }]),
    rulesOf(...CONTRACT),
    directoryOf(),
  ).values();
  assert.deepEqual(
    opinions?.map(({ rule, says, counted }) => [rule, says, counted]),
    [
      ['bulk leak', 'does not hold', true],
      ['many external domains', 'holds', true],
      ['card numbers', 'holds', false],
    ],
  );
});

test('H1: copies are asked for of mail, not of copies of it, nor as Bcc for who gets it anyway', () => {
  const rules = rulesOf({
    name: 'copy',
    action: { archive: ['vault@acme.test'], addBcc: ['boss@acme.test', 'x@d0.test'] },
  });
  const changesOf = (sketch: MailSketch) => verdicts(sketch, rules).get(1)?.changes;
  assert.deepEqual(changesOf({ recipients: ['x@d0.test'] }), [
    { kind: 'archiveCopy', to: ['vault@acme.test'] },
    { kind: 'addBcc', to: ['boss@acme.test'] },
  ]);
  const identity = copyIdentity('acme' as TenantId);
  assert.deepEqual(changesOf({ recipients: ['boss@acme.test'], identity }), []);
});
