/** Attachments as octets: what they were before they were encoded for their way. */
import { decodeBody, type Part, readStructure } from '#/codec/mime/index.ts';
import type { CutFile } from '#/ports/index.ts';
import { namesOf } from '../extract/mail/part-names.ts';
import { Impossible, NO_PART, SIGNED, UNREADABLE } from './impossible.ts';
import { isSealed, placedParts } from './parts.ts';

/** The files of these parts, in their order; throws `Impossible` where one is not there or may not be taken out. */
export function cutFiles(content: Buffer, paths: readonly string[]): readonly CutFile[] {
  return [...eachCut(content, paths)];
}

/** The same, one after the other: none is decoded before it is asked for. */
export function* eachCut(content: Buffer, paths: readonly string[]): Generator<CutFile> {
  const parts = new Map(placedParts(readStructure(content).root).map((one) => [one.path, one]));
  for (const path of paths) {
    const placed = parts.get(path);
    if (placed === undefined) throw new Impossible(NO_PART);
    if (isSealed(placed)) throw new Impossible(SIGNED);
    yield fileOf(content, placed.part);
  }
}

function fileOf(content: Buffer, part: Part): CutFile {
  const decoded = decodeBody(part.encoding, content.subarray(part.body, part.end));
  if (decoded === null) throw new Impossible(UNREADABLE);
  const [name = null] = namesOf(part);
  return { name, octets: Buffer.from(decoded.buffer, decoded.byteOffset, decoded.byteLength) };
}
