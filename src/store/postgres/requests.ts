/** What a writer is asked for: calls that share a transaction, and calls that need one of their own. */
import type { Call, MailId } from '#/model/index.ts';
import type { Changes } from './changes.ts';
import type { Lane } from './lane.ts';
import type { Actor } from './names.ts';

/** A call on its way. It may be tried several times, and is answered once. */
export interface Request {
  readonly call: Call;
  /** Octets of content, for the bounds of groups and of what waits. */
  readonly bytes: number;
  readonly actors: readonly Actor[];
  /** Mails that it brings. */
  readonly ids: readonly MailId[];
  /** Adds its changes to a group's; false when it can't be written without looking. Null where it never shares. */
  readonly join: ((changes: Changes) => boolean) | null;
  /** Its answer, once the group that it joined last is committed. */
  answer(): unknown;
  /** Does it alone, looking first. `doubtful` says that a former try may have been committed, or may be yet. */
  alone(lane: Lane, doubtful: boolean): Promise<unknown>;
  /** An answer that nobody waits for any more. */
  late(answer: unknown): void;
  /** Its caller was told of a failure or is gone, and its last try may have been committed, or may be yet. */
  unheard(): void;
}
