/** Where mail comes from: files, or another server. Each source is opened with the signal that ends it, and bounds its waits by itself. */
import type { FileMessage } from '#/codec/mail-files/index.ts';
import type { SpecialUse } from '#/model/index.ts';

export interface Source extends AsyncDisposable {
  /** All folders, INBOX first. What is left out of them is told in `notes`. */
  folders(): Promise<readonly SourceFolder[]>;
  /** The messages of a folder in their order, at most 500 at a time, without octets. */
  batches(folder: SourceFolder): AsyncIterable<readonly Listed[]>;
  /** The octets of some of one batch, in order. What is gone meanwhile does not come. */
  load(folder: SourceFolder, wanted: readonly Listed[]): AsyncIterable<Loaded>;
  /** Sentences for the report. */
  readonly notes: readonly string[];
}

export interface SourceFolder {
  /** Names it in its source. */
  readonly path: string;
  /** Of its name, as people read them. */
  readonly levels: readonly string[];
  /** As the source says; null where it says nothing. */
  readonly specialUse: SpecialUse | null;
  /** Null where the source knows no subscriptions. */
  readonly subscribed: boolean | null;
  /** How many messages, where that is known ahead. */
  readonly messages: number | null;
}

/** A message that can be asked for. */
export interface Listed {
  /** For people: a file name, a UID. */
  readonly name: string;
  /** What names it in its source, whenever that is read again. */
  readonly key: readonly (string | number)[];
}

export type Loaded =
  | { readonly listed: Listed; readonly mail: FileMessage }
  | { readonly listed: Listed; readonly trouble: string };

/** The source can't be read. `retry`: it may be there again soon, and nothing is lost by looking. */
export class SourceTrouble extends Error {
  override name = 'SourceTrouble';
  readonly retry: boolean;

  constructor(message: string, retry: boolean, cause?: unknown) {
    super(message, { cause });
    this.retry = retry;
  }
}
