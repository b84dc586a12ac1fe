/** What the thread that reads documents is asked, and what it says: values that cross threads. */
import type { Unread } from '#/model/index.ts';

export interface DocumentQuestion {
  /** The file under its name. */
  readonly name: string;
  readonly content: Uint8Array;
  readonly waitMs: number;
}

/** A document as it is kept, and what of it could not be read. */
export interface ReadDocument {
  /** Each once, ascending. */
  readonly numbers: Uint32Array;
  /** Characters that were read. */
  readonly chars: number;
  /** It has more numbers than are kept. */
  readonly isCut: boolean;
  readonly unread: readonly Unread[];
}
