/**
 * Where incidents are kept: lists of entries that only grow, and the files that entries name.
 *
 * What must never happen: an entry that was written is changed or lost; two people who write at the same time, of whom one does not learn that
 * the other did.
 *
 * Keepers: `store/sql/incidents/`, over SQLite, PostgreSQL and memory; one suite: `store/contract/incident-book.ts`. Every method may be
 * called again.
 */
import type { Call, IncidentEntry, IncidentId, IncidentKind } from '#/model/index.ts';
import type { ChangeWindow } from './change-log.ts';
import type { ErasedPerson } from './erasure.ts';
import type { IncidentFilter } from './incidents.ts';
import type { LetterBook } from './letter-book.ts';
import type { Subscribers } from './subscribers.ts';

export interface IncidentBook extends LetterBook, Subscribers {
  /**
   * Adds entries behind the first `expected` ones; durable when it resolves. False where there are more by now, or fewer: read and think again.
   * `token` names this writing: the same one again is the same writing. The first one makes the incident, 0 being expected.
   */
  append(writing: IncidentWriting, call: Call): Promise<boolean>;

  /** Null where there is none. */
  load(id: IncidentId, call: Call): Promise<IncidentRecord | null>;

  /** Drafts too, newest first; `open` is what `append` said last. */
  list(filter: IncidentFilter, limit: number, call: Call): Promise<readonly IncidentRecord[]>;

  /** A part of a file, counted from 0; kept before an entry names the file. One that is there stays as it is. */
  keepPart(part: FilePart, octets: Uint8Array, call: Call): Promise<void>;
  /** All parts that there are; null where there is none. */
  file(incident: IncidentId, file: string, call: Call): Promise<Uint8Array | null>;

  /** Something that happened beside incidents, once for its key. */
  note(note: HappenedNote, call: Call): Promise<void>;
  /** In a window, oldest first; where there are more than `limit`, the newest of them. */
  notes(window: ChangeWindow, limit: number, call: Call): Promise<readonly HappenedNote[]>;
  forgetNotes(before: number, call: Call): Promise<void>;

  /** Forgets where a person is told, and letters that they were still to get; letters that were sent keep a pseudonym. How many of each there were. */
  eraseTold(person: ErasedPerson, call: Call): Promise<{ readonly subscriptions: number; readonly letters: number }>;

  [Symbol.asyncDispose](): Promise<void>;
}

export interface HappenedNote {
  readonly key: string;
  /** Wall-clock ms. */
  readonly at: number;
  readonly by: string;
  readonly what: string;
}

export interface IncidentRecord {
  readonly id: IncidentId;
  readonly kind: IncidentKind;
  readonly entries: readonly IncidentEntry[];
}

export interface FilePart {
  readonly incident: IncidentId;
  readonly file: string;
  readonly part: number;
}

export interface IncidentWriting {
  readonly id: IncidentId;
  readonly kind: IncidentKind;
  readonly token: string;
  readonly expected: number;
  readonly entries: readonly IncidentEntry[];
  /** Whether it is open with these entries: a list of what is open reads no other. */
  readonly open: boolean;
}
