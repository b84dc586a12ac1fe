/** What a process is given, and what it has opened so far: the ground on which its parts are built. */
import type { Settings } from '#/config/index.ts';
import type { ProcessMeter } from '#/log/index.ts';
import type { Incarnation } from '#/model/index.ts';
import type { Clock, Log } from '#/ports/index.ts';
import type { Group } from './groups.ts';
import type { Health } from './health.ts';
import type { ListenerKind } from './listeners.ts';
import type { Stores } from './stores.ts';

/** Descriptors of bound sockets, by listener. */
export type BoundListeners = readonly { readonly kind: ListenerKind; readonly fd: number }[];

export interface ProcessRoleParts {
  readonly group: Group;
  readonly listeners: BoundListeners;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: ProcessMeter;
  readonly health: Health;
  /** Ends every wait for a store that another process holds. */
  readonly stop: AbortSignal;
  /** Whether a store that another process holds is waited for; else it is a fault `store.locked`. */
  readonly patient: boolean;
  /** The process must end now, without draining: what it knows may be wrong. */
  readonly onFatal: (reason: string) => void;
  /** The process must end in order, and begin anew. */
  readonly onDoubt: (reason: string) => void;
}

/** What has been opened so far, for the parts that follow. */
export interface Opened {
  readonly settings: Settings;
  readonly parts: ProcessRoleParts;
  readonly incarnation: Incarnation;
  readonly stores: Stores;
}
