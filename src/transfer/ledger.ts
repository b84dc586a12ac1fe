/** What a transfer has come to, by folder: for progress, and for the report at its end. */
import { namedMax } from './limits.ts';
import type { SourceFolder } from './source.ts';

export interface FolderCount {
  readonly folder: string;
  /** The mailbox of ours. */
  readonly mailbox: string;
  /** Came now. */
  imported: number;
  /** An earlier run had brought them. */
  there: number;
  refused: number;
  bytes: number;
}

export interface Refused {
  readonly folder: string;
  readonly message: string;
  readonly why: string;
}

export class Ledger {
  readonly #rows = new Map<string, FolderCount>();
  #refusals: Refused[] = [];

  get rows(): readonly FolderCount[] {
    return [...this.#rows.values()];
  }

  /** The first of them. */
  get refusals(): readonly Refused[] {
    return this.#refusals;
  }

  /** Messages that went over. */
  get imported(): number {
    return this.rows.reduce((sum, { imported }) => sum + imported, 0);
  }

  /** All folders are looked through from their begin: what this run brought will be seen as there; where it only looks, anew as what would come. */
  begin(dryRun: boolean): void {
    this.#refusals = [];
    for (const row of this.#rows.values()) {
      if (dryRun) row.imported = 0;
      row.there = -row.imported;
      row.refused = 0;
    }
  }

  row({ path }: SourceFolder, mailbox: string): FolderCount {
    const fresh = { folder: path, mailbox, imported: 0, there: 0, refused: 0, bytes: 0 };
    return this.#rows.getOrInsert(path, fresh);
  }

  refuse(row: FolderCount, message: string, why: string): void {
    row.refused += 1;
    if (this.#refusals.length < namedMax) this.#refusals.push({ folder: row.folder, message, why });
  }
}
