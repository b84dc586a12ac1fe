/** Who is told of what, by the port's door: claims and outcomes in, mails out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeWords, headerValue, readHeaders, readMessage } from '#/codec/mime/index.ts';
import type {
  ArrivedMail,
  ArrivedRecipient,
  Claim,
  ClaimedRecipient,
  Decision,
  MailAddress,
  MailInCustody,
  Outcome,
  PolicyVersion,
  Tenant,
  Verdict,
} from '#/model/index.ts';
import { NOTICE_DEFAULTS } from '#/model/index.ts';
import type { DoneToMail } from '#/ports/index.ts';
import { FakeClock, FakeDirectorySource, FakeMeter, FakeRouting, QueueBench, tenantOf } from '#/testkit/index.ts';
import { NOTICE_LIMITS, PeopleMails } from './index.ts';

const DAY = 86_400_000;
const HOLD: Decision = { kind: 'hold', forMs: 900_000, atEnd: 'send' };
const STRICT: Decision = { kind: 'hold', forMs: null, atEnd: 'expire' };
const ACME = tenantOf({
  id: 'acme',
  domains: ['acme.test'],
  users: [['alice@acme.test', 'a.archer@acme.test'], ['bob@acme.test'], ['carol@acme.test'], ['root@acme.test']],
  admins: ['root@acme.test'],
  groups: { 'security@acme.test': ['bob@acme.test', 'root@acme.test'] },
});

function asking(more: Partial<Extract<Decision, { kind: 'approve' }>> = {}): Decision {
  const by = ['bob@acme.test', 'carol@acme.test'] as MailAddress[];
  return { kind: 'approve', by, deputies: [], least: 1, expireMs: 10 * DAY, selfApproval: false, ...more };
}

interface Sketch {
  readonly decisions: readonly Decision[];
  readonly mail?: Partial<MailInCustody>;
  readonly notify?: readonly string[];
  readonly reason?: string;
}

/** Other tenants beside, and addresses that lead to nobody: changed while a test runs. */
interface Around {
  readonly others?: readonly Tenant[];
  readonly unknown?: string[];
}

/** A maker over one tenant and a clock that stands. */
class Bench {
  readonly clock = new FakeClock(Date.UTC(2026, 10, 30, 12));
  readonly maker: PeopleMails;
  readonly meter = new FakeMeter();
  readonly directory: FakeDirectorySource;
  readonly #mails = new QueueBench();

  constructor(tenant: Tenant = ACME, { others = [], unknown = [] }: Around = {}) {
    const directory = new FakeDirectorySource([tenant, ...others]);
    this.directory = directory;
    this.maker = new PeopleMails(
      { hostname: 'mx.acme.test', heldMs: 10 * DAY, pages: 'https://mail.acme.test' },
      {
        directory,
        clock: this.clock,
        meter: this.meter,
        routing: new FakeRouting(['acme.test']),
        reach: (address) =>
          (directory.current().group(address)?.group.members ?? [address])
            .filter((one) => !unknown.includes(one))
            .map((one) => ({ address: one, direction: 'internal' })),
        links: {
          linkTo: ({ mail }, person, verbs) => {
            const isOurs = person.endsWith('@acme.test');
            return isOurs
              ? {
                  url: `https://mail.acme.test/l/${mail}-${verbs.join('+')}-${person.split('@')[0]}`,
                  asksSignIn: false,
                }
              : null;
          },
        },
      },
    );
  }

  claim({ decisions, mail = {}, notify = [], reason = 'because' }: Sketch): {
    claim: Claim;
    outcomes: { n: number; outcome: Outcome }[];
  } {
    const to = decisions.map((_, i) => `customer${i}@partner.test`);
    const { recipients, body, ...rest } = this.#mails.mail({ to, subject: 'Quotation 2026-11' });
    const claimed = recipients.map(waitingOf);
    const verdicts = decisions.map((decision) => verdictOf(decision, notify, reason));
    const outcomes = verdicts.map((verdict, i) => ({ n: i + 1, outcome: outcomeOf(verdict, this.clock.now()) }));
    const claim: Claim = {
      mail: { ...rest, ...mail },
      destination: 'mx:partner.test' as never,
      recipients: claimed,
      body,
    };
    return { claim, outcomes };
  }

