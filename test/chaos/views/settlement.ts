/**
 * Compares what is there, when all is quiet, with what the players were told. What they have no answer to happened wholly or not at all, so
 * some choice of it must explain the rest: every letter that is there, and every one that is not.
 */
import assert from 'node:assert/strict';
import { numberIn } from './counting.ts';
import { type Attempt, type Entry, idOf, type Ledger } from './ledger.ts';
import { fateOf, letter } from './letters.ts';

/** One message, as a fresh session finds it. */
export interface Found {
  readonly uid: number;
  /** In order. */
  readonly flags: string;
  readonly modSeq: number;
  readonly emailId: string;
  readonly id: string;
  /** Latin-1. */
  readonly octets: string;
}

export interface Truth {
  readonly uidValidity: number;
  readonly uidNext: number;
  readonly modSeq: number;
  readonly found: readonly Found[];
}

/** The choices of doubts that are tried: two for each. */
const DOUBTS_MAX = 12;

export function settle(
  ledger: Ledger,
  truths: ReadonlyMap<string, Truth>,
): { readonly doubts: number; readonly happened: number } {
  for (const [mailbox, truth] of truths) identify(ledger, mailbox, truth);
  const doubts = ledger.attempts.filter(({ state }) => state === 'in doubt');
  const choosable = doubts.filter(({ intent }) => intent.kind !== 'count' && intent.kind !== 'expunge');
  assert.ok(choosable.length <= DOUBTS_MAX, `${choosable.length} doubts at once`);
  const tried: string[] = [];
  const chosen = choices(choosable).find((happened) => {
    const trouble = new Explanation(ledger, truths, happened).trouble();
    if (trouble !== null) tried.push(trouble);
    return trouble === null;
  });
  assert.ok(chosen !== undefined, `nothing explains what is there:\n${[...new Set(tried)].slice(0, 20).join('\n')}`);
  for (const [mailbox, truth] of truths) adopt(ledger, mailbox, truth);
  ledger.attempts.length = 0;
  return { doubts: doubts.length, happened: chosen.size };
}

/** What can be said of each message by itself. */
function identify(ledger: Ledger, mailbox: string, truth: Truth): void {
  ledger.sameMailbox(mailbox, truth.uidValidity);
  assert.ok(truth.modSeq >= ledger.modSeqOf(mailbox), `HIGHESTMODSEQ of ${mailbox} fell to ${truth.modSeq}`);
  assert.ok(truth.uidNext > ledger.highest(mailbox), `UIDNEXT of ${mailbox} is ${truth.uidNext}`);
  for (const { uid, id, emailId, octets, flags } of truth.found) {
    const entry = ledger.entry(mailbox, uid);
    assert.equal(id, idOf(entry) ?? id, `UID ${uid} of ${mailbox} is another letter`);
    entry.id = id;
    ledger.sameEmailId(id, emailId);
    assert.equal(octets, letter(id).toString('latin1'), `octets of ${id}`);
    assert.ok(!entry.gone, `UID ${uid} of ${mailbox} (${id}) was gone and is back`);
    for (const [keyword, state] of entry.own) {
      const has = flags.split(' ').includes(keyword);
      if (state !== 'in doubt') assert.equal(has, state === 'on', `${keyword} of UID ${uid} in ${mailbox}, ${state}`);
    }
    if (fateOf(id) === 'counts') count(ledger, mailbox, flags);
  }
}

/** Each raise that was answered is in the number, and none that nobody asked for. */
function count(ledger: Ledger, mailbox: string, flags: string): void {
  const [value, values] = [numberIn(flags), ledger.valuesOf(mailbox)];
  const inDoubt = ledger.attempts.filter(
    ({ intent, state }) => intent.kind === 'count' && intent.to === mailbox && state === 'in doubt',
  );
  for (let n = 1; n <= value; n++)
    assert.ok(
      values.has(n) || inDoubt.some(({ intent }) => intent.kind === 'count' && intent.value === n),
      `nobody counted ${n}`,
    );
  assert.ok(value >= Math.max(0, ...values), `the counter of ${mailbox} is ${value}: an answered STORE is lost`);
  for (let n = 1; n <= value; n++) values.add(n);
}

/** One choice of doubts, and whether it explains what is there. */
class Explanation {
  readonly #ledger: Ledger;
  /** UIDs that are there, by mailbox. */
  readonly #living: ReadonlyMap<string, ReadonlySet<number>>;
  /** What was answered, and what is taken to have happened. */
  readonly #happened: readonly Attempt[];

  constructor(ledger: Ledger, truths: ReadonlyMap<string, Truth>, happened: ReadonlySet<Attempt>) {
    this.#ledger = ledger;
    this.#living = new Map([...truths].map(([mailbox, { found }]) => [mailbox, new Set(found.map(({ uid }) => uid))]));
    this.#happened = ledger.attempts.filter((attempt) => attempt.state === 'done' || happened.has(attempt));
  }

  /** Null where all is explained. */
  trouble(): string | null {
    return this.#missing() ?? this.#unexplained() ?? this.#halfDone() ?? this.#halfExpunged();
  }

