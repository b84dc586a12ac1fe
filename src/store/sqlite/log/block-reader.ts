/** Reads blocks of content out of the log, from any thread. */
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { BLOCK_OVERHEAD_BYTES } from './block.ts';
import { offsetOf, type Place, segmentOf } from './place.ts';
import type { Segments } from './segments.ts';

/** Segments that stay open. */
const OPEN_MAX = 16;

export class BlockReader {
  readonly #segments: Segments;
  readonly #open = new Map<number, number>();

  constructor(segments: Segments) {
    this.#segments = segments;
  }

  /** The block that begins at `place`, around `size` octets of content; null where its segment is gone, ends before or can't be read. */
  read(place: Place, size: number): Buffer | null {
    const file = this.#file(segmentOf(place));
    if (file === null) return null;
    const block = Buffer.allocUnsafe(size + BLOCK_OVERHEAD_BYTES);
    try {
      const read = readSync(file, block, 0, block.length, offsetOf(place));
      return read === block.length ? block : null;
    } catch (error) {
      // One bad sector is one mail's trouble.
      if (codeOf(error) === 'EIO') return null;
      throw error;
    }
  }

  close(): void {
    for (const file of this.#open.values()) closeSync(file);
    this.#open.clear();
  }

  #file(segment: number): number | null {
    const known = this.#open.get(segment);
    if (known !== undefined) return known;
    if (this.#open.size >= OPEN_MAX) this.close();
    this.#closeGone();
    try {
      const file = openSync(this.#segments.path(segment), 'r');
      this.#open.set(segment, file);
      return file;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return null;
      throw error;
    }
  }

  // What is open takes up its room on the disk after it was removed.
  #closeGone(): void {
    for (const [segment, file] of this.#open) {
      if (existsSync(this.#segments.path(segment))) continue;
      closeSync(file);
      this.#open.delete(segment);
    }
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null;
}
