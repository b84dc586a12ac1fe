/** What an error of a commit means for the calls that shared it. */
import { Fault } from '#/model/index.ts';
import { ConnectionLost, NotReplicated } from './lane.ts';
import { CLAIM_GONE } from './statements.ts';

/**
 * `lost`: the connection ended, and nobody knows whether it was committed. `away`: this server takes no writes now. `again`: undone for the sake
 * of others. `day`: its day has no partition, or is closed. `apart`: one call's own doing, each has to look for itself. `full`: no room.
 */
export type Trouble = 'lost' | 'away' | 'again' | 'day' | 'apart' | 'full' | 'mistake';

const BY_STATE: Readonly<Record<string, Trouble>> = {
  '57P01': 'lost',
  '57P02': 'lost',
  '57P03': 'away',
  '25006': 'away',
  '40001': 'again',
  '40P01': 'again',
  '55P03': 'again',
  '57014': 'again',
  '23514': 'day',
  '23505': 'apart',
  '53100': 'full',
  [CLAIM_GONE]: 'apart',
};

export function troubleOf(error: unknown): Trouble {
  if (error instanceof Fault) return error.code === 'store.unavailable' ? 'away' : 'mistake';
  if (error instanceof ConnectionLost) return 'lost';
  const { code, severity } = (error ?? {}) as { code?: unknown; severity?: unknown };
  if (typeof code !== 'string' || typeof severity !== 'string') return 'mistake';
  if (severity === 'FATAL' || severity === 'PANIC') return 'lost';
  return BY_STATE[code] ?? (code.startsWith('53') ? 'again' : 'mistake');
}

/** Whether what failed so may have been committed all the same, or may be yet. */
export function mayBeDone(error: unknown): boolean {
  return error instanceof NotReplicated || troubleOf(error) === 'lost';
}

/** What a caller is told of an error that nothing helped against. */
export function toldOf(error: unknown): Error {
  if (error instanceof Fault) return error;
  const detail = error instanceof Error ? error.message : String(error);
  switch (troubleOf(error)) {
    case 'full':
      return new Fault('disk.full', undefined, error);
    case 'mistake':
    case 'apart':
      return new Error(`custody: ${detail}`, { cause: error });
    default:
      return new Fault('store.unavailable', detail, error);
  }
}
