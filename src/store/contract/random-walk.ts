/**
 * A random walk of the same commands through two keepers, which must agree after every step: in their answers, in the state of every
 * recipient, in the books and their recount. A walk is its seed; a failure names it.
 */
import assert from 'node:assert/strict';
import type { ArrivedMail, Claim, IncarnationId, JournalEvent, Outcome, TenantId } from '#/model/index.ts';
import { INSPECT_DESTINATION } from '#/model/index.ts';
import type { Custody, Journal, QueueAct, Trace } from '#/ports/index.ts';
import type { StandingClock } from './samples.ts';
import {
  ACME,
  DAY_MS,
  DELIVERED,
  deferredUntil,
  GLOBEX,
  mail,
  OTHER,
  PARTNER,
  recipient,
  reply,
  soon,
  verdict,
  worker,
} from './samples.ts';

type Keeper = Custody & Journal;

const ASK = verdict({ kind: 'approve', by: [], deputies: [], least: 2, expireMs: null, selfApproval: false });

/** Two keepers on one clock; `reopen` kills the second one where it stands and opens it again. */
export interface Pair {
  readonly model: Keeper;
  readonly clock: StandingClock;
  subject(): Keeper;
  reopen(): Promise<void>;
}

/** Numbers from a seed, the same on every machine. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Walks `steps` steps. Throws an assertion where the keepers part. */
export async function walk(pair: Pair, seed: number, steps: number): Promise<void> {
  const walker = new Walker(pair, randomOf(seed));
  for (let step = 0; step < steps; step++) {
    try {
      await walker.step();
    } catch (cause) {
      throw new Error(`seed ${seed}, step ${step}: ${walker.history.slice(-8).join(', ')}`, { cause });
    }
  }
}

class Walker {
  readonly history: string[] = [];
  readonly #pair: Pair;
  readonly #random: (below: number) => number;
  readonly #claims: { readonly claim: Claim; readonly by: IncarnationId }[] = [];
  #workers: IncarnationId[] = [];
  #born = 0;

  constructor(pair: Pair, random: (below: number) => number) {
    this.#pair = pair;
    this.#random = random;
  }

  async step(): Promise<void> {
    const [name, run] = this.#choose();
    this.history.push(name);
    await run();
    await this.#compare();
  }

