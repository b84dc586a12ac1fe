/**
 * One group of requests as it lies in the log:
 * ```
 *   magic | checksum | place | now | length of the words | of the content | checksum of the content | version | flushed  (48 octets)
 *   the words: the requests as JSON
 *   the content of their mails, each in a block of its own
 * ```
 * A record tells its own place, so that what a segment held in its former life is never taken for new. The checksum covers head and
 * words; content that is sealed proves itself, plain content has a checksum of its own. A record without words ends its segment.
 * `flushed` says how much of the log was durable when the record was written: what is broken before it was answered, and is damage, not
 * the end.
 */
import { crc32 } from 'node:zlib';
import type { Place } from './place.ts';

/** The first octets of each record. */
export const MAGIC = Buffer.from('2LFH');
/** Of the words: what a request means. A release that changes it reads the former one too. */
export const WORDS_VERSION = 1;
export const HEAD_BYTES = 48;

/** What the head says. */
export interface RecordHead {
  readonly place: Place;
  /** Wall clock of the group. */
  readonly now: number;
  readonly wordBytes: number;
  readonly contentBytes: number;
  /** 0 where the content proves itself. */
  readonly contentCheck: number;
  readonly version: number;
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
export function formatRecord(record: NewRecord, place: Place): Buffer {
  const words = Buffer.from(record.words);
  const whole = Buffer.allocUnsafe(HEAD_BYTES + words.length);
  MAGIC.copy(whole);
  whole.writeDoubleLE(place, 8);
  whole.writeDoubleLE(record.now, 16);
  whole.writeUInt32LE(words.length, 24);
  whole.writeUInt32LE(record.contentBytes, 28);
  whole.writeUInt32LE(record.isSealed ? 0 : checkOf(record.content), 32);
  whole.writeUInt32LE(WORDS_VERSION, 36);
  whole.writeDoubleLE(record.flushed, 40);
  words.copy(whole, HEAD_BYTES);
  whole.writeUInt32LE(crc32(whole.subarray(8)), 4);
  return whole;
}

/** The head in the first octets of a record; null where there is none that was written for this place. */
export function parseHead(bytes: Buffer, place: Place): RecordHead | null {
  if (bytes.length < HEAD_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return null;
  if (bytes.readDoubleLE(8) !== place) return null;
  return {
    place,
    now: bytes.readDoubleLE(16),
    wordBytes: bytes.readUInt32LE(24),
    contentBytes: bytes.readUInt32LE(28),
    contentCheck: bytes.readUInt32LE(32),
    version: bytes.readUInt32LE(36),
    flushed: bytes.readDoubleLE(40),
  };
}

/** Whether head and words are as they were written. */
export function isWhole(headAndWords: Buffer): boolean {
  return headAndWords.readUInt32LE(4) === crc32(headAndWords.subarray(8));
}

/** A checksum over plain content; never 0. */
export function checkOf(content: readonly Uint8Array[]): number {
  return content.reduce((check, piece) => crc32(piece, check), 0) || 1;
}
