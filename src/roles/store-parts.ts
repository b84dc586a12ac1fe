/** What an engine of stores is given, and what it gives. */
import type { Incarnation } from '#/model/index.ts';
import type {
  Blobs,
  Campaigns,
  Clock,
  Custody,
  Decisions,
  DomainKeys,
  Downloads,
  EndedSessions,
  IncidentBook,
  Journal,
  Log,
  PastMails,
  PeopleBook,
  PolicyMemory,
  Registry,
} from '#/ports/index.ts';
import type { AuditLog } from '#/store/index.ts';

export interface StoresParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly incarnation: Incarnation;
  readonly onFatal: (reason: string) => void;
}

/** What writing has cost since the start: groups committed, and statements by the call that ran them (M3). */
export interface WriteCosts {
  readonly commits: number;
  readonly statements: ReadonlyMap<string, number>;
}

export interface Stores extends AsyncDisposable {
  readonly custody: Custody;
  readonly journal: Journal;
  readonly blobs: Blobs;
  readonly registry: Registry & AuditLog;
  readonly downloads: Downloads;
  readonly sessions: EndedSessions;
  readonly decisions: Decisions;
  readonly domainKeys: DomainKeys;
  readonly incidents: IncidentBook;
  readonly past: PastMails;
  readonly policyMemory: PolicyMemory;
  readonly people: PeopleBook;
  readonly campaigns: Campaigns;
  /** A key for one purpose, the same for the life of the installation. */
  derivedKey(purpose: string): Buffer;
  /** Null for stores that are read only, or written by another process. */
  readonly costs: WriteCosts | null;
}
