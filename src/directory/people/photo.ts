/** Photos of people: of a kind that mail programs show, and small. */
import { PHOTO_BYTES_MAX } from '#/ports/index.ts';

const KINDS: readonly (readonly [kind: string, at: number, magic: string])[] = [
  ['image/jpeg', 0, 'ffd8ff'],
  ['image/png', 0, '89504e470d0a1a0a'],
  ['image/webp', 8, '57454250'],
];

/** Its media type by its first octets; null where it is none of the three. */
export function photoKind(octets: Uint8Array): string | null {
  const head = Buffer.from(octets.subarray(0, 16)).toString('hex');
  const found = KINDS.find(([, at, magic]) => head.startsWith(magic, at * 2));
  return found?.[0] ?? null;
}

/** Why a photo is left out; null where it is not. */
export function photoTrouble(octets: Uint8Array): string | null {
  if (octets.length > PHOTO_BYTES_MAX) {
    return `their photo has ${Math.ceil(octets.length / 1_000)} KB; ${PHOTO_BYTES_MAX / 1_000} KB is the most`;
  }
  return photoKind(octets) === null ? 'their photo is neither JPEG, PNG nor WebP' : null;
}
