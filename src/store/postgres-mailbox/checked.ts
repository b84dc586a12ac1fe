/** What callers say, as the tables can take it. */
import type { Uid } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';

/** Entries of one statement: far below the server's time for one, and a moment of ours between two. */
export const TOGETHER_MAX = 5_000;
const UID_MAX = 2 ** 32 - 1;

/** A whole number from 0; fault `mailbox.refused` for what is none. */
export function checkedCount(value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new Fault('mailbox.refused', 'A number is out of range.');
  return value;
}

/** UIDs that there may be, rising, each once. */
export function risingUids(uids: readonly Uid[]): Uid[] {
  const possible = uids.filter((uid) => Number.isInteger(uid) && uid > 0 && uid <= UID_MAX);
  return [...new Set(possible)].sort((a, b) => a - b);
}

/** An id for a statement: PostgreSQL's text has no NUL, nor has any id of ours. */
export function idText(id: string): string {
  return id.replaceAll('\0', '\ufffd');
}