  judged(sketch: Sketch) {
    const { claim, outcomes } = this.claim(sketch);
    return this.maker.judged(claim, outcomes);
  }

  /** What waits as custody would keep it, after `judged`. */
  waiting(sketch: Sketch): Claim {
    const { claim, outcomes } = this.judged(sketch);
    const recipients = claim.recipients.map((recipient, i): ClaimedRecipient => {
      const outcome = outcomes[i]?.outcome;
      assert.ok(outcome?.kind === 'suspended' || outcome?.kind === 'approval');
      const { told, verdict } = outcome;
      const until = outcome.until ?? this.clock.now() + 10 * DAY;
      const wait = {
        since: this.clock.now(),
        until,
        toldAt: told?.who === '' ? null : this.clock.now(),
        owed: told?.owed ?? [],
      };
      const releaseAt = outcome.kind === 'suspended' && outcome.atEnd === 'send' ? until : null;
      return {
        ...recipient,
        state: outcome.kind === 'approval' ? 'approval' : 'held',
        releaseAt,
        verdict: { ...verdict, wait },
      };
    });
    return { ...claim, recipients };
  }
}

function verdictOf(decision: Decision, notify: readonly string[], why: string): Verdict {
  const reason = { en: `Held by the rule “leak”, ${why}.`, ja: `ルール「leak」により保留：${why}。` };
  return {
    ...decision,
    rule: 'leak',
    version: 'v1' as PolicyVersion,
    reason,
    changes: [],
    notify: notify as MailAddress[],
  };
}

function outcomeOf(verdict: Verdict, now: number): Outcome {
  const place = { destination: 'mx:partner.test' as never, verdict };
  switch (verdict.kind) {
    case 'approve':
      return { kind: 'approval', until: verdict.expireMs === null ? null : now + verdict.expireMs, ...place };
    case 'hold':
      return {
        kind: 'suspended',
        until: verdict.forMs === null ? null : now + verdict.forMs,
        atEnd: verdict.atEnd,
        ...place,
      };
    case 'reject':
      return { kind: 'bounced', reply: { code: 550, enhanced: '5.7.1', text: verdict.text, host: null }, verdict };
    case 'discard':
      return { kind: 'discarded', reason: 'policy', verdict };
    default:
      return { kind: 'passed', ...place };
  }
}

function waitingOf({ n, address, original, orcpt, notify, direction }: ArrivedRecipient): ClaimedRecipient {
  const rest = { attempts: 0, lastAttemptAt: null, lastReply: null, delayNotified: false, possiblyDuplicate: false };
  const one = { n, address, original, orcpt, notify, direction };
  return { ...one, ...rest, token: 1, state: 'queued', releaseAt: null, judged: false, verdict: null };
}

/** To whom, under which subject, and the whole text. */
function read(mail: ArrivedMail | undefined): { to: string; subject: string; text: string; html: string } {
  assert.ok(mail?.body.kind === 'memory');
  const content = Buffer.concat(mail.body.chunks);
  const head = readHeaders([content]);
  const [, text = '', html = ''] = content
    .toString()
    .split(/\r\nContent-Transfer-Encoding: /)
    .map(decoded);
  return {
    to: mail.recipients.map(({ address }) => address).join(' '),
    subject: decodeWords(headerValue(head, 'subject') ?? ''),
    text,
    html,
  };
}

function decoded(part: string): string {
  const [head = '', ...rest] = part.split('\r\n\r\n');
  const content = rest.join('\r\n\r\n').split('\r\n--holdfast')[0] ?? '';
  return head.startsWith('base64') ? Buffer.from(content, 'base64').toString() : content;
}