  #lives({ mailbox, uid }: Entry): boolean {
    return this.#living.get(mailbox)?.has(uid) === true;
  }

  #all(): readonly Entry[] {
    return [...this.#living.keys()].flatMap((mailbox) => [...this.#ledger.entriesOf(mailbox).values()]);
  }

  #missing(): string | null {
    const lost = this.#all().find(
      (entry) => entry.explained && !this.#ledger.wasGone(entry) && !this.#lives(entry) && !this.#mayBeGone(entry),
    );
    return lost === undefined ? null : `UID ${lost.uid} of ${lost.mailbox} (${idOf(lost)}) is missing`;
  }

  #mayBeGone(entry: Entry, but: Attempt | null = null): boolean {
    return this.#removers(entry).some((attempt) => attempt !== but);
  }

  #removers(entry: Entry): readonly Attempt[] {
    const { mailbox, uid, marked } = entry;
    const expunges = this.#ledger.attempts.filter(
      ({ intent }) => intent.kind === 'expunge' && intent.from === mailbox && (intent.uids?.includes(uid) ?? true),
    );
    const moves = this.#happened.filter((attempt) => movedBy(attempt, entry));
    return marked === 'no' ? moves : [...moves, ...expunges];
  }

  /** What came to be without an answer, beside what the doubts that happened brought. */
  #unexplained(): string | null {
    const found = tally(this.#all().filter(({ explained }) => !explained));
    const least = new Map<string, number>();
    const most = new Map<string, number>();
    for (const attempt of this.#happened.filter(({ state }) => state === 'in doubt'))
      for (const [key, sure] of this.#brings(attempt)) {
        add(most, key, 1);
        if (sure) add(least, key, 1);
      }
    for (const key of new Set([...found.keys(), ...most.keys()])) {
      const [n, from, to] = [found.get(key) ?? 0, least.get(key) ?? 0, most.get(key) ?? 0];
      if (key.endsWith(' null')) continue;
      const unknown = found.get(`${key.split(' ')[0]} null`) ?? 0;
      if (n > to || n + unknown < from) return `${n} of ${key}, expected ${from} to ${to}`;
    }
    return null;
  }

  /** What a doubt brings if it happened; `false` where another may have been before it. */
  #brings({ intent }: Attempt): readonly (readonly [string, boolean])[] {
    if (intent.kind === 'append') return intent.ids.map((id) => [`${intent.to} ${id}`, true] as const);
    if (intent.kind !== 'copy' && intent.kind !== 'move') return [];
    return intent.uids.map((uid) => {
      const entry = this.#ledger.entry(intent.from, uid);
      const others = this.#removers(entry).filter((attempt) => attempt.intent !== intent);
      const sure = intent.kind === 'copy' ? this.#lives(entry) : others.length === 0 && !this.#ledger.wasGone(entry);
      return [`${intent.to} ${idOf(entry)}`, sure] as const;
    });
  }

  /** What happened, happened to all that it names. */
  #halfDone(): string | null {
    for (const attempt of this.#happened) {
      const { intent, pairs, state } = attempt;
      if (intent.kind === 'move') {
        const left = intent.uids.find((uid) => this.#lives(this.#ledger.entry(intent.from, uid)));
        if (left !== undefined) return `UID ${left} of ${intent.from} was moved and is there`;
      } else if (intent.kind === 'copy' && state === 'done') {
        const left = intent.uids.find(
          (uid) => this.#lives(this.#ledger.entry(intent.from, uid)) && !pairs.some(({ from }) => from.uid === uid),
        );
        if (left !== undefined) return `UID ${left} of ${intent.from} was left out of a copy`;
      } else if (intent.kind === 'expunge') {
        const left = attempt.sure.find((entry) => this.#lives(entry));
        if (left !== undefined) return `UID ${left.uid} of ${left.mailbox} was expunged and is there`;
      }
    }
    return null;
  }

  /** An expunge without an answer did all or nothing. */
  #halfExpunged(): string | null {
    for (const attempt of this.#ledger.attempts.filter(
      ({ intent, state }) => intent.kind === 'expunge' && state === 'in doubt',
    )) {
      const left = attempt.sure.filter((entry) => this.#lives(entry));
      const went = attempt.sure.filter((entry) => !this.#lives(entry) && !this.#mayBeGone(entry, attempt));
      if (left.length > 0 && went.length > 0) return `an expunge took UID ${went[0]?.uid} and left ${left[0]?.uid}`;
    }
    return null;
  }
}

function movedBy({ intent, state, pairs }: Attempt, entry: Entry): boolean {
  if (intent.kind !== 'move' || intent.from !== entry.mailbox) return false;
  return state === 'done' ? pairs.some(({ from }) => from === entry) : intent.uids.includes(entry.uid);
}

/** From now on, what is there is known, and nothing is in doubt. */
function adopt(ledger: Ledger, mailbox: string, truth: Truth): void {
  const there = new Map(truth.found.map((found) => [found.uid, found]));
  for (const entry of ledger.entriesOf(mailbox).values()) {
    const found = there.get(entry.uid);
    entry.explained = true;
    if (found === undefined) ledger.isGone(entry);
    else {
      const flags = found.flags.split(' ');
      entry.marked = flags.includes('\\Deleted') ? 'surely' : 'no';
      for (const keyword of entry.own.keys()) entry.own.set(keyword, flags.includes(keyword) ? 'on' : 'off');
    }
  }
}

function choices(doubts: readonly Attempt[]): readonly ReadonlySet<Attempt>[] {
  return Array.from(
    { length: 2 ** doubts.length },
    (_, bits) => new Set(doubts.filter((_doubt, at) => ((bits >> at) & 1) === 1)),
  );
}

function tally(entries: readonly Entry[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const entry of entries) add(counts, `${entry.mailbox} ${idOf(entry)}`, 1);
  return counts;
}

function add(counts: Map<string, number>, key: string, more: number): void {
  counts.set(key, (counts.get(key) ?? 0) + more);
}
