/** What readers of containers share: a file inside becomes a part, with what is known of it and what is not. */
import type { Unread } from '#/model/index.ts';
import type { Unpacked } from './archives/inflate.ts';
import type { Dig, Draft, Piece } from './dig.ts';
import { nameCharsMax, textBytesMax } from './limits.ts';
import type { Reading } from './readers.ts';

/** A file as its container names it; `name` may be a path. */
export interface FileName {
  readonly name: string;
  readonly otherName?: string | null;
  readonly declaredType?: string;
}

/** Looks at a file inside; what is missing of it is said at its own path. */
export async function lookInside(reading: Reading, file: FileName, { octets, fault }: Unpacked): Promise<Draft | null> {
  const { dig, look, piece } = reading;
  const inner = await look({ ...placeOf(reading, file), octets, depth: piece.depth + 1 });
  if (inner === null || fault === null) return inner;
  // The hash of a piece of a file would be that of another file.
  inner.sha256 = null;
  dig.cannot(inner.path, fault, whyOf[fault]);
  return inner;
}

/** A file that nobody opens without a password. */
export function lockedInside(reading: Reading, file: FileName, packedBytes: number): void {
  const inner = reading.dig.begin(placeOf(reading, file), null);
  if (inner === null) return;
  inner.size = packedBytes;
  reading.dig.locked(inner, 'a file that opens with a password only');
}

/** A file that was not unpacked. */
export function unknownInside(
  reading: Reading,
  file: FileName,
  packedBytes: number,
  detail: string,
  why: Unread['why'] = 'unknown-format',
): void {
  const inner = reading.dig.begin(placeOf(reading, file), null);
  if (inner === null) return;
  inner.size = packedBytes;
  reading.dig.cannot(inner.path, why, detail);
}

const whyOf = {
  'too-large': 'it is larger than what is unpacked',
  damaged: 'it is damaged: only what stands before the fault was read',
  'too-slow': 'there was no time to unpack all of it',
} as const;

/** Nothing is written under it: a path with `..` is a name like another, and shown as it is. */
function placeOf({ draft }: Reading, file: FileName): Omit<Piece, 'octets' | 'depth'> {
  const path = cleanPath(file.name);
  const names = [path, cleanPath(file.otherName ?? '')].filter((name) => name !== '').map(lastSegment);
  return { path: `${draft.path}/${path || 'unnamed'}`, role: 'inside', names, declaredType: file.declaredType ?? '' };
}

function cleanPath(name: string): string {
  return name
    .replaceAll('\\', '/')
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .slice(0, nameCharsMax)
    .toWellFormed();
}

function lastSegment(path: string): string {
  return path.split('/').findLast((segment) => segment !== '') ?? path;
}

/** The octets of a text that are read; what is beyond is told. */
export function boundedText(dig: Dig, draft: Draft, octets: Buffer): Buffer {
  if (octets.length <= textBytesMax) return octets;
  dig.cannot(draft.path, 'too-large', `a text of more than ${textBytesMax} octets`);
  return octets.subarray(0, textBytesMax);
}