const people = (mails: readonly ArrivedMail[]): string[] => mails.map((mail) => read(mail).to).sort();

test('H1: its sender hears at once that a mail is held: why, for whom, until when, and what to do', () => {
  const { born, outcomes } = new Bench().judged({
    decisions: [HOLD, HOLD],
    reason: 'because it goes to 3 domains outside',
  });
  assert.equal(born.length, 1);
  const { to, subject, text } = read(born[0]);
  assert.deepEqual([to, subject], ['alice@acme.test', 'Held: Quotation 2026-11 (until 12:15)']);
  for (const said of [
    'has not been sent to the people below yet',
    'customer0@partner.test, customer1@partner.test',
    'because it goes to 3 domains outside',
    'Held until Mon 30 Nov 12:15 (UTC), then it is sent by itself.',
    'Send it now, stop it, or delete it:\r\n  https://mail.acme.test/l/',
  ])
    assert.ok(text.includes(said), `${said}\n${text}`);
  const [first] = outcomes;
  assert.ok(first?.outcome.kind === 'suspended');
  assert.deepEqual(first.outcome.told, { who: 'its sender', owed: [], lookAt: Date.UTC(2026, 10, 30, 12, 15) });
});

test('RFC 3834 §5: a notice is marked as automatic, has the null reverse-path, asks for no report, and goes into inspection nowhere', () => {
  const [notice] = new Bench().judged({ decisions: [HOLD] }).born;
  assert.ok(notice);
  const { purpose, sender, parent, tenant, origin, recipients } = notice;
  assert.deepEqual([purpose, sender, tenant, origin], ['notice', null, 'acme', 'generated']);
  assert.notEqual(parent, null);
  assert.deepEqual(recipients[0]?.notify, { success: false, failure: false, delay: false });
  assert.ok(notice.body.kind === 'memory');
  const head = readHeaders(notice.body.chunks);
  assert.equal(headerValue(head, 'auto-submitted'), 'auto-generated');
  assert.equal(headerValue(head, 'references'), '<1@acme.test>');
});

test('H1: approvers are asked, each by one mail, however many recipients wait; the sender hears that they were', () => {
  const { born } = new Bench().judged({ decisions: [asking(), asking(), asking()] });
  assert.deepEqual(people(born), ['alice@acme.test', 'bob@acme.test', 'carol@acme.test']);
  const asked = read(born.find((mail) => read(mail).to === 'bob@acme.test'));
  assert.equal(asked.subject, 'Your approval is needed: Quotation 2026-11');
  assert.match(
    asked.text,
    /alice@acme\.test has sent this mail[\s\S]*customer2@partner\.test[\s\S]*Approve it or reject it:\r\n {2}https:\/\/.*-approve\+reject-bob/,
  );
  const own = read(born.find((mail) => read(mail).to === 'alice@acme.test'));
  assert.equal(own.subject, 'Waits for approval: Quotation 2026-11');
  assert.match(
    own.text,
    /approval by bob@acme\.test, carol@acme\.test\. If it is not approved by Thu 10 Dec 12:00 \(UTC\)/,
  );
});

test('H1: one person hears once of one mail, by whichever of their addresses, as the one who has most to do', () => {
  const decisions = [asking({ by: ['bob@acme.test'] as MailAddress[] }), HOLD];
  const { born } = new Bench().judged({ decisions, notify: ['bob@acme.test', 'A.Archer@acme.test'] });
  assert.deepEqual(people(born), ['alice@acme.test', 'bob@acme.test']);
  assert.match(read(born.find((mail) => read(mail).to === 'bob@acme.test')).subject, /^Your approval/);
});

