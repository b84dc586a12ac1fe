/** The content of one mail in the log: the day of its key, then the seal. Plain content, where sealing is off, has day 0, and a checksum in the room of the seal. */
import { crc32 } from 'node:zlib';
import { Fault } from '#/model/index.ts';
import type { KeyDay } from '../../keys/index.ts';
import { keyDayOf, openBody, SEAL_OVERHEAD_BYTES, sealPieces } from '../../keys/index.ts';

const DAY_MS = 86_400_000;
/** Days that a date can name. */
const DAYS_MAX = 100_000_000;
/** The mark of the day, in front of the content. */
export const BLOCK_HEAD_BYTES = 4;
/** By how much a block is longer than its content. */
export const BLOCK_OVERHEAD_BYTES = BLOCK_HEAD_BYTES + SEAL_OVERHEAD_BYTES;

/** The pieces of a sealed block, in order. `aad` is the mail's id. */
export function sealedBlock(key: Uint8Array, day: KeyDay, aad: string, content: Uint8Array): Uint8Array[] {
  return [dayMark(Date.parse(`${day}T00:00:00Z`) / DAY_MS), ...sealPieces(key, aad, content)];
}

/** The same for content that is kept as it came. */
export function plainBlock(content: Uint8Array): Uint8Array[] {
  const room = Buffer.alloc(SEAL_OVERHEAD_BYTES);
  room.writeUInt32LE(crc32(content));
  return [dayMark(0), content, room];
}

/** Whether a block of plain content is as it was written. */
export function isPlainWhole(block: Uint8Array): boolean {
  const room = Buffer.from(block.buffer, block.byteOffset + block.length - SEAL_OVERHEAD_BYTES, SEAL_OVERHEAD_BYTES);
  return markOf(block) === 0 && room.readUInt32LE() === crc32(plainOf(block));
}

/** The day whose key opens a block, and what that key opens; a day of null: plain content. Fault `body.damaged` where it names no day. */
export function splitBlock(block: Uint8Array): { readonly day: KeyDay | null; readonly rest: Uint8Array } {
  const day = markOf(block);
  if (day === 0) return { day: null, rest: plainOf(block) };
  if (day > DAYS_MAX) throw new Fault('body.damaged', 'It names no day.');
  return { day: keyDayOf(day * DAY_MS), rest: block.subarray(BLOCK_HEAD_BYTES) };
}

/** The content of a sealed block. Faults `body.damaged`, and those of `keyOf`. */
export function openBlock(keyOf: (day: KeyDay) => Uint8Array, aad: string, block: Uint8Array): Uint8Array {
  const { day, rest } = splitBlock(block);
  // Octets that were never written read as zeros, which would be plain content.
  if (day === null) throw new Fault('body.damaged', 'Its seal is not there.');
  return openBody(keyOf(day), aad, rest);
}

/** The content of a block that was not sealed. */
export function plainOf(block: Uint8Array): Uint8Array {
  return block.subarray(BLOCK_HEAD_BYTES, block.length - SEAL_OVERHEAD_BYTES);
}

/** Whether a block says that it was sealed on the day of `now`. */
export function isSealedOn(now: number, block: Uint8Array): boolean {
  return markOf(block) === Math.floor(now / DAY_MS);
}

function markOf(block: Uint8Array): number {
  return Buffer.from(block.buffer, block.byteOffset, BLOCK_HEAD_BYTES).readUInt32LE(0);
}

function dayMark(day: number): Buffer {
  const mark = Buffer.allocUnsafe(BLOCK_HEAD_BYTES);
  mark.writeUInt32LE(day, 0);
  return mark;
}
