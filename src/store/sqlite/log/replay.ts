/** Reading the log: what was written behind a place, record by record, up to its end, over what is damaged. */
import { closeSync, existsSync, fstatSync, readSync } from 'node:fs';
import { isFault } from '#/model/index.ts';
import type { KeyDay } from '../../keys/index.ts';
import { BLOCK_OVERHEAD_BYTES, isPlainWhole, isSealedOn, openBlock } from './block.ts';
import { nextSegment, offsetOf, type Place, placeAt, segmentOf } from './place.ts';
import { HEAD_BYTES, isWhole, MAGIC, parseHead } from './record.ts';
import type { Segments } from './segments.ts';

/** What a disk gives or keeps as one. */
const PAGE_BYTES = 4096;

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
  /** Everything before it was durable when it was written. */
  readonly flushed: Place;
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

/** Who hears of damage. Null where the log is a copy of one that moved on: there the first record that is not whole is the end. */
export type OnDamage = ((damage: Damage) => void) | null;

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
  onDamage: OnDamage,
): Generator<KeptRecord> {
  for (let place = from; ; ) {
    const record = readAt(segments, place);
    if (record?.words === '') {
      place = nextSegment(place);
      continue;
    }
    const broken = record === null ? [] : brokenBlocks(record, blocksOf, keyOf);
    if (record !== null && broken.length === 0) {
      yield record;
      place = record.end;
      continue;
    }
    const behind = onDamage === null ? null : firstBehind(segments, place, record?.end ?? place);
    if (behind === null) return;
    const end = record?.end ?? behind;
    if (!isEndMark(segments, place, end)) onDamage?.({ place, end, wordsRead: record !== null });
    if (record !== null) yield unproven(record, broken);
    place = end;
  }
}

// Sealed content proves itself when it is read. Plain content has its hash made from what stands here, which must not fit what is broken.
function unproven(record: KeptRecord, broken: readonly NamedBlock[]): KeptRecord {
  if (record.isSealed) return record;
  const content = Buffer.from(record.content);
  for (const { at, size } of broken) content.fill(0xff, at, at + size + BLOCK_OVERHEAD_BYTES);
  return { ...record, content };
}

/** Whether anything was written behind `from`; for those who may not carry it out. */
export function isBehind(segments: Segments, from: Place): boolean {
  return readAt(segments, from) !== null || firstBehind(segments, from, from) !== null;
}

function readAt(segments: Segments, place: Place): KeptRecord | null {
  return within(segments, segmentOf(place), (file) => readRecord(file, place, segments.seed)) ?? null;
}

/** Where the log goes on behind a broken record, `end` being where it can go on at the earliest; null where it was never durable. */
function firstBehind(segments: Segments, broken: Place, end: Place): Place | null {
  const here = wholeFrom(segments, end);
  const [first] = here;
  // A segment is begun when all before it is durable.
  const later = segments.list().filter((segment) => segment > segmentOf(broken));
  for (const segment of later) {
    const [there] = wholeFrom(segments, placeAt(segment, 0));
    if (there !== undefined) return first?.place ?? there.place;
  }
  return here.some(({ flushed }) => flushed > broken) ? (first?.place ?? null) : null;
}

/** Whole records of one segment, wherever they begin. */
function wholeFrom(segments: Segments, from: Place): KeptRecord[] {
  return (
    within(segments, segmentOf(from), (file) => {
      const rest = octetsAt(file, offsetOf(from), Math.max(0, fstatSync(file).size - offsetOf(from)));
      const found: KeptRecord[] = [];
      for (let at = rest.indexOf(MAGIC); at >= 0; at = rest.indexOf(MAGIC, at + 1)) {
        const isHere = parseHead(rest.subarray(at, at + HEAD_BYTES), from + at) !== null;
        const record = isHere ? readRecord(file, from + at, segments.seed) : null;
        if (record !== null) found.push(record);
      }
      return found;
    }) ?? []
  );
}

// What is broken is the mark at the end of a segment, and no mail stood there.
function isEndMark(segments: Segments, place: Place, end: Place): boolean {
  if (segmentOf(end) === segmentOf(place)) return false;
  return within(segments, segmentOf(place), (file) => fstatSync(file).size) === offsetOf(place) + HEAD_BYTES;
}

/** What `read` finds in the file of a segment; undefined where there is none. */
function within<T>(segments: Segments, segment: number, read: (file: number) => T): T | undefined {
  if (!existsSync(segments.path(segment))) return undefined;
  const file = segments.openForReading(segment);
  try {
    return read(file);
  } finally {
    closeSync(file);
  }
}

function readRecord(file: number, place: Place, seed: number): KeptRecord | null {
  const head = parseHead(octetsAt(file, offsetOf(place), HEAD_BYTES), place);
  if (head === null) return null;
  const { wordBytes, contentBytes, now, isSealed, flushed } = head;
  if (offsetOf(place) + HEAD_BYTES + wordBytes + contentBytes > fstatSync(file).size) return null;
  const whole = octetsAt(file, offsetOf(place), HEAD_BYTES + wordBytes);
  if (!isWhole(whole, seed)) return null;
  const contentAt = place + whole.length;
  const content = octetsAt(file, offsetOf(contentAt), contentBytes);
  const words = whole.toString('utf8', HEAD_BYTES);
  return { place, end: contentAt + contentBytes, now, words, content, contentAt, isSealed, flushed };
}

/** Blocks that are not as they were written. */
function brokenBlocks(
  { now, words, content, isSealed }: KeptRecord,
  blocksOf: BlocksOf,
  keyOf: (day: KeyDay) => Uint8Array,
): NamedBlock[] {
  return blocksOf(words).filter(({ id, at, size }) => {
    const block = content.subarray(at, at + size + BLOCK_OVERHEAD_BYTES);
    return isSealed ? !(isSealedOn(now, block) && opens(keyOf, id, block)) : !isPlainWhole(block);
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

// A page that the disk can't read reads as zeros: it is damage, as any other that changed, and no end.
function octetsAt(file: number, offset: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  for (let done = 0; done < bytes; ) {
    const read = readSome(file, buffer, done, offset + done);
    if (read === 0) return buffer.subarray(0, done);
    done += read ?? PAGE_BYTES - ((offset + done) % PAGE_BYTES);
  }
  return buffer;
}

/** Octets read, 0 at the end of the file; null where the page can't be read. */
function readSome(file: number, into: Buffer, at: number, offset: number): number | null {
  try {
    return readSync(file, into, at, into.length - at, offset);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EIO') return null;
    throw error;
  }
}
