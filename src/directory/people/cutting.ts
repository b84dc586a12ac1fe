/** What the thread that makes a generation of rows is told, and what it says: values that cross threads. */
import type { TextCharset } from '#/codec/csv/index.ts';
import type { CsvOptions } from './csv.ts';
import type { CutGeneration } from './draft.ts';
import type { Row } from './rows.ts';

/** A table as somebody hands it in. */
export interface Table extends CsvOptions {
  readonly octets: Uint8Array;
  /** By zstd. */
  readonly packed: boolean;
  /** Null: to be found out. */
  readonly charset: TextCharset | null;
}

/** Answered each, in order; with `cut` the set is whole. */
export type CutOrder = { readonly rows: readonly Row[] } | { readonly table: Table } | { readonly cut: true };

export type CutAnswer =
  | { readonly taken: true }
  /** The charset of the table. */
  | { readonly read: TextCharset }
  | { readonly whole: CutGeneration }
  /** A `Refusal` of the one with this exit code, or, where it is null, a failure. */
  | { readonly failed: string; readonly exit: 1 | 2 | 4 | null };
