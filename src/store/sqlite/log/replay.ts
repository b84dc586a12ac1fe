/** Reading the log: what was written behind a place, record by record, up to the first that is not whole. */
import { closeSync, existsSync, fstatSync, readSync } from 'node:fs';
import { isFault } from '#/model/index.ts';
import type { KeyDay } from '../../keys/index.ts';
import { BLOCK_OVERHEAD_BYTES, isSealedOn, openBlock } from './block.ts';
import { nextSegment, offsetOf, type Place, segmentOf } from './place.ts';
import { checkOf, HEAD_BYTES, isWhole, parseHead, type RecordHead } from './record.ts';
import type { Segments } from './segments.ts';

/** A record as it was written. */
export interface KeptRecord {
  readonly place: Place;
  /** Behind it. */
  readonly end: Place;
  readonly now: number;
  readonly words: string;
  readonly content: Uint8Array;
  readonly contentAt: Place;
  readonly isSealed: boolean;
}

/** A block of a record's content, and the mail it belongs to. */
export interface NamedBlock {
  readonly id: string;
  /** From the begin of the record's content. */
  readonly at: number;
  /** Octets of the content inside. */
  readonly size: number;
}

/** Which blocks the words of a record name. */
export type BlocksOf = (words: string) => readonly NamedBlock[];

/**
 * Whole records from `from` on. The first that is not whole is the end: nothing behind it was ever told as durable, since every flush
 * covers all records before its own. Throws what the file system and `keyOf` say: that is no end.
 */
export function* replay(
  segments: Segments,
  from: Place,
  blocksOf: BlocksOf,
  keyOf: (day: KeyDay) => Uint8Array,
): Generator<KeptRecord> {
  for (let place = from; existsSync(segments.path(segmentOf(place))); ) {
    const file = segments.openForReading(segmentOf(place));
    try {
      const record = readRecord(file, place);
      if (record === null) return;
      if (record.words === '') {
        place = nextSegment(place);
        continue;
      }
      if (!provesItself(record, blocksOf, keyOf)) return;
      yield record;
      place = record.end;
    } finally {
      closeSync(file);
    }
  }
}

/** Whether anything was written behind `from`; for those who may not carry it out. */
export function isBehind(segments: Segments, from: Place): boolean {
  if (!existsSync(segments.path(segmentOf(from)))) return false;
  const file = segments.openForReading(segmentOf(from));
  try {
    return readRecord(file, from) !== null;
  } finally {
    closeSync(file);
  }
}

type Read = KeptRecord & { readonly head: RecordHead };

function readRecord(file: number, place: Place): Read | null {
  const head = parseHead(readAt(file, offsetOf(place), HEAD_BYTES), place);
  if (head === null) return null;
  const { wordBytes, contentBytes, now } = head;
  if (offsetOf(place) + HEAD_BYTES + wordBytes + contentBytes > fstatSync(file).size) return null;
  const whole = readAt(file, offsetOf(place), HEAD_BYTES + wordBytes);
  if (!isWhole(whole)) return null;
  const contentAt = place + whole.length;
  const content = readAt(file, offsetOf(contentAt), contentBytes);
  const words = whole.toString('utf8', HEAD_BYTES);
  const isSealed = head.contentCheck === 0;
  return { head, place, end: contentAt + contentBytes, now, words, content, contentAt, isSealed };
}

function provesItself(
  { head, now, words, content }: Read,
  blocksOf: BlocksOf,
  keyOf: (day: KeyDay) => Uint8Array,
): boolean {
  if (head.contentCheck !== 0) return checkOf([content]) === head.contentCheck;
  return blocksOf(words).every(({ id, at, size }) => {
    const block = content.subarray(at, at + size + BLOCK_OVERHEAD_BYTES);
    return isSealedOn(now, block) && opens(keyOf, id, block);
  });
}

// Only octets that are not as they were sealed are an end of the log: a key that is not there is no reason to forget what was answered.
function opens(keyOf: (day: KeyDay) => Uint8Array, id: string, block: Uint8Array): boolean {
  try {
    openBlock(keyOf, id, block);
    return true;
  } catch (error) {
    if (isFault(error, 'body.damaged')) return false;
    throw error;
  }
}

function readAt(file: number, offset: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  const read = readSync(file, buffer, 0, bytes, offset);
  return buffer.subarray(0, read);
}
