/** What is kept of past mail, and what a draft of rules is told of it: through the keeper and the store. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inflateRawSync } from 'node:zlib';
import type { MailId, Tenant, TenantId } from '#/model/index.ts';
import { newMailId, within } from '#/model/index.ts';
import { type Answer, type Answers, askOf, type Question } from '#/policy/index.ts';
import { type PastMails, Refusal } from '#/ports/index.ts';
import { openMemoryPastMails } from '#/store/memory/index.ts';
import { type MailSketch, sketchMail } from '#/testkit/facts/index.ts';
import { FakeClock, FakeLog, FakeMeter, tenantOf } from '#/testkit/index.ts';
import { PAST_LIMITS, PastKeeper, type PastLimits, PastUpkeep, rehearsalOperations } from './index.ts';

const ACME = 'acme' as TenantId;
const DAY_MS = 86_400_000;
const EVERYWHERE = ['attachments', 'body', 'subject'] as const;
const soon = () => within(60_000);
/** Bounds for hangs. */
const LOOK_MS = 5;
const LOOKS_MAX = 6_000;
/** A dry run rests between its stretches; here for no time. */
const systemless = { monotonic: () => performance.now(), sleep: async () => {} };

const looked = (count: number, more: Partial<Answer> = {}): Answer =>
  ({ kind: 'looked', count, findings: [], unread: false, ...more }) as Answer;

function answersOf(...pairs: [Question, Answer][]): Answers {
  return new Map(pairs.map(([question, answer]) => [askOf(question).key, answer]));
}

function acme(policies: Tenant['policies'], noFacts = false): Tenant {
  return { ...tenantOf({ id: 'acme', domains: ['acme.test'], policies }), noFacts };
}

interface Told {
  readonly mails: number;
  readonly recipients: number;
  readonly missing: number;
  readonly cut: boolean;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly unanswered: { readonly draft: number };
  readonly moves: Readonly<Record<string, number>>;
  readonly rules: readonly { readonly rule: string; readonly first: readonly string[]; readonly unanswered: number }[];
}

/** A store, a worker's keeper over it, and drafts that are tried. */
class Bench implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly log = new FakeLog();
  readonly meter = new FakeMeter();
  readonly past: PastMails;
  readonly keeper: PastKeeper;
  /** What the store says instead of keeping. */
  fails: (() => boolean) | null = null;
  now: Tenant = acme([]);
  readonly #open = new AsyncDisposableStack();

  constructor(limits: Partial<PastLimits> = {}) {
    const { clock, log } = this;
    const past = this.#open.use(openMemoryPastMails());
    this.past = past;
    const keep: PastMails['keep'] = async (...batch) => (this.fails === null ? past.keep(...batch) : this.fails());
    this.keeper = this.#open.use(
      new PastKeeper(
        { past: { keep }, keeps: () => true, clock, log, meter: this.meter },
        { ...PAST_LIMITS, ...limits },
      ),
    );
  }

  inspected(sketch: MailSketch, answers: Answers = new Map(), isWritten = true): MailId {
    const id = newMailId(this.clock.now());
    this.keeper.note(id, sketchMail(sketch), answers);
    this.keeper.settled(id, isWritten);
    return id;
  }

  /** Lets the keeper write down what it has, until so many mails are kept. */
  async kept(mails: number): Promise<void> {
    await this.clock.advance(PAST_LIMITS.flushMs);
    await this.#becomes(mails, async () => {
      const batches = await this.past.read(ACME, 0, null, 100, soon());
      return batches.reduce((sum, batch) => sum + batch.mails, 0);
    });
  }

  /** The same, until so many mails in all are known to be gaps. */
  async unkept(mails: number): Promise<void> {
    await this.clock.advance(PAST_LIMITS.flushMs);
    await this.#becomes(mails, async () => this.meter.values.get('holdfast_inspect_unkept_total') ?? 0);
  }

  async #becomes(wanted: number, read: () => Promise<number>): Promise<void> {
    let found = await read();
    for (let looks = 0; found !== wanted && looks < LOOKS_MAX; looks++) {
      await sleep(LOOK_MS);
      found = await read();
    }
    assert.equal(found, wanted);
  }

  async rehearse(policies: Tenant['policies'], since = '7d', mails?: number): Promise<Told> {
    const [operation] = rehearsalOperations({
      ...{ past: this.past, clock: { ...systemless, now: () => this.clock.now() } },
      ...{ installation: [], absences: () => ({}), keptMs: 7 * DAY_MS },
      draftOf: async () => ({ now: this.now, draft: { ...this.now, policies }, warnings: [] }),
    });
    assert.ok(operation);
    const input = operation.input.parse({ file: 'draft.yaml', document: {}, since, ...(mails && { mails }) });
    return operation.output.parse(await operation.handle(input, { by: 'test', call: soon() })) as Told;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#open.disposeAsync();
  }
}

