/** What every keeper of custody is told, and what it assumes where it is told nothing. */
export interface CustodySettings {
  /** ms in the queue after which a delay notice is due. */
  readonly delayNoticeMs: number;
  /** ms in the queue after which a recipient expires. */
  readonly expireMs: number;
  /** ms that a recipient may be held before a person has decided. */
  readonly heldMs: number;
  /** Name of this machine for the journal, where an event has no worker of its own. */
  readonly host: string;
  /** Our release, likewise. */
  readonly release: string;
}

const HOUR_MS = 3_600_000;

/** The contract's defaults (`retry`, `retention`). */
export const CUSTODY_DEFAULTS: CustodySettings = {
  delayNoticeMs: 4 * HOUR_MS,
  expireMs: 5 * 24 * HOUR_MS,
  heldMs: 10 * 24 * HOUR_MS,
  host: 'localhost',
  release: '0',
};
