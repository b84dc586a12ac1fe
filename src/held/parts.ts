import type { IncarnationId, Settlement } from '#/model/index.ts';
import type {
  Blobs,
  Clock,
  Custody,
  Decisions,
  DirectorySource,
  Journal,
  Log,
  NoticeMaker,
  PeopleNotices,
  TraceQuery,
} from '#/ports/index.ts';

/** What this room needs of the world. */
export interface HeldParts {
  readonly custody: Pick<Custody, 'act' | 'claim' | 'settle' | 'body'>;
  readonly journal: Pick<Journal, 'queue' | 'trace'>;
  readonly blobs: Pick<Blobs, 'read'>;
  /** Which mails people decided about. */
  readonly decisions: Decisions;
  readonly directory: DirectorySource;
  readonly clock: Clock;
  readonly log: Log;
  readonly notices: NoticeMaker;
  /** Who hears of what others do to their mail. */
  readonly people: PeopleNotices;
  /** Who claims what a person rejects; enlisted. */
  readonly worker: IncarnationId;
  /** Records a settlement that custody could not take at once, in the background. */
  readonly settleLater: (settlement: Settlement) => void;
  /** Rows may have become due. */
  readonly doorbell: () => void;
  /** Reads a filter in the words of `trace`; `tenant` is the zone in which bare times are meant. */
  readonly readFilter: (text: string, tenant: string | null) => TraceQuery;
}