const CARDS: Question = { check: 'creditCard', in: EVERYWHERE };
const HOLD_CARDS = { name: 'cards', when: { detects: { creditCard: { min: 2 } } }, action: { hold: '1h' } };

test('H1: a draft is decided by what was found out then, and the mails that it would have held are named', async () => {
  await using bench = new Bench();
  const ids = [1, 2, 3].map((count) => bench.inspected({}, answersOf([CARDS, looked(count)])));
  bench.inspected({}, answersOf([CARDS, looked(9)]), false);
  await bench.kept(3);
  const { mails, outcomes, moves, rules, unanswered } = await bench.rehearse([HOLD_CARDS]);
  assert.deepEqual([mails, outcomes.hold, outcomes.pass, unanswered.draft], [3, 2, 1, 0]);
  assert.deepEqual(moves, { 'pass → hold': 2 });
  assert.deepEqual(rules[0]?.first, [ids[2], ids[1]], 'newest first');
});

test('H1: nothing that somebody wrote is kept but names of files and fields, and the facts that rules ask come back', async () => {
  await using bench = new Bench();
  const attachment = { name: 'plan.xlsx', declaredType: 'application/zip', size: 9_000, text: 'wrote-in-file' };
  const sketch: MailSketch = {
    ...{ subject: 'wrote-subject', body: 'wrote-body', attachments: [attachment], to: ['x@example.test'] },
    fields: [{ name: 'x-secret', value: 'wrote-value' }],
    unread: [{ part: '2', why: 'encrypted', detail: 'wrote-detail' }],
  };
  const finding = { check: 'creditCard', part: '2', reason: { en: 'wrote-reason', ja: '' } };
  bench.inspected(sketch, answersOf([CARDS, looked(1, { findings: [finding] })]));
  const octets: string[] = [];
  await bench.kept(1);
  for (const { content } of await bench.past.read(ACME, 0, null, 9, soon()))
    octets.push(inflateRawSync(content ?? Buffer.alloc(0)).toString());
  assert.match(octets.join(), /plan\.xlsx/);
  assert.doesNotMatch(octets.join(), /wrote/);
  const holds = async (when: object) =>
    (await bench.rehearse([{ name: 'r', when, action: { hold: '1h' } }])).outcomes.hold;
  for (const when of [
    { attachments: { names: ['*.xlsx'], size: { min: '8kB' } } },
    { headers: [{ name: 'x-secret', exists: true }] },
    { unread: ['encrypted'] },
    { detects: { creditCard: true } },
    { visibleRecipients: { max: 1 }, recipients: ['*@example.test'], senders: ['alice@acme.test'] },
  ])
    assert.equal(await holds(when), 1, JSON.stringify(when));
  for (const when of [
    { subject: { empty: true } },
    { attachments: { size: { min: '1MB' } } },
    { size: { min: '1MB' } },
  ])
    assert.equal(await holds(when), 0, JSON.stringify(when));
});

test('H1: what was not asked is not known; nothing found by a wider look is nothing; a part unread leaves it open', async () => {
  await using bench = new Bench();
  const words = (...list: string[]): Question => ({ check: 'words', words: list, in: EVERYWHERE });
  const pattern: Question = { check: 'pattern', patterns: ['AB-\\d+', 'CD'], in: EVERYWHERE };
  bench.inspected(
    { fields: [{ name: 'x-other', value: '' }] },
    answersOf(
      [words('secret', 'draft'), looked(0)],
      [words('plan'), looked(0)],
      [words('price'), looked(2)],
      [pattern, looked(0)],
      [CARDS, looked(0)],
      [{ check: 'iban', in: EVERYWHERE }, looked(0, { unread: true })],
    ),
  );
  await bench.kept(1);
  const told = async (when: object) => {
    const { outcomes, unanswered } = await bench.rehearse([{ name: 'r', when, action: { hold: '1h' } }]);
    return outcomes.hold === 1 ? 'holds' : unanswered.draft === 1 ? 'not known' : 'does not hold';
  };
  for (const [when, says] of [
    [{ words: ['secret', 'plan'] }, 'does not hold'],
    [{ words: { any: ['secret'], in: ['subject'] } }, 'does not hold'],
    [{ words: ['price'] }, 'holds'],
    [{ words: { any: ['price'], in: ['subject'] } }, 'not known'],
    [{ words: ['secret', 'price'] }, 'not known'],
    [{ words: ['other'] }, 'not known'],
    [{ patterns: ['CD'] }, 'does not hold'],
    [{ patterns: ['EF'] }, 'not known'],
    [{ detects: { creditCard: { in: ['body'] } } }, 'does not hold'],
    [{ detects: { iban: { in: ['subject'] } } }, 'not known'],
    [{ detects: { myNumber: true } }, 'not known'],
    [{ headers: [{ name: 'x-mine', words: ['a'] }] }, 'does not hold'],
    [{ headers: [{ name: 'x-other', words: ['a'] }] }, 'not known'],
    [{ hooks: 'clamav' }, 'not known'],
    [{ direction: 'inbound', words: ['other'] }, 'does not hold'],
  ] as const)
    assert.equal(await told(when), says, JSON.stringify(when));
});

