/** What reading and the registry ask of a database: statements, and views that hold still. What an error of PostgreSQL means to a caller. */
import type { Call } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';

/** Statements against the database that takes writes. Values are `$1`, `$2` …; bigint comes as number, bytea as Buffer. */
export interface Sql {
  /** Rows of one statement, a transaction of its own. Faults `call.late`, `store.unavailable`, `store.busy`, `store.failed`, `disk.full`. */
  rows<Row>(text: string, values: readonly unknown[], call: Call): Promise<Row[]>;
}

/** A database in which a piece of work may also see one moment. */
export interface Views extends Sql {
  /** `work` over one view (REPEATABLE READ, read only); the server ends it when the call's time is over. */
  view<T>(work: (sql: Sql) => Promise<T>, call: Call): Promise<T>;
}

/** Whether the server refused with this SQLSTATE. */
export function hasSqlState(error: unknown, state: string): boolean {
  const cause = error instanceof Fault ? error.cause : error;
  return stateOf(cause) === state;
}

/** The fault that an error of the driver is. Its `cause` keeps the error. */
export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const state = stateOf(error);
  const detail = error instanceof Error ? error.message : String(error);
  // The server did not speak: connections that failed, ended or never came to be.
  if (state === null) return new Fault('store.unavailable', detail, error);
  if (state === '57014') return new Fault('call.late', undefined, error);
  if (state === '53100') return new Fault('disk.full', undefined, error);
  if (isPassing(state)) return new Fault('store.unavailable', detail, error);
  return new Fault('store.failed', detail, error);
}

// 08: connection; 53: resources; 57: shut down, started up, crashed; 25006: a standby; 40: undone by others; 55: in use.
function isPassing(state: string): boolean {
  return state === '25006' || ['08', '40', '53', '55', '57'].includes(state.slice(0, 2));
}

// Errors of Node carry codes too (ECONNREFUSED); those of the server come with a severity.
function stateOf(error: unknown): string | null {
  const { code, severity } = (error ?? {}) as { code?: unknown; severity?: unknown };
  return typeof code === 'string' && typeof severity === 'string' ? code : null;
}
