/**
 * The log of custody: each group of requests is appended here and flushed before it is answered; the tables follow at their own pace
 * and are brought up to it after a crash (`replay.ts`). Flushes run beside the writer and overlap: the next group is written and
 * carried out while the former ones are on their way to the disk.
 *
 * What must never happen: a group told as durable whose octets, or those of a group before it, no finished flush covers; a flush that
 * failed and is tried again, or believed because another one was told of the error: the kernel tells each open file once, so each
 * flush under way has one of its own; a record behind one that was taken back.
 */
import { closeSync, fdatasync, fdatasyncSync, ftruncateSync, writeSync, writevSync } from 'node:fs';
import { offsetOf, type Place, placeAt } from './place.ts';
import { formatRecord, HEAD_BYTES, type NewRecord } from './record.ts';
import type { Segments } from './segments.ts';

/** Flushes on their way at once. More gain nothing on a disk that takes two milliseconds for each. */
const FLUSHES_MAX = 4;
/** Pieces of one `writev`, below the kernel's bound of 1024. */
const PIECES_MAX = 1000;
const DAY_MS = 86_400_000;

interface Waiter {
  readonly place: Place;
  readonly tell: () => void;
}

/** A segment that is or was written. */
interface OpenSegment {
  readonly number: number;
  /** For writing, and for flushes that the writer waits for. */
  readonly file: number;
  /** The same file, opened once for each flush that may be under way; those that are not. */
  readonly idle: number[];
  /** The day of its first record: no segment holds two, or a quiet server would keep names for years. */
  day: number | null;
  /** Nothing is written any more: closed once its flushes have landed. */
  left: boolean;
}

export class Log {
  readonly #segments: Segments;
  readonly #onFailed: (error: Error) => void;
  #current: OpenSegment;
  #offset = 0;
  /** Everything before it has been given to a flush that has begun. */
  #begun: Place;
  #flushed: Place;
  #failed = false;
  /** Counts the records taken back: a flush that began before covers nothing behind `#backTo`. */
  #takenBack = 0;
  #backTo: Place = 0;
  readonly #waiters: Waiter[] = [];

  /** Begins a segment. `onFailed` is told of a flush that failed: nothing more may be answered. */
  constructor(segments: Segments, segment: number, onFailed: (error: Error) => void) {
    this.#segments = segments;
    this.#onFailed = onFailed;
    segments.prepare();
    this.#current = this.#begin(segment);
    this.#begun = this.end;
    this.#flushed = this.end;
  }

  /** Behind the last record. */
  get end(): Place {
    return placeAt(this.#current.number, this.#offset);
  }

  /** Writes a record and lets its flush begin; Throws what the file system says. */
  append(record: Omit<NewRecord, 'flushed'>): { readonly place: Place; readonly contentAt: Place } {
    const day = Math.floor(record.now / DAY_MS);
    if (this.#offset >= this.#segments.bytes || day > (this.#current.day ?? day)) this.#turn();
    this.#current.day ??= day;
    const place = this.end;
    const head = formatRecord({ ...record, flushed: this.#flushed }, place, this.#segments.seed);
    // A disk without room throws here, and what it took of the record is written over by the next.
    writeAll(this.#current.file, [head, ...record.content], this.#offset);
    this.#offset += head.length + record.contentBytes;
    this.#flush();
    return { place, contentAt: place + head.length };
  }

  /** Takes the last record back, which nobody has been told of: durable when it returns. */
  takeBack(place: Place): void {
    const { file } = this.#current;
    writeSync(file, Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, offsetOf(place));
    this.#flushCurrent();
    this.#offset = offsetOf(place);
    this.#begun = Math.min(this.#begun, place);
    this.#flushed = Math.min(this.#flushed, place);
    this.#takenBack += 1;
    this.#backTo = place;
  }

  /** Waits until everything so far is durable. Throws when a flush failed, this one or one before. */
  flushNow(): void {
    if (this.#failed) throw new Error('A flush of the log has failed before.');
    if (this.#flushed >= this.end) return;
    this.#flushCurrent();
    this.#begun = this.end;
    this.#settle(this.end);
  }

  /** Calls back when everything before `place` is durable; in the order of the calls. */
  whenFlushed(place: Place, tell: () => void): void {
    if (this.#waiters.length === 0 && place <= this.#flushed) tell();
    else this.#waiters.push({ place, tell });
  }

  /** Flushes what is left; the files are closed even where that fails. */
  close(): void {
    try {
      if (!this.#failed) this.flushNow();
    } finally {
      this.#leave(this.#current);
    }
  }

  #begin(number: number): OpenSegment {
    const file = this.#segments.begin(number);
    const idle = Array.from({ length: FLUSHES_MAX }, () => this.#segments.openForReading(number));
    return { number, file, idle, day: null, left: false };
  }

  #flushCurrent(): void {
    try {
      fdatasyncSync(this.#current.file);
    } catch (error) {
      this.#failed = true;
      throw error;
    }
  }

  // The former segment is flushed before anything stands in the next: a finished flush there covers this one too. What a spare one
  // held in its former life ends with it.
  #turn(): void {
    const former = this.#current;
    const nothing = { now: 0, words: '', content: [], contentBytes: 0, isSealed: true };
    const end = formatRecord({ ...nothing, flushed: this.#flushed }, this.end, this.#segments.seed);
    writeAll(former.file, [end], this.#offset);
    ftruncateSync(former.file, this.#offset + end.length);
    this.#flushCurrent();
    this.#current = this.#begin(former.number + 1);
    this.#offset = 0;
    this.#leave(former);
    this.#begun = this.end;
    this.#settle(this.end);
  }

  #leave(segment: OpenSegment): void {
    segment.left = true;
    closeLeft(segment);
  }

  #flush(): void {
    if (this.#begun >= this.end) return;
    const segment = this.#current;
    const file = segment.idle.pop();
    if (file === undefined) return;
    const covered = this.end;
    const takenBack = this.#takenBack;
    this.#begun = covered;
    fdatasync(file, (error) => {
      segment.idle.push(file);
      closeLeft(segment);
      this.#landed(takenBack === this.#takenBack ? covered : Math.min(covered, this.#backTo), error);
    });
  }

  #landed(covered: Place, error: Error | null): void {
    if (this.#failed) return;
    if (error !== null) {
      this.#failed = true;
      this.#onFailed(error);
      return;
    }
    this.#settle(covered);
    this.#flush();
  }

  #settle(covered: Place): void {
    if (this.#failed) return;
    this.#flushed = Math.max(this.#flushed, covered);
    while (this.#waiters[0] !== undefined && this.#waiters[0].place <= this.#flushed) this.#waiters.shift()?.tell();
  }
}

function closeLeft({ left, file, idle }: OpenSegment): void {
  if (!left || idle.length < FLUSHES_MAX) return;
  for (const each of [file, ...idle]) closeSync(each);
}

function writeAll(file: number, pieces: readonly Uint8Array[], offset: number): void {
  let at = offset;
  for (let from = 0; from < pieces.length; from += PIECES_MAX) {
    const some = pieces.slice(from, from + PIECES_MAX);
    const bytes = some.reduce((sum, piece) => sum + piece.length, 0);
    const written = writevSync(file, some, at);
    if (written < bytes) writeRest(file, Buffer.concat(some).subarray(written), at + written);
    at += bytes;
  }
}

// A disk that is nearly full takes a part, and says so at the next try.
function writeRest(file: number, bytes: Buffer, offset: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, bytes.length - done, offset + done);
  }
}