test('H1: whom a rule names is told of each kind of decision, a mail that was sent on included', () => {
  for (const [decision, said] of [
    [{ kind: 'pass' }, 'It was sent on.'],
    [{ kind: 'reject', text: 'Too many' }, 'It was refused: Too many'],
    [{ kind: 'discard' }, 'It was thrown away.'],
    [STRICT, 'Held until somebody releases it.'],
  ] as const) {
    const { born } = new Bench().judged({ decisions: [decision], notify: ['root@acme.test'] });
    const told = read(born.find((mail) => read(mail).to === 'root@acme.test'));
    assert.equal(told.subject, 'The rule “leak” matched: Quotation 2026-11');
    assert.ok(told.text.includes(said), told.text);
    assert.match(told.text, /nothing that you have to do/);
  }
});

test('H1: a sender whom a rule names is not told of a refusal beside its report', () => {
  const { born } = new Bench().judged({ decisions: [{ kind: 'reject', text: 'no' }], notify: ['alice@acme.test'] });
  assert.deepEqual(born, []);
});

test('design 1: a stranger is never told, whatever is held of their mail; whom the rule names is', () => {
  for (const kind of ['peer', 'system'] as const) {
    const mail = { identity: { kind, tenant: null, name: '' } };
    const { born, outcomes } = new Bench().judged({ decisions: [STRICT], mail, notify: ['root@acme.test'] });
    assert.deepEqual(people(born), ['root@acme.test'], kind);
    assert.ok(outcomes[0]?.outcome.kind === 'suspended');
    assert.deepEqual(new Bench().judged({ decisions: [STRICT], mail }).born, []);
  }
  const elsewhere = {
    sender: 'x@elsewhere.test' as MailAddress,
    identity: { kind: 'relay', tenant: 'acme' as never, name: 'server' },
  } as const;
  assert.deepEqual(new Bench().judged({ decisions: [HOLD], mail: elsewhere }).born, []);
});

test('design 1: a notice, a report and a probe are told to nobody', () => {
  for (const purpose of ['notice', 'dsn', 'probe'] as const)
    assert.deepEqual(new Bench().judged({ decisions: [HOLD], mail: { purpose } }).born, []);
});

test('H1: a Japanese tenant reads Japanese', () => {
  const tenant: Tenant = { ...ACME, language: 'ja', timezone: 'Asia/Tokyo' };
  const { born } = new Bench(tenant).judged({
    decisions: [HOLD],
    mail: { facts: { from: '', subject: '見積書', messageId: '' } },
  });
  const own = read(born.find((mail) => read(mail).to === 'alice@acme.test'));
  assert.equal(own.subject, '保留中: 見積書（21:15まで）');
  assert.match(own.text, /11月30日\(月\) 21:15 \(Asia\/Tokyo\)まで保留され、その後自動で送信されます。/);
  assert.doesNotMatch(own.text, /has not been sent/);
});

