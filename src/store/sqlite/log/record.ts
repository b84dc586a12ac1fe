/**
 * One group of requests as it lies in the log:
 * ```
 *   magic | checksum | place | now | length of the words | of the content | is it plain | version of the words | flushed  (48 octets)
 *   the words: the requests as JSON
 *   the content of their mails, each in a block of its own
 * ```
 * A record tells its own place, so that what a segment held in its former life is never taken for new. The checksum covers head and
 * words, and begins with a number that only this store knows: nothing that a mail holds can pass for a record. Blocks of content prove
 * themselves. A record without words ends its segment.
 * `flushed` says how much of the log was durable when the record was written: what is broken before it was answered, and is damage, not
 * the end.
 */
import { crc32 } from 'node:zlib';
import { Fault } from '#/model/index.ts';
import type { Place } from './place.ts';

/** The first octets of each record. */
export const MAGIC = Buffer.from('2LFH');
/** Those of an earlier build, which carried no version. */
const FORMER_MAGIC = Buffer.from('1LFH');
/** Of the words: what a request means. A release that changes it reads the former one too. */
const WORDS_VERSION = 1;
export const HEAD_BYTES = 48;

/** What the head says. */
export interface RecordHead {
  readonly place: Place;
  /** Wall clock of the group. */
  readonly now: number;
  readonly wordBytes: number;
  readonly contentBytes: number;
  readonly isSealed: boolean;
  /** Everything before it was durable when this was written. */
  readonly flushed: Place;
}

export interface NewRecord {
  readonly now: number;
  /** Empty ends the segment. */
  readonly words: string;
  readonly content: readonly Uint8Array[];
  readonly contentBytes: number;
  readonly isSealed: boolean;
  /** Everything before it is durable. */
  readonly flushed: Place;
}

/** Head and words; the content follows as it is. */
export function formatRecord(record: NewRecord, place: Place, seed: number): Buffer {
  const words = Buffer.from(record.words);
  const whole = Buffer.allocUnsafe(HEAD_BYTES + words.length);
  MAGIC.copy(whole);
  whole.writeDoubleLE(place, 8);
  whole.writeDoubleLE(record.now, 16);
  whole.writeUInt32LE(words.length, 24);
  whole.writeUInt32LE(record.contentBytes, 28);
  whole.writeUInt32LE(record.isSealed ? 0 : 1, 32);
  whole.writeUInt32LE(WORDS_VERSION, 36);
  whole.writeDoubleLE(record.flushed, 40);
  words.copy(whole, HEAD_BYTES);
  whole.writeUInt32LE(crc32(whole.subarray(8), seed), 4);
  return whole;
}

/** The head in the first octets of a record; null where there is none that was written for this place. Fault `store.foreign`: one of another build is. */
export function parseHead(bytes: Buffer, place: Place): RecordHead | null {
  if (bytes.length < HEAD_BYTES || bytes.readDoubleLE(8) !== place) return null;
  const magic = bytes.subarray(0, MAGIC.length);
  if (magic.equals(FORMER_MAGIC)) throw foreign();
  if (!magic.equals(MAGIC)) return null;
  return {
    place,
    now: bytes.readDoubleLE(16),
    wordBytes: bytes.readUInt32LE(24),
    contentBytes: bytes.readUInt32LE(28),
    isSealed: bytes.readUInt32LE(32) === 0,
    flushed: bytes.readDoubleLE(40),
  };
}

/** Whether head and words are as they were written. Fault `store.foreign`: by another release. */
export function isWhole(headAndWords: Buffer, seed: number): boolean {
  if (headAndWords.readUInt32LE(4) !== crc32(headAndWords.subarray(8), seed)) return false;
  if (headAndWords.readUInt32LE(36) !== WORDS_VERSION) throw foreign();
  return true;
}

function foreign(): Fault {
  return new Fault('store.foreign', 'Its log was written by another release.');
}
