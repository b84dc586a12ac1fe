/** How far a failure reaches: one request, one account, or all of them. */
import { Fault } from '#/model/index.ts';

/** Primary result codes of SQLite that we tell apart. */
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;

/** A disk that failed a write or a flush can't be trusted by anyone: the process has to end and to recover from what the disk has. */
export class StoreBroken extends Error {}

/**
 * The fault of an account that can't go on with what it has open; null where the failure is of one request alone. Damage is the trouble of
 * the account that has it.
 */
export function accountFault(error: unknown): Fault | null {
  if (isNoSpace(error)) return new Fault('disk.full', undefined, error);
  switch (codeOf(error)) {
    case SQLITE_FULL:
      return new Fault('disk.full', undefined, error);
    case SQLITE_IOERR:
      return new Fault('store.failed', 'The file of an account can’t be read.', error);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return new Fault('store.failed', 'The file of an account is damaged; restore it from a backup.', error);
    case SQLITE_CANTOPEN:
      return new Fault('store.unavailable', 'The file of an account can’t be opened.', error);
    default:
      return null;
  }
}

/** Whether an error says that a write did not reach the disk for another reason than its size. */
export function isBroken(error: unknown): boolean {
  return codeOf(error) === SQLITE_IOERR || (error instanceof Error && 'code' in error && error.code === 'EIO');
}

function codeOf(error: unknown): number {
  return typeof error === 'object' && error !== null && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
}

function isNoSpace(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}
