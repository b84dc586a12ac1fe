/**
 * What all players together were told of two mailboxes, and what they asked for and have no answer to: enough to say, of what is found later,
 * whether anything was lost, doubled, or came back.
 *
 *   intended ── OK ──▶ done
 *       └────── the connection is lost ──▶ in doubt, until `settlement.ts` finds whether it happened
 */
import assert from 'node:assert/strict';

/** One message in one mailbox. */
export interface Entry {
  readonly mailbox: string;
  readonly uid: number;
  /** The letter that it is, as far as is known. */
  id: string | null;
  /** What it is a copy of. */
  source: Entry | null;
  /** Whether an answer named it when it came to be; others are in doubt until they are explained. */
  explained: boolean;
  /** Somebody was told that it is gone. */
  gone: boolean;
  /** Whether it has `\Deleted`: nobody ever takes that back. */
  marked: 'no' | 'perhaps' | 'surely';
  /** Keywords that only its owner changes, as its owner left them. */
  readonly own: Map<string, 'on' | 'off' | 'in doubt'>;
}

export type Intent =
  | { readonly kind: 'append'; readonly to: string; readonly ids: readonly string[] }
  | { readonly kind: 'copy' | 'move'; readonly from: string; readonly uids: readonly number[]; readonly to: string }
  | { readonly kind: 'expunge'; readonly from: string; readonly uids: readonly number[] | null }
  | { readonly kind: 'count'; readonly to: string; readonly value: number };

/** An intent and what became of it. */
export interface Attempt {
  readonly intent: Intent;
  state: 'in doubt' | 'done' | 'not done';
  /** Highest UID of the target that was known when it was asked for. */
  readonly above: number;
  /** Of an expunge: what surely had `\Deleted` when it was asked for. */
  readonly sure: readonly Entry[];
  /** Of a copy or move: what its answer named. */
  pairs: readonly { readonly from: Entry; readonly to: Entry }[];
}

export class Ledger {
  readonly #entries = new Map<string, Map<number, Entry>>();
  readonly attempts: Attempt[] = [];
  readonly #uidValidity = new Map<string, number>();
  readonly #modSeq = new Map<string, number>();
  /** EMAILID by letter, and back. */
  readonly #emailIds = new Map<string, string>();
  /** Values that a counter took, by mailbox: each is reached once. */
  readonly #counted = new Map<string, Set<number>>();
  readonly #gone = new WeakSet<Entry>();
  #letters = 0;

  nextNumber(): number {
    this.#letters += 1;
    return this.#letters;
  }

  entriesOf(mailbox: string): ReadonlyMap<number, Entry> {
    return this.#of(mailbox);
  }