  #choose(): readonly [string, () => Promise<void>] {
    const dice = this.#random(100);
    if (this.#workers.length === 0 || dice < 3) return ['enlist', () => this.#enlist()];
    if (dice < 28) return ['accept', () => this.#accept()];
    if (dice < 50) return ['claim', () => this.#claim()];
    if (dice < 78) return ['settle', () => this.#settle()];
    if (dice < 82) return ['retire', () => this.#retire()];
    if (dice < 89) return ['act', () => this.#act()];
    if (dice < 92) return ['wait', () => this.#pair.clock.sleep(this.#random(DAY_MS))];
    if (dice < 94) return ['roll over', () => this.#rollOver()];
    if (dice < 96) return ['sweep', () => this.#both((keeper) => keeper.sweep(soon()))];
    if (dice < 98) return ['depth', () => this.#both((keeper) => keeper.depth(soon()))];
    return ['reopen', () => this.#pair.reopen()];
  }

  async #both(ask: (keeper: Keeper) => Promise<unknown>): Promise<void> {
    const [expected, actual] = [await ask(this.#pair.model), await ask(this.#pair.subject())];
    assert.deepEqual(actual, expected);
  }

  async #enlist(): Promise<void> {
    const incarnation = worker(String(++this.#born), this.#random(2) === 0 ? 'inspect' : 'deliver');
    this.#workers.push(incarnation.id);
    await this.#both((keeper) => keeper.enlist(incarnation, soon()));
  }

  async #accept(): Promise<void> {
    const mails = this.#times(1 + this.#random(3), () => this.#mail());
    const claimFor = this.#random(2) === 0 ? this.#worker() : null;
    await this.#both((keeper) => keeper.accept(mails, claimFor, soon()));
  }

  async #claim(): Promise<void> {
    const by = this.#worker();
    const now = this.#pair.clock.now();
    const limit = 1 + this.#random(5);
    const destination = this.#one([PARTNER, OTHER, INSPECT_DESTINATION]);
    const tenant = this.#one<TenantId | null>([null, null, ACME, GLOBEX]);
    const request = this.#one([
      { kind: 'due', destination, tenant, fresh: false, ignoreDue: false, now, limit },
      { kind: 'due', destination, tenant, fresh: true, ignoreDue: false, now, limit },
      { kind: 'due', destination, tenant, fresh: false, ignoreDue: true, now, limit },
      { kind: 'due', destination, tenant, fresh: false, retried: true, ignoreDue: false, now, limit },
      { kind: 'attention', now, limit },
      { kind: 'held', now, limit },
      { kind: 'named', filter: { destination }, limit },
    ] as const);
    const expected = await this.#pair.model.claim(request, by, soon());
    const actual = await this.#pair.subject().claim(request, by, soon());
    assert.deepEqual(actual.map(comparable), expected.map(comparable));
    for (const claim of expected) this.#claims.push({ claim, by });
  }

  // Now and then the same claim is settled again, or by another worker.
  async #settle(): Promise<void> {
    if (this.#claims.length === 0) return this.#claim();
    const at = this.#random(this.#claims.length);
    const [{ claim, by } = { claim: null, by: null }] =
      this.#random(5) === 0 ? [this.#claims[at]] : this.#claims.splice(at, 1);
    if (claim === null || by === null) return;
    const outcomes = claim.recipients.map(({ n }) => ({ n, outcome: this.#outcome() }));
    const dsn = { ...this.#mail(), parent: claim.mail.id, origin: 'generated', purpose: 'dsn' } as const;
    const born = this.#random(4) === 0 ? [dsn] : [];
    const peer = this.#random(2) === 0 ? 'mx.partner.test[192.0.2.1]:25' : null;
    const settlement = { claim, outcomes, born, elapsedMs: this.#random(100), peer };
    const settledBy = this.#random(10) === 0 ? this.#worker() : by;
    await this.#both((keeper) => keeper.settle(settlement, settledBy, soon()));
  }

  async #retire(): Promise<void> {
    const [gone] = this.#workers.splice(this.#random(this.#workers.length), 1);
    const clean = this.#random(2) === 0;
    if (gone !== undefined) await this.#both((keeper) => keeper.retire(gone, clean, soon()));
  }

  async #act(): Promise<void> {
    const now = this.#pair.clock.now();
    const act = this.#one<QueueAct>([
      { kind: 'hold', until: now + this.#random(DAY_MS), atEnd: this.#one(['release', 'expire']) },
      { kind: 'release' },
      { kind: 'retry' },
      { kind: 'reroute', destination: this.#one([PARTNER, OTHER]) },
      { kind: 'drop', reason: 'walked over' },
      { kind: 'restored' },
      { kind: 'redeliver', note: this.#one([null, 'sorry']) },
      ...this.#heldActs(),
    ]);
    const filter = this.#one([
      { tenant: ACME },
      { destination: OTHER },
      { state: 'held' },
      { to: '*@partner.test' },
    ] as const);
    const limit = 1 + this.#random(4);
    await this.#both((keeper) => keeper.act(act, filter, 'op@example.test', limit, soon()));
  }

  #heldActs(): QueueAct[] {
    const person = this.#one(['boss@acme.test', 'deputy@acme.test']);
    const vote = { kind: 'approve', person, comment: '' } as const;
    return [
      { kind: 'letGo', comment: 'checked' },
      { kind: 'stop', comment: '' },
      { kind: 'delete', reason: 'not needed' },
      { ...vote, forAll: false },
      { ...vote, forAll: false },
      { ...vote, forAll: true },
    ];
  }

  async #rollOver(): Promise<void> {
    const before = this.#pair.clock.now() - this.#random(DAY_MS);
    // In one step: in what order rows of one moment are closed is the keeper's own.
    await this.#both((keeper) => keeper.rollOver(before, 0, 100_000, soon()));
  }

  async #compare(): Promise<void> {
    await this.#both((keeper) => keeper.books(soon()));
    await this.#both((keeper) => keeper.recount(soon()));
    await this.#both(async (keeper) => (await keeper.trace({}, 100_000, soon())).map(told));
    for (const each of await this.#pair.model.recount(soon())) assert.ok(each.balanced, JSON.stringify(each));
  }

  #mail(): ArrivedMail {
    const recipients = this.#times(1 + this.#random(3), (i) => {
      const held = this.#one([null, null, null, 'operator', 'outbound off', 'policy'] as const);
      return recipient(i + 1, { held, destination: this.#one([PARTNER, PARTNER, OTHER, INSPECT_DESTINATION]) });
    });
    return mail(this.#pair.clock, { tenant: this.#one([ACME, GLOBEX]), recipients });
  }

  #outcome(): Outcome {
    const due = this.#pair.clock.now() + this.#random(DAY_MS);
    return this.#one<Outcome>([
      DELIVERED,
      DELIVERED,
      deferredUntil(due),
      { kind: 'deferred', reply: reply(421, 'closing'), due, delayNotified: true },
      { kind: 'bounced', reply: reply(550, 'no') },
      { kind: 'bounced', reply: reply(550, 'no'), by: 'boss@acme.test' },
      { kind: 'expired', reply: null },
      { kind: 'discarded', reason: 'walked' },
      { kind: 'held', reason: 'outbound off', detail: 'outbound is off' },
      { kind: 'returned', due, delayNotified: false },
      { kind: 'moved', destination: this.#one([PARTNER, OTHER, INSPECT_DESTINATION]) },
      { kind: 'signed', sign: { kind: 'sign', signatures: [], generation: 'g1', at: due }, detail: 'none' },
      ...this.#verdicts(due),
    ]);
  }

  #verdicts(until: number): Outcome[] {
    const destination = this.#one([PARTNER, OTHER]);
    const changes = this.#one([[], [{ kind: 'tagSubject', text: '[ext]' } as const]]);
    const hold = verdict({ kind: 'hold', forMs: 60_000, atEnd: 'send' }, { changes });
    return [
      { kind: 'passed', destination, verdict: verdict({ kind: 'pass' }, { changes, rule: null }) },
      { kind: 'suspended', destination, until, atEnd: this.#one(['send', 'expire']), verdict: hold },
      { kind: 'approval', destination, until: this.#one([until, null]), verdict: this.#one([hold, ASK]) },
      { kind: 'bounced', reply: reply(550, 'no'), verdict: verdict({ kind: 'reject', text: 'no' }) },
      { kind: 'discarded', reason: 'policy', verdict: verdict({ kind: 'discard' }) },
    ];
  }

  #worker(): IncarnationId {
    return this.#one([...this.#workers, worker('nobody').id]);
  }

  #one<T>(choices: readonly T[]): T {
    return choices[this.#random(choices.length)] as T;
  }

  #times<T>(count: number, make: (i: number) => T): T[] {
    return Array.from({ length: count }, (_, i) => make(i));
  }
}

function comparable(claim: Claim): unknown {
  // Whose row is of a closed day is there for one keeper and not for the other; the claimed ones always are.
  const { body, everybody, ...rest } = claim;
  const all = new Set(everybody?.map(({ n }) => n));
  if (claim.destination === INSPECT_DESTINATION) assert.ok(claim.recipients.every(({ n }) => all.has(n)));
  return { ...rest, content: body?.kind === 'memory' ? Buffer.concat(body.chunks).toString() : null };
}

// What a trace tells, without the order of events of one moment in one transaction, which is the keeper's own.
function told({ events, ...rest }: Trace): unknown {
  const key = ({ at, recipient, kind, worker: by, attempt }: JournalEvent): string => {
    return [at, recipient, kind, by, attempt].join(' ');
  };
  return { ...rest, events: events.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)) };
}
