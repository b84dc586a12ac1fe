/** Reading the log: what was written behind a place, record by record, up to its end, over what is damaged. */
import { closeSync, existsSync, fstatSync, readSync } from 'node:fs';
import { Fault, isFault } from '#/model/index.ts';
import type { KeyDay } from '../../keys/index.ts';
import { BLOCK_OVERHEAD_BYTES, isSealedOn, openBlock } from './block.ts';
import { nextSegment, offsetOf, type Place, placeAt, segmentOf } from './place.ts';
import { checkOf, HEAD_BYTES, isWhole, MAGIC, parseHead, type RecordHead, WORDS_VERSION } from './record.ts';
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

/** A part of the log that was durable, and can't be read any more. */
export interface Damage {
  readonly place: Place;
  /** Behind it. */
  readonly end: Place;
  /** Whether the words are there, and only content is not: then the record is carried out, and its mails are known. */
  readonly wordsRead: boolean;
}

/**
 * Whole records from `from` on. What is not whole is the end where nothing behind it was ever told as durable, since every flush covers
 * all records before its own. Where a record behind it says that it was durable, it is damage: `onDamage` is told, and what stands
 * behind it goes on. Throws what the file system and `keyOf` say, and `store.foreign` for words of another release: that is no end.
 */
export function* replay(
  segments: Segments,
  from: Place,
  blocksOf: BlocksOf,
  keyOf: (day: KeyDay) => Uint8Array,
  onDamage: (damage: Damage) => void,
): Generator<KeptRecord> {
  for (let place = from; ; ) {
    const record = readAt(segments, place);
    if (record?.words === '') {
      place = nextSegment(place);
      continue;
    }
    if (record !== null && provesItself(record, blocksOf, keyOf)) {
      yield record;
      place = record.end;
      continue;
    }
    const behind = firstBehind(segments, place, record?.end ?? place);
    if (behind === null) return;
    const end = record?.end ?? behind;
    onDamage({ place, end, wordsRead: record !== null });
    if (record !== null) yield unproven(record);
    place = end;
  }
}

// Sealed content proves itself when it is read. Plain content has its hash made from what stands here, which must not fit what is broken.
function unproven(record: Read): KeptRecord {
  return record.isSealed ? record : { ...record, content: new Uint8Array() };
}

/** Whether anything was written behind `from`; for those who may not carry it out. */
export function isBehind(segments: Segments, from: Place): boolean {
  return readAt(segments, from) !== null;
}

function readAt(segments: Segments, place: Place): Read | null {
  if (!existsSync(segments.path(segmentOf(place)))) return null;
  const file = segments.openForReading(segmentOf(place));
  try {
    return readRecord(file, place);
  } finally {
    closeSync(file);
  }
}

/** Where the log goes on behind a broken record, `end` being where it can go on at the earliest; null where it was never durable. */
function firstBehind(segments: Segments, broken: Place, end: Place): Place | null {
  // A segment is begun when all before it is durable.
  const next = segments.list().find((segment) => segment > segmentOf(broken));
  const isDurable = next !== undefined && readAt(segments, placeAt(next, 0)) !== null;
  let first: Place | null = null;
  for (const { place, head } of wholeFrom(segments, end)) {
    first ??= place;
    if (isDurable || head.flushed > broken) return first;
  }
  return isDurable ? placeAt(next, 0) : null;
}

/** Whole records of one segment, wherever they begin. */
function* wholeFrom(segments: Segments, from: Place): Generator<Read> {
  const path = segments.path(segmentOf(from));
  if (!existsSync(path)) return;
  const file = segments.openForReading(segmentOf(from));
  try {
    const rest = octetsAt(file, offsetOf(from), Math.max(0, fstatSync(file).size - offsetOf(from)));
    for (let at = rest.indexOf(MAGIC); at >= 0; at = rest.indexOf(MAGIC, at + 1)) {
      const isHere = parseHead(rest.subarray(at, at + HEAD_BYTES), from + at) !== null;
      const record = isHere ? readRecord(file, from + at) : null;
      if (record !== null) yield record;
    }
  } finally {
    closeSync(file);
  }
}

type Read = KeptRecord & { readonly head: RecordHead };

function readRecord(file: number, place: Place): Read | null {
  const head = parseHead(octetsAt(file, offsetOf(place), HEAD_BYTES), place);
  if (head === null) return null;
  const { wordBytes, contentBytes, now } = head;
  if (offsetOf(place) + HEAD_BYTES + wordBytes + contentBytes > fstatSync(file).size) return null;
  const whole = octetsAt(file, offsetOf(place), HEAD_BYTES + wordBytes);
  if (!isWhole(whole)) return null;
  if (head.version !== WORDS_VERSION) throw new Fault('store.foreign', 'Its log was written by another release.');
  const contentAt = place + whole.length;
  const content = octetsAt(file, offsetOf(contentAt), contentBytes);
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

function octetsAt(file: number, offset: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  const read = readSync(file, buffer, 0, bytes, offset);
  return buffer.subarray(0, read);
}
