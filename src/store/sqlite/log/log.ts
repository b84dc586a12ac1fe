/**
 * The log of custody: each group of requests is appended here and flushed before it is answered; the tables follow at their own pace
 * and are brought up to it after a crash (`replay.ts`). Flushes run beside the writer and overlap: the next group is written and
 * carried out while the former ones are on their way to the disk.
 *
 * What must never happen: a group told as durable whose octets, or those of a group before it, no finished flush covers; a flush that
 * failed and is tried again; a record behind one that was taken back.
 */
import { closeSync, fdatasync, fdatasyncSync, writeSync, writevSync } from 'node:fs';
import { offsetOf, type Place, placeAt } from './place.ts';
import { formatRecord, HEAD_BYTES, type NewRecord } from './record.ts';
import { SEGMENT_BYTES, type Segments } from './segments.ts';

/** Flushes on their way at once. More gain nothing on a disk that takes two milliseconds for each. */
const FLUSHES_MAX = 4;
/** Pieces of one `writev`, below the kernel's bound of 1024. */
const PIECES_MAX = 1000;

interface Waiter {
  readonly place: Place;
  readonly then: () => void;
}

/** A segment that is or was written. */
interface OpenSegment {
  readonly number: number;
  readonly file: number;
  flushing: number;
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
  append(record: NewRecord): { readonly place: Place; readonly contentAt: Place } {
    if (this.#offset >= SEGMENT_BYTES) this.#turn();
    const place = this.end;
    const head = formatRecord(record, place);
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
    fdatasyncSync(file);
    this.#offset = offsetOf(place);
    this.#begun = Math.min(this.#begun, place);
    this.#flushed = Math.min(this.#flushed, place);
    this.#takenBack += 1;
    this.#backTo = place;
  }

  /** Calls back when everything before `place` is durable; in the order of the calls. */
  whenFlushed(place: Place, then: () => void): void {
    if (this.#waiters.length === 0 && place <= this.#flushed) then();
    else this.#waiters.push({ place, then });
  }

  /** Flushes what is left. */
  close(): void {
    fdatasyncSync(this.#current.file);
    this.#settle(this.end);
    this.#leave(this.#current);
  }

  #begin(number: number): OpenSegment {
    return { number, file: this.#segments.begin(number), flushing: 0, left: false };
  }

  // The former segment is flushed before anything stands in the next: a finished flush there covers this one too.
  #turn(): void {
    const former = this.#current;
    const end = formatRecord({ now: 0, words: '', content: [], contentBytes: 0, isSealed: true }, this.end);
    writeAll(former.file, [end], this.#offset);
    fdatasyncSync(former.file);
    this.#current = this.#begin(former.number + 1);
    this.#offset = 0;
    this.#leave(former);
    this.#begun = this.end;
    this.#settle(this.end);
  }

  #leave(segment: OpenSegment): void {
    segment.left = true;
    if (segment.flushing === 0) closeSync(segment.file);
  }

  #flush(): void {
    while (this.#current.flushing < FLUSHES_MAX && this.#begun < this.end) {
      const segment = this.#current;
      const covered = this.end;
      const takenBack = this.#takenBack;
      this.#begun = covered;
      segment.flushing += 1;
      fdatasync(segment.file, (error) => {
        segment.flushing -= 1;
        if (segment.left && segment.flushing === 0) closeSync(segment.file);
        this.#landed(takenBack === this.#takenBack ? covered : Math.min(covered, this.#backTo), error);
      });
    }
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
    this.#flushed = Math.max(this.#flushed, covered);
    while (this.#waiters[0] !== undefined && this.#waiters[0].place <= this.#flushed) this.#waiters.shift()?.then();
  }
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