test('H1: a mail that was judged twice counts once, mail before the time and beyond the number is left out and told', async () => {
  await using bench = new Bench();
  const id = bench.inspected({}, answersOf([CARDS, looked(0)]));
  bench.clock.jump(2 * DAY_MS);
  bench.keeper.note(id, sketchMail(), answersOf([CARDS, looked(5)]));
  bench.keeper.settled(id, true);
  bench.inspected({}, answersOf([CARDS, looked(0)]));
  await bench.kept(3);
  const whole = await bench.rehearse([HOLD_CARDS]);
  assert.deepEqual([whole.mails, whole.outcomes.hold, whole.cut], [2, 1, false], 'the last look counts');
  assert.equal((await bench.rehearse([HOLD_CARDS], '1h')).mails, 2);
  bench.clock.jump(DAY_MS);
  assert.equal((await bench.rehearse([HOLD_CARDS], '1h')).mails, 0);
  const some = await bench.rehearse([HOLD_CARDS], '7d', 1);
  assert.deepEqual([some.mails, some.cut], [1, true]);
});

test('H1: what can’t be kept is a gap that the next batch tells, and mail feels nothing of it', async () => {
  await using bench = new Bench({ mailCharsMax: 2_000, pendingMax: 2 });
  bench.inspected({ recipients: Array.from({ length: 200 }, (_, i) => `r${i}@example.test`) });
  for (let i = 0; i < 3; i++) bench.keeper.note(newMailId(bench.clock.now()), sketchMail(), new Map());
  await bench.unkept(2);
  bench.fails = () => {
    throw new Error('away');
  };
  bench.inspected({});
  await bench.unkept(4);
  bench.inspected({});
  await bench.unkept(5);
  assert.equal(bench.log.lines.filter(({ event }) => event === 'inspect.unkept').length, 1, 'told once an outage');
  bench.fails = () => false;
  bench.inspected({});
  await bench.unkept(6);
  bench.fails = null;
  bench.inspected({});
  await bench.kept(1);
  const { mails, missing } = await bench.rehearse([]);
  assert.deepEqual([mails, missing], [1, 6], 'too long; two that made room; three while the store was away or full');
});

test('H1: a batch of another release is a gap, and tenants that want nothing kept, or ask for what is not kept, are told', async () => {
  await using bench = new Bench();
  const at = bench.clock.now();
  const batch = { id: newMailId(at), tenant: ACME, from: at, to: at, mails: 7, missed: 1 };
  await bench.past.keep({ ...batch, content: Buffer.from('from the future') }, PAST_LIMITS.bounds, soon());
  const { mails, missing } = await bench.rehearse([]);
  assert.deepEqual([mails, missing], [0, 8]);
  await assert.rejects(bench.rehearse([], 'a week'), Refusal);
  bench.now = acme([], true);
  await assert.rejects(bench.rehearse([]), /Nothing is kept of the mail of acme/);
});

test('H1: what is old goes, and what a tenant no longer wants kept', async () => {
  await using bench = new Bench();
  const unwanted: TenantId[] = [];
  const { clock, log, past } = bench;
  await using upkeep = new PastUpkeep({ past, keptMs: DAY_MS, unwanted: () => unwanted, clock, log }, PAST_LIMITS);
  bench.inspected({});
  await bench.kept(1);
  clock.jump(2 * DAY_MS);
  bench.inspected({});
  await bench.kept(2);
  await upkeep.round();
  await bench.kept(1);
  unwanted.push(ACME);
  await upkeep.round();
  await bench.kept(0);
});