  #of(mailbox: string): Map<number, Entry> {
    const known = this.#entries.get(mailbox) ?? new Map<number, Entry>();
    this.#entries.set(mailbox, known);
    return known;
  }

  /** The entry of a UID, which somebody was told of now or before. */
  entry(mailbox: string, uid: number): Entry {
    const entries = this.#of(mailbox);
    const known = entries.get(uid);
    if (known !== undefined) return known;
    const entry: Entry = {
      mailbox,
      uid,
      id: null,
      source: null,
      explained: false,
      gone: false,
      marked: 'perhaps',
      own: new Map(),
    };
    entries.set(uid, entry);
    return entry;
  }

  /** Highest UID that was told of. */
  highest(mailbox: string): number {
    return Math.max(0, ...this.#of(mailbox).keys());
  }

  /** Says that something is asked for. */
  intends(intent: Intent): Attempt {
    const of = 'to' in intent ? intent.to : intent.from;
    const entries = [...this.#of(of).values()];
    const named = (entry: Entry): boolean =>
      intent.kind === 'expunge' && (intent.uids === null || intent.uids.includes(entry.uid));
    const sure = entries.filter((entry) => entry.marked === 'surely' && named(entry));
    const attempt: Attempt = { intent, state: 'in doubt', above: this.highest(of), sure, pairs: [] };
    this.attempts.push(attempt);
    return attempt;
  }

  /** APPENDUID: these letters are there now. */
  appended(attempt: Attempt, uidValidity: number, uids: readonly number[]): void {
    const { intent, above } = attempt;
    assert.ok(intent.kind === 'append');
    attempt.state = 'done';
    this.sameMailbox(intent.to, uidValidity);
    assert.equal(uids.length, intent.ids.length, 'RFC 4315 §3: APPENDUID names each');
    for (const [at, id] of intent.ids.entries()) {
      const entry = this.#fresh(intent.to, uids[at] ?? 0, above);
      entry.id = id;
      entry.marked = 'no';
    }
  }

  /** COPYUID: these are copies now, or have moved. */
  copied(attempt: Attempt, uidValidity: number, from: readonly number[], to: readonly number[]): void {
    const { intent, above } = attempt;
    assert.ok(intent.kind === 'copy' || intent.kind === 'move');
    attempt.state = 'done';
    this.sameMailbox(intent.to, uidValidity);
    assert.equal(from.length, to.length, 'RFC 4315 §3: COPYUID names pairs');
    attempt.pairs = from.map((uid, at) => {
      assert.ok(intent.uids.includes(uid), `COPYUID names ${uid}, which nobody asked for`);
      const [source, copy] = [this.entry(intent.from, uid), this.#fresh(intent.to, to[at] ?? 0, above)];
      copy.id = source.id;
      copy.source = source;
      copy.marked = source.marked === 'no' ? 'no' : 'perhaps';
      return { from: source, to: copy };
    });
    if (intent.kind === 'move') for (const pair of attempt.pairs) this.#movedOnce(pair.from, attempt);
  }

  #movedOnce(entry: Entry, attempt: Attempt): void {
    const before = this.attempts.find(
      (other) => other !== attempt && other.intent.kind === 'move' && other.pairs.some(({ from }) => from === entry),
    );
    assert.equal(before, undefined, `UID ${entry.uid} of ${entry.mailbox} was moved twice`);
    entry.gone = true;
  }

  #fresh(mailbox: string, uid: number, above: number): Entry {
    assert.ok(uid > above, `RFC 9051 §2.3.1.1: UIDs rise: ${uid} in ${mailbox} came after ${above}`);
    const entry = this.entry(mailbox, uid);
    assert.ok(!entry.explained, `UID ${uid} of ${mailbox} was given twice`);
    entry.explained = true;
    return entry;
  }

  /** A counter was raised to this value. */
  counted(attempt: Attempt): void {
    const { intent } = attempt;
    assert.ok(intent.kind === 'count');
    attempt.state = 'done';
    const values = this.valuesOf(intent.to);
    assert.ok(
      !values.has(intent.value),
      `RFC 7162 §3.1.3: two clients raised the counter of ${intent.to} to ${intent.value}`,
    );
    values.add(intent.value);
  }

  valuesOf(mailbox: string): Set<number> {
    const values = this.#counted.get(mailbox) ?? new Set<number>();
    this.#counted.set(mailbox, values);
    return values;
  }

  /** UIDVALIDITY never changes. */
  sameMailbox(mailbox: string, uidValidity: number): void {
    assert.equal(uidValidity, this.#uidValidity.get(mailbox) ?? uidValidity, `UIDVALIDITY of ${mailbox}`);
    this.#uidValidity.set(mailbox, uidValidity);
  }

  /** Whether it was gone when last all was quiet. */
  wasGone(entry: Entry): boolean {
    return this.#gone.has(entry);
  }

  /** All is quiet, and it is not there. */
  isGone(entry: Entry): void {
    entry.gone = true;
    this.#gone.add(entry);
  }

  /** The highest mod-sequence that anybody was told of. */
  modSeqOf(mailbox: string): number {
    return this.#modSeq.get(mailbox) ?? 0;
  }

  toldModSeq(mailbox: string, modSeq: number): void {
    this.#modSeq.set(mailbox, Math.max(modSeq, this.modSeqOf(mailbox)));
  }

  /** RFC 8474 §5.1: a letter has one EMAILID, and no other letter has it. */
  sameEmailId(id: string, emailId: string): void {
    for (const [key, value] of [
      [`id ${id}`, emailId],
      [`emailid ${emailId}`, id],
    ] as const) {
      assert.equal(value, this.#emailIds.get(key) ?? value, `EMAILID of ${id}`);
      this.#emailIds.set(key, value);
    }
  }
}

/** The letter that an entry is, as far as it or what it was copied from is known. */
export function idOf(entry: Entry): string | null {
  return entry.id ?? (entry.source === null ? null : idOf(entry.source));
}
