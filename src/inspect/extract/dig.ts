/**
 * The state of one extraction: what was found, what could not be read, and what is left of each bound.
 *
 * What must never happen: a bound that is passed without a line in `unread`; a throw, but the reason of a signal; a stretch of work that keeps
 * the event loop for long (`turn` is asked between pieces of work).
 */
import { hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { type Call, isFault, type PartFacts, type PartRole, type Unread } from '#/model/index.ts';
import { type ExtractLimits, nameCharsMax, namesMax, turnMs, unreadMax } from './limits.ts';
import type { Threads } from './threads/threads.ts';

/** A part while it is looked at. */
export type Draft = { -readonly [Key in keyof PartFacts]: PartFacts[Key] };

/** What is to be looked at. */
export interface Piece {
  readonly path: string;
  readonly role: PartRole;
  /** All names that it asks for, the one that counts first. */
  readonly names: readonly string[];
  readonly declaredType: string;
  readonly octets: Buffer;
  /** How many files it stands in. */
  readonly depth: number;
  /** Of a text: as its header says; null where it says nothing. */
  readonly charset?: string | null;
  /** Of a text: RFC 3676. */
  readonly flowed?: 'no' | 'yes' | 'delsp';
}

/** Looks at a piece; every reader of a container calls it for what is inside. Null where there was no room for it. */
export type Look = (piece: Piece) => Promise<Draft | null>;

export class Dig {
  readonly parts: Draft[] = [];
  readonly unread: Unread[] = [];
  readonly limits: ExtractLimits;
  readonly threads: Threads;
  readonly call: Call & { deadlineAt: number };
  /** Of whoever asked: nothing goes on behind it. */
  readonly #lastAt: number;
  #pdfBefore: Promise<unknown> = Promise.resolve();
  readonly #paths = new Set<string>();
  readonly #inTurn: boolean;
  readonly #later: { readonly draft: Draft; readonly work: Promise<() => Promise<void>> }[] = [];
  #bytesLeft: number;
  #charsLeft: number;
  #turnAt: number;

  /** `inTurn`: nothing is read beside. */
  constructor(limits: ExtractLimits, call: Call, threads: Threads, inTurn = false) {
    this.#inTurn = inTurn;
    this.limits = limits;
    this.threads = threads;
    const begun = performance.now();
    this.#lastAt = call.deadlineAt;
    const deadlineAt = Math.min(call.deadlineAt, begun + limits.waitMs);
    this.call = call.signal === undefined ? { deadlineAt } : { deadlineAt, signal: call.signal };
    this.#bytesLeft = limits.unpackedBytesMax;
    this.#charsLeft = limits.textMax;
    this.#turnAt = begun + turnMs;
  }

  /** No time is left: what was not read yet never will be. */
  get over(): boolean {
    return performance.now() >= this.call.deadlineAt;
  }

  /** Time that other mails took from this one is not its own. */
  waited(ms: number): void {
    this.call.deadlineAt = Math.min(this.call.deadlineAt + ms, this.#lastAt);
  }

  /** Of one mail, one PDF at a time stands in the queue of the thread: no mail of many has all others wait for it. */
  pdfInTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const own = this.#pdfBefore.then(work);
    this.#pdfBefore = own.catch(() => {});
    return own;
  }

  /** Gives the event loop a turn when it is time for one. Rejects with the signal's reason. */
  async turn(): Promise<void> {
    this.call.signal?.throwIfAborted();
    if (performance.now() < this.#turnAt) return;
    await setImmediate();
    this.#turnAt = performance.now() + turnMs;
    this.call.signal?.throwIfAborted();
  }

  /** Begins a part; null where it may not be looked at, which is then said. */
  begin(piece: Omit<Piece, 'octets' | 'depth'>, octets: Buffer | null): Draft | null {
    if (this.parts.length >= this.limits.partsMax) {
      this.cannot(piece.path, 'too-many', `more than ${this.limits.partsMax} parts and files`);
      return null;
    }
    const [name = null, ...otherNames] = boundedNames(piece.names);
    const draft: Draft = {
      path: this.#freePath(piece.path),
      role: piece.role,
      name,
      otherNames,
      declaredType: piece.declaredType,
      trueType: null,
      size: octets?.length ?? 0,
      sha256: octets === null ? null : hash('sha256', octets, 'hex'),
      encrypted: false,
      macro: false,
      text: null,
      textCut: false,
    };
    this.parts.push(draft);
    return draft;
  }

  /** Says what could not be read. */
  cannot(part: string, why: Unread['why'], detail: string): void {
    if (this.unread.length < unreadMax - 1) this.unread.push({ part, why, detail: oneLine(detail) });
    else if (this.unread.length === unreadMax - 1) {
      this.unread.push({ part: '', why: 'too-many', detail: 'there is more that could not be read' });
    }
  }

  /** Work in a thread that needs no waiting for: the rest of the mail is read meanwhile. `then` is done when all else is, in this order. */
  async later(draft: Draft, work: Promise<() => Promise<void>>): Promise<void> {
    // Rejections are seen by `settle`; until then they are nobody's.
    work.catch(() => {});
    this.#later.push({ draft, work });
    if (this.#inTurn) await Promise.allSettled([work]);
  }

  /** Waits for all of that, and for what it leads to. */
  async settle(): Promise<void> {
    for (let next = this.#later.shift(); next !== undefined; next = this.#later.shift()) {
      try {
        const then = await next.work;
        await then();
      } catch (error) {
        this.failed(next.draft, error);
      }
    }
  }

  /** What nobody thought of: no mail may make a worker fall. Rejects with the signal's reason where that has come. */
  failed(draft: Draft, error: unknown): void {
    this.call.signal?.throwIfAborted();
    // Others took its time: it is looked at again, and was never unreadable.
    if (isFault(error, 'call.late')) throw error;
    this.cannot(
      draft.path,
      'damaged',
      `it could not be read: ${error instanceof Error ? error.message : 'unknown fault'}`,
    );
  }

  /** Marks a part as one that opens with a password only. */
  locked(draft: Draft, detail: string): void {
    draft.encrypted = true;
    this.cannot(draft.path, 'encrypted', detail);
  }

  /** Adds to the text of a part, as far as the bounds allow. */
  addText(draft: Draft, text: string): void {
    const had = draft.text ?? '';
    const room = Math.min(this.limits.partTextMax - had.length, this.#charsLeft);
    const kept = text.length > room ? text.slice(0, Math.max(room, 0)).toWellFormed() : text;
    draft.text = had + kept;
    this.#charsLeft -= kept.length;
    if (kept.length === text.length || draft.textCut) return;
    draft.textCut = true;
    this.cannot(draft.path, 'too-large', 'its text is longer than what is looked at');
  }

  /** Whether the text of a part has room for more. */
  hasRoom(draft: Draft): boolean {
    return !draft.textCut && this.#charsLeft > 0;
  }

  /** How many octets a file inside, of so many packed ones, may unpack to. */
  bytesFor(packed: number): number {
    const { ratioMax, ratioFreeBytes, fileBytesMax } = this.limits;
    return Math.max(Math.min(this.#bytesLeft, fileBytesMax, Math.max(packed * ratioMax, ratioFreeBytes)), 0);
  }

  /** Counts octets that were unpacked. */
  unpacked(bytes: number): void {
    this.#bytesLeft -= bytes;
  }

  #freePath(path: string): string {
    let free = path;
    // Archives may hold one name twice; a rising number would be quadratic for thousands of them.
    if (this.#paths.has(free)) free = `${path}#${this.parts.length}`;
    this.#paths.add(free);
    return free;
  }
}

function boundedNames(names: readonly string[]): string[] {
  const bounded = names.map((name) => name.slice(0, nameCharsMax).toWellFormed()).filter((name) => name !== '');
  return [...new Set(bounded)].slice(0, namesMax);
}

function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .slice(0, 300)
    .toWellFormed();
}
