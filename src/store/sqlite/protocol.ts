/**
 * What the main thread and the threads of the store say to each other. One message carries a group of requests as one JSON text (a
 * structured clone of small objects costs several times as much) and the content of all their mails in one buffer.
 */
import type {
  BlobRef,
  BornMail,
  Claim,
  FaultCode,
  Incarnation,
  IncarnationId,
  MailId,
  Orphan,
  Outcome,
  RecipientNumber,
  Settled,
  TenantId,
} from '#/model/index.ts';
import type { ClaimRequest, QueueAct } from '#/ports/index.ts';
import type { CustodySettings } from '../custody/index.ts';
import type { Place } from './log/index.ts';
import type { FoundDamage } from './log-notes.ts';

/** Content in a message between threads: where it lies in the group's buffer, counted from the request's own begin. On the way to the writer each has room for its seal behind it, so that its place in the log is known before it is sealed. */
export type WireBody =
  | { readonly kind: 'bytes'; readonly at: number; readonly size: number }
  | { readonly kind: 'blob'; readonly ref: BlobRef; readonly size: number };

export type WireMail = Omit<BornMail, 'body'> & { readonly body: WireBody };

export type WireClaim = Omit<Claim, 'body'> & { readonly body: WireBody | null };

export type RecipientKey = readonly [message: MailId, n: RecipientNumber];

/** What the writer does: by name, what goes in and what comes out. */
export interface WriterCalls {
  accept: { input: { mails: readonly WireMail[]; claimFor: IncarnationId | null }; output: null };
  claim: {
    input: {
      request: Exclude<ClaimRequest, { kind: 'named' }> | { kind: 'keys'; keys: readonly RecipientKey[] };
      worker: IncarnationId;
    };
    output: readonly WireClaim[];
  };
  settle: {
    input: {
      message: MailId;
      worker: IncarnationId;
      elapsedMs: number;
      peer: string | null;
      outcomes: readonly { n: RecipientNumber; token: number; outcome: Outcome }[];
      born: readonly WireMail[];
      component?: 'inspect' | 'cli' | undefined;
    };
    output: readonly Settled[];
  };
  act: { input: { act: QueueAct; by: string; keys: readonly RecipientKey[] }; output: readonly RecipientKey[] };
  enlist: { input: { incarnation: Incarnation }; output: null };
  beat: { input: { worker: IncarnationId }; output: boolean };
  retire: { input: { worker: IncarnationId; clean: boolean; limit: number }; output: number };
  sweep: { input: { limit: number }; output: readonly Orphan[] };
  fillIndex: { input: { budgetMs: number }; output: { readonly more: boolean } };
  forget: { input: { recipients: readonly RecipientKey[]; events: readonly number[] }; output: number };
  remember: { input: { name: string; value: string }; output: null };
  /** Everything that was answered before can be read from the tables when this is answered. */
  publish: { input: null; output: null };
}

export type WriterCall = keyof WriterCalls;

export interface WriterRequest<Name extends WriterCall = WriterCall> {
  readonly name: Name;
  readonly input: WriterCalls[Name]['input'];
  /** Where this request's content begins in the group's buffer. */
  readonly base: number;
}

export interface WriterGroup {
  /** Wall clock of the group: the time of its events. */
  readonly now: number;
  /** `WriterRequest[]` as JSON. */
  readonly requests: string;
  readonly bytes: ArrayBuffer;
  /** Where the WAL has to start over once nothing is left in it: done behind the group. */
  readonly restartWal: boolean;
  /** Up to this place of the log the tables are durable without it: what it holds for nobody goes. Null where that is not news. */
  readonly durable: Place | null;
}

export type WriterAnswer =
  | { readonly ok: true; readonly output: unknown; readonly base: number; readonly condemned: readonly Condemned[] }
  | { readonly ok: false; readonly fault: FaultCode | null; readonly detail: string };

/** A blob that no row names any more. */
export interface Condemned {
  readonly tenant: TenantId;
  readonly key: string;
}

/** Statements by the call that ran them; those that a group's calls share stand under `group`. For the proof of M3. */
export type WriterCost = { [Name in WriterCall | 'group']?: number };

/** What was found in the log, at this start or lately, that was not as it should be. */
export interface Recovery {
  /** Parts that were durable and can't be read any more, with the wall clock of the start that found them. */
  readonly damage: readonly FoundDamage[];
  /** Requests that failed when they were carried out again, as they may have at first: what they were, and how. */
  readonly refused: readonly { readonly name: WriterCall; readonly detail: string }[];
}

export type FromWriter =
  | { readonly kind: 'ready'; readonly live: number; readonly recovery: Recovery }
  | { readonly kind: 'refused'; readonly fault: FaultCode; readonly detail: string }
  | {
      readonly kind: 'answers';
      /** `WriterAnswer[]` as JSON, in the order of the requests. */
      readonly answers: string;
      readonly bytes: ArrayBuffer | null;
      /** Some of what was answered can't be read from the tables yet. */
      readonly ahead: boolean;
      /** By how many the live recipients have become more. */
      readonly live: number;
      /** What this group cost. */
      readonly cost: WriterCost;
    }
  /** A failure that is never retried: nothing more comes from this thread. */
  | { readonly kind: 'failed'; readonly detail: string };

export interface WriterSetup {
  readonly dir: string;
  readonly keyFile: string;
  readonly encryptBodies: boolean;
  /** Octets of a segment of the log; the usual ones where it is absent. */
  readonly segmentBytes?: number | undefined;
  readonly settings: CustodySettings;
}