test('H1: the tenant decides of which held mail its senders hear, and whether the subject is named', () => {
  const tell = (notices: Partial<Tenant['notices']>, decision: Decision) =>
    new Bench({ ...ACME, notices: { ...NOTICE_DEFAULTS, ...notices } })
      .judged({ decisions: [decision] })
      .born.map(read);
  assert.equal(tell({ held: 'waiting' }, HOLD).length, 0);
  assert.equal(tell({ held: 'waiting' }, STRICT).length, 1);
  assert.equal(tell({ held: 'off' }, STRICT).length, 0);
  assert.deepEqual(
    tell({ held: 'off' }, asking()).map(({ to }) => to),
    ['bob@acme.test', 'carol@acme.test'],
    'approvers are always asked',
  );
  const [quiet] = tell({ subject: false }, HOLD);
  assert.match(quiet?.subject ?? '', /^Held: mail [0-9A-Z]+ \(until/);
  assert.doesNotMatch(`${quiet?.text}${quiet?.html}`, /Quotation/);
});

test('H1: what is held until somebody acts says that its sender may delete it, and who can release it', () => {
  const { text, subject } = read(new Bench().judged({ decisions: [STRICT] }).born[0]);
  assert.equal(subject, 'Held: Quotation 2026-11');
  assert.match(text, /Delete it, if it should not go:[\s\S]*An administrator can release it: root@acme\.test/);
});

test('H1: people are reminded on day 1, 3 and 7 and a day before the end, and at no other time', () => {
  const bench = new Bench();
  let claim = bench.waiting({ decisions: [asking()] });
  const days: number[] = [];
  const since = bench.clock.now();
  for (let hour = 1; hour <= 239; hour++) {
    bench.clock.jump(3_600_000);
    const { tellings } = bench.maker.waiting([claim]);
    const [telling] = tellings;
    const outcome = telling?.outcomes[0]?.outcome;
    assert.ok(outcome?.kind === 'returned' && outcome.due > bench.clock.now());
    if (telling?.born.length === 0) continue;
    days.push((bench.clock.now() - since) / DAY);
    assert.match(outcome.told?.who ?? '', /2 approvers, its sender|its sender, 2 approvers/);
    claim = toldNow(claim, bench.clock.now());
  }
  assert.deepEqual(days, [1, 3, 7, 9]);
});

test('H1: a reminder says that it still waits and until when; deputies are asked where nobody has decided', () => {
  const bench = new Bench();
  const deputies = ['root@acme.test'] as MailAddress[];
  const claim = bench.waiting({ decisions: [asking({ deputies, least: 2 })] });
  bench.clock.jump(DAY);
  const [telling] = bench.maker.waiting([claim]).tellings;
  assert.deepEqual(people(telling?.born ?? []), [
    'alice@acme.test',
    'bob@acme.test',
    'carol@acme.test',
    'root@acme.test',
  ]);
  const deputy = read(telling?.born.find((mail) => read(mail).to === 'root@acme.test'));
  assert.equal(deputy.subject, 'Still needs your approval: Quotation 2026-11 (expires Thu 10 Dec 12:00)');
  assert.match(deputy.text, /as a deputy, since nobody has decided/);
  const agreed = {
    ...claim,
    recipients: claim.recipients.map((one) => ({
      ...one,
      verdict: { ...(one.verdict as Verdict), agreed: ['bob@acme.test'] } as Verdict,
    })),
  };
  const [half] = bench.maker.waiting([agreed]).tellings;
  assert.deepEqual(
    people(half?.born ?? []),
    ['alice@acme.test', 'carol@acme.test'],
    'who has agreed is not asked again',
  );
});

test('H1: mail that goes by itself brings no reminder', () => {
  const bench = new Bench();
  const claim = bench.waiting({ decisions: [{ kind: 'hold', forMs: 5 * DAY, atEnd: 'send' }] });
  bench.clock.jump(3 * DAY);
  const { tellings, digests } = bench.maker.waiting([claim]);
  assert.deepEqual([tellings[0]?.born, digests], [[], []]);
  const outcome = tellings[0]?.outcomes[0]?.outcome;
  assert.equal(outcome?.kind === 'returned' ? outcome.due : null, claim.recipients[0]?.releaseAt);
});

test('H1: a storm is told in so many mails and a digest; nobody is forgotten, and nobody gets more than the bound', () => {
  const bench = new Bench();
  const waiting = Array.from({ length: 100 }, () =>
    bench.waiting({ decisions: [asking({ by: ['bob@acme.test'] as MailAddress[] })] }),
  );
  const owed = waiting.filter((claim) =>
    claim.recipients[0]?.verdict?.wait?.owed.includes('bob@acme.test' as MailAddress),
  );
  assert.equal(owed.length, 100 - NOTICE_LIMITS.singlesPerHour);
  bench.clock.jump(NOTICE_LIMITS.digestMs);
  const { tellings, digests } = bench.maker.waiting(owed);
  assert.ok(tellings.every(({ born }) => born.length === 0));
  assert.deepEqual(people(digests), ['alice@acme.test', 'bob@acme.test']);
  const digest = read(digests.find((mail) => read(mail).to === 'bob@acme.test'));
  assert.equal(digest.subject, '80 mails wait');
  assert.match(
    digest.text,
    /and 30 more[\s\S]*See what waits for your approval:\r\n {2}https:\/\/mail\.acme\.test\/approvals/,
  );
  assert.equal(digest.text.match(/Quotation/g)?.length, NOTICE_LIMITS.digestLinesMax);
  for (const { outcomes } of tellings) {
    const [first] = outcomes;
    assert.ok(first?.outcome.kind === 'returned');
    assert.deepEqual(first.outcome.told?.owed, []);
  }
});

test('H1: whom even a digest does not reach within the hour hears later', () => {
  const bench = new Bench();
  const batch = () => bench.waiting({ decisions: [STRICT] });
  for (let i = 0; i < NOTICE_LIMITS.singlesPerHour; i++) batch();
  const owed = [batch(), batch()];
  for (let i = 0; i < NOTICE_LIMITS.digestsPerHour; i++) assert.equal(bench.maker.waiting(owed).digests.length, 1);
  const late = bench.maker.waiting(owed);
  assert.deepEqual(late.digests, []);
  for (const { outcomes } of late.tellings) {
    const [first] = outcomes;
    assert.ok(first?.outcome.kind === 'returned');
    assert.deepEqual([first.outcome.told?.owed, first.outcome.told?.who], [['alice@acme.test'], '']);
    assert.equal(first.outcome.due, bench.clock.now() + NOTICE_LIMITS.laterMs);
  }
});

test('H1: its sender hears who decided and what they said, and nothing of what they did themselves', () => {
  const bench = new Bench();
  const { claim } = bench.claim({ decisions: [asking(), HOLD] });
  const done = (more: Partial<DoneToMail>) =>
    bench.maker
      .done(claim, [1], { deed: 'approve', by: 'bob@acme.test' as MailAddress, comment: '', ...more })
      .map(read);
  const [approved] = done({ comment: 'Fine, but use the new list next time' });
  assert.equal(approved?.subject, 'Approved: Quotation 2026-11');
  assert.match(approved?.text ?? '', /bob@acme\.test has approved it[\s\S]*customer0@[\s\S]*Fine, but use/);
  assert.doesNotMatch(approved?.text ?? '', /customer1@/);
  assert.match(done({ deed: 'delete', by: null })[0]?.text ?? '', /The operator of this mail system has deleted it/);
  assert.deepEqual(done({ by: 'a.archer@acme.test' as MailAddress }), []);
});

test('H1: of mail that went on, what found no room is told as a number by the next notice', () => {
  const bench = new Bench();
  const pass = () => bench.judged({ decisions: [{ kind: 'pass' }], notify: ['root@acme.test'] }).born;
  for (let i = 0; i < NOTICE_LIMITS.singlesPerHour; i++) assert.equal(pass().length, 1);
  for (let i = 0; i < 3; i++) assert.equal(pass().length, 0);
  assert.equal(bench.meter.values.get('holdfast_notices_total'), NOTICE_LIMITS.singlesPerHour + 3);
  const owed = [0, 1].map(() => bench.waiting({ decisions: [STRICT], notify: ['root@acme.test'] }));
  const digest = bench.maker
    .waiting(owed)
    .digests.map(read)
    .find(({ to }) => to === 'root@acme.test');
  assert.match(digest?.text ?? '', /There were 3 more such mails in a short time/);
});

test('design 1: whoever is no one of the tenant is told nothing, whatever a rule names them as', () => {
  const others = [tenantOf({ id: 'other', domains: ['other.test'], users: [['eve@other.test']] })];
  const bench = new Bench(ACME, { others });
  const strangers = ['victim@elsewhere.test', 'eve@other.test'] as MailAddress[];
  const by = ['bob@acme.test' as MailAddress, ...strangers];
  const sketch = { decisions: [asking({ by, deputies: strangers })], notify: strangers };
  const claim = bench.waiting(sketch);
  assert.deepEqual(claim.recipients[0]?.verdict?.wait?.owed, []);
  assert.deepEqual(people(bench.judged(sketch).born), ['alice@acme.test', 'bob@acme.test']);
  bench.clock.jump(DAY);
  const [telling] = bench.maker.waiting([claim]).tellings;
  assert.deepEqual(people(telling?.born ?? []), ['alice@acme.test', 'bob@acme.test']);
});

test('design 1: what one tenant’s rules tell a person takes nothing from the hour of another’s, and stands in no mail of theirs', () => {
  // A user of acme by an address in a domain of another tenant is of both.
  const bob = 'bob@shared.test' as MailAddress;
  const acme = tenantOf({ id: 'acme', domains: ['acme.test'], users: [['alice@acme.test'], [bob]] });
  const bench = new Bench(acme, { others: [tenantOf({ id: 'other', domains: ['shared.test'], users: [] })] });
  const mail = { tenant: 'other' as never, identity: { kind: 'peer', tenant: null, name: '' } } as const;
  const theirs = () => bench.waiting({ decisions: [asking({ by: [bob] })], mail });
  const owedBy = ({ recipients: [one] }: Claim) => one?.verdict?.wait?.owed;
  for (let i = 0; i < NOTICE_LIMITS.singlesPerHour; i++) assert.deepEqual(owedBy(theirs()), []);
  const owed = [theirs(), theirs()];
  assert.deepEqual(owed.map(owedBy), [[bob], [bob]]);
  const own = bench.judged({ decisions: [asking({ by: [bob] })] });
  assert.deepEqual(people(own.born), ['alice@acme.test', bob]);
  const asked = [1, 2].map(() => toOwe(bench.waiting({ decisions: [asking({ by: [bob] })] }), [bob]));
  const { digests } = bench.maker.waiting([...owed, ...asked]);
  assert.deepEqual(digests.map((digest) => `${digest.tenant}: ${read(digest).subject}`).sort(), [
    'acme: 2 mails wait',
    'other: 2 mails wait',
  ]);
});

test('design 1: all that one tenant’s rules set off has a bound in an hour, and what is over waits', () => {
  const users = Array.from({ length: 200 }, (_, i): [string] => [`u${i}@acme.test`]);
  const tenant = tenantOf({ id: 'acme', domains: ['acme.test'], users: [['alice@acme.test'], ...users] });
  const bench = new Bench(tenant);
  const notify = users.flat();
  let born = 0;
  for (let i = 0; i < 11; i++) born += bench.judged({ decisions: [{ kind: 'pass' }], notify }).born.length;
  assert.equal(born, NOTICE_LIMITS.tenantPerHour);
  assert.deepEqual(bench.waiting({ decisions: [STRICT] }).recipients[0]?.verdict?.wait?.owed, ['alice@acme.test']);
});

test('H1: whom no mail can reach has not heard, and hears once it can', () => {
  const unknown = ['bob@acme.test'];
  const bench = new Bench(ACME, { unknown });
  const claim = bench.waiting({ decisions: [asking({ by: ['bob@acme.test'] as MailAddress[] })] });
  assert.deepEqual(claim.recipients[0]?.verdict?.wait?.owed, ['bob@acme.test']);
  bench.clock.jump(NOTICE_LIMITS.digestMs);
  const [still] = bench.maker.waiting([claim]).tellings;
  const outcome = still?.outcomes[0]?.outcome;
  assert.ok(outcome?.kind === 'returned');
  assert.deepEqual([outcome.told?.who, outcome.told?.owed], ['', ['bob@acme.test']]);
  unknown.length = 0;
  const [now] = bench.maker.waiting([claim]).tellings;
  assert.deepEqual(people(now?.born ?? []), ['bob@acme.test']);
});

test('H1: that mail has expired is told however full the hour is: nothing else may tell it', () => {
  const bench = new Bench();
  const { claim } = bench.claim({ decisions: [STRICT] });
  const expire = () => bench.maker.done(claim, [1], { deed: 'expire', by: null, comment: '' }).length;
  const stop = () => bench.maker.done(claim, [1], { deed: 'stop', by: null, comment: '' }).length;
  for (let i = 0; i < NOTICE_LIMITS.singlesPerHour; i++) assert.equal(stop(), 1);
  assert.deepEqual([stop(), expire(), expire()], [0, 1, 1]);
});

test('H1: a mail to a thousand, owed to many who are asked in many ways, is told of and each address is looked up a few times', () => {
  const users = Array.from({ length: 200 }, (_, i): [string] => [`u${i}@acme.test`]);
  const all = users.map(([address]) => address as MailAddress);
  const decision = asking({ by: all.slice(0, 20), deputies: all.slice(20, 40) });
  const tenant = tenantOf({ id: 'acme', domains: ['acme.test'], users: [['alice@acme.test'], ...users] });
  const bench = new Bench(tenant);
  const claim = bench.waiting({ decisions: Array.from({ length: 1_000 }, () => decision) });
  const current = bench.directory.current();
  let lookUps = 0;
  bench.directory.switchTo({
    ...current,
    user: (address) => {
      lookUps += 1;
      return current.user(address);
    },
  });
  const { tellings } = bench.maker.waiting([toOwe(claim, all)]);
  assert.equal(tellings[0]?.born.length, 200);
  assert.ok(lookUps < 5_000, `${lookUps}`);
});

test('design 1: who decides about a stranger’s mail reads that it only says whose it is', () => {
  const mail = { identity: { kind: 'peer', tenant: null, name: '' }, sender: 'ceo@acme.test' as MailAddress } as const;
  const { born } = new Bench().judged({ decisions: [asking()], mail });
  assert.deepEqual(people(born), ['bob@acme.test', 'carol@acme.test']);
  assert.match(read(born[0]).text, /Somebody who says to be ceo@acme\.test has sent this mail/);
});

test('H1: nothing that anyone wrote forges a field, a part, or markup', () => {
  const nasty = 'x\r\nBcc: eve@evil.test\r\n\r\n--holdfast <script>alert(1)</script> "&\u202e';
  const facts = { from: '', subject: nasty, messageId: `<a>\r\nX: y` };
  const { born } = new Bench().judged({ decisions: [HOLD], mail: { facts }, reason: nasty });
  const [notice] = born;
  assert.ok(notice?.body.kind === 'memory');
  const content = Buffer.concat(notice.body.chunks);
  const message = readMessage(content);
  assert.ok(message !== null);
  const head = readHeaders([content]);
  assert.deepEqual(
    [headerValue(head, 'bcc'), headerValue(head, 'x'), headerValue(head, 'references')],
    [null, null, null],
  );
  const { html, text } = read(notice);
  assert.doesNotMatch(html, /<script>/);
  assert.doesNotMatch(`${html}${text}`, /\u202e/);
  assert.ok(
    content
      .toString('latin1')
      .split('\r\n')
      .every((one) => one.length <= 998),
  );
});

function toldNow(claim: Claim, now: number): Claim {
  const recipients = claim.recipients.map((one) => {
    const { verdict } = one;
    assert.ok(verdict?.wait);
    return { ...one, verdict: { ...verdict, wait: { ...verdict.wait, toldAt: now } } };
  });
  return { ...claim, recipients };
}

function toOwe(claim: Claim, owed: readonly MailAddress[]): Claim {
  const recipients = claim.recipients.map((one) => {
    const { verdict } = one;
    assert.ok(verdict?.wait);
    return { ...one, verdict: { ...verdict, wait: { ...verdict.wait, owed } } };
  });
  return { ...claim, recipients };
}
