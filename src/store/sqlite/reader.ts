/** The reading half of custody and journal. Each call sees one moment of the store; none waits for the writer or makes it wait. */
import type { DatabaseSync } from 'node:sqlite';
import type { BlobRef, Books, IncarnationId, MailId, TenantId } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type {
  AffectedCount,
  AffectedPage,
  AffectedQuery,
  Depth,
  Heartbeat,
  Journal,
  QueueFilter,
  RecipientPlace,
  Recount,
  Trace,
  TraceQuery,
} from '#/ports/index.ts';
import { AffectedReader } from './affected.ts';
import { Archive, Archiver } from './archive.ts';
import { BodyReader } from './bodies.ts';
import { BookReader } from './books.ts';
import { openReader } from './connections.ts';
import { Deadline } from './deadline.ts';
import { DepthReader } from './depth.ts';
import { FirstAttempts } from './first-attempts.ts';
import { History } from './history.ts';
import { BodyKeys } from './keys.ts';
import type { Purpose } from './live-rows.ts';
import { LiveRows } from './live-rows.ts';
import { BlockReader, Segments } from './log/index.ts';
import type { RecipientKey } from './protocol.ts';
import { Recounter } from './recount.ts';
import type { MessageRow } from './rows.ts';
import type { Scrubbed } from './scrub.ts';
import { Scrubber } from './scrub.ts';
import { Statement } from './statement.ts';
import { Tracer } from './trace.ts';

/** What readers do: by name, what goes in and what comes out. */
export interface ReaderCalls {
  body: {
    input: { message: MailId };
    output: { content: Uint8Array } | { blob: BlobRef; tenant: TenantId };
  };
  depth: { input: null; output: readonly Depth[] };
  beats: { input: null; output: readonly Heartbeat[] };
  recall: { input: { name: string }; output: string | null };
  books: { input: null; output: readonly Books[] };
  blobsInUse: { input: { keys: readonly string[] }; output: readonly string[] };
  recount: { input: null; output: readonly Recount[] };
  scrub: { input: { after: MailId | null; limit: number }; output: Scrubbed };
  choose: {
    input: { filter: QueueFilter; limit: number; purpose: Purpose | null };
    output: { keys: readonly RecipientKey[]; more: boolean };
  };
  queue: {
    input: { filter: QueueFilter; after: MailId | null; limit: number };
    output: { items: readonly Trace[]; next: MailId | null };
  };
  trace: { input: { query: TraceQuery; limit: number }; output: readonly Trace[] };
  firstAttempts: { input: { since: number }; output: Awaited<ReturnType<Journal['firstAttempts']>> };
  affectedCounts: { input: { query: AffectedQuery }; output: readonly AffectedCount[] };
  affected: {
    input: { query: AffectedQuery; after: RecipientPlace | null; limit: number };
    output: AffectedPage;
  };
  copy: {
    input: { before: number; limit: number };
    output: { recipients: readonly RecipientKey[]; events: readonly number[]; more: boolean };
  };
  drop: { input: { before: number }; output: null };
}

export type ReaderCall = keyof ReaderCalls;

/** What a reader thread is told at its start; without a key file it reads no content. */
export interface ReaderSetup {
  readonly dir: string;
  readonly keyFile: string | null;
}

type Handlers = {
  readonly [Name in ReaderCall]: (input: ReaderCalls[Name]['input'], deadline: Deadline) => ReaderCalls[Name]['output'];
};

export class Reader {
  readonly #db: DatabaseSync;
  readonly #archive: Archive;
  readonly #blocks: BlockReader;
  readonly #handlers: Handlers;
  readonly #begin: Statement;
  readonly #end: Statement;

  constructor(setup: ReaderSetup) {
    this.#db = openReader(setup.dir);
    this.#archive = new Archive(setup.dir);
    this.#blocks = new BlockReader(new Segments(setup.dir));
    this.#handlers = handlersOf(this.#db, this.#archive, this.#blocks, setup);
    this.#begin = new Statement(this.#db, 'BEGIN');
    this.#end = new Statement(this.#db, 'COMMIT');
  }

  call<Name extends ReaderCall>(name: Name, input: ReaderCalls[Name]['input'], timeoutMs: number): unknown {
    this.#begin.run();
    try {
      return this.#handlers[name](input, new Deadline(timeoutMs));
    } finally {
      this.#end.run();
    }
  }

  close(): void {
    this.#archive.close();
    this.#blocks.close();
    this.#db.close();
  }
}

function handlersOf(db: DatabaseSync, archive: Archive, blocks: BlockReader, { keyFile }: ReaderSetup): Handlers {
  let keys: BodyKeys | null = null;
  const bodies = new BodyReader(db, blocks, () => {
    if (keyFile === null) throw new Fault('key.missing', 'This reader was opened without a key.');
    keys ??= new BodyKeys(db, keyFile);
    return keys;
  });
  const message = new Statement<MessageRow>(db, 'SELECT * FROM message WHERE id = ?');
  const fact = new Statement<{ value: string }>(db, 'SELECT value FROM fact WHERE name = ?');
  const blob = new Statement(db, 'SELECT 1 FROM message WHERE blob = ? LIMIT 1');
  const books = new BookReader(db);
  const depth = new DepthReader(db, books);
  const recounter = new Recounter(db);
  const scrubber = new Scrubber(db, bodies);
  const rows = new LiveRows(db);
  const tracer = new Tracer(db, archive);
  const affected = new AffectedReader(db, new History(db), archive);
  const archiver = new Archiver(db, archive);
  const firstAttempts = new FirstAttempts(db);
  const beats = beatsOf(db);
  return {
    body: ({ message: id }) => bodyOf(message.get(id), bodies),
    depth: () => depth.read(),
    beats,
    recall: ({ name }) => fact.get(name)?.value ?? null,
    books: () => books.read(),
    blobsInUse: ({ keys: asked }) => asked.filter((key) => blob.get(key) !== undefined),
    recount: () => recounter.recount(books.read()),
    scrub: ({ after, limit }) => scrubber.scrub(after, limit),
    choose: ({ filter, limit, purpose }, deadline) => rows.choose(filter, limit, purpose, deadline),
    queue: ({ filter, after, limit }, deadline) => rows.list(filter, after, limit, deadline),
    trace: ({ query, limit }, deadline) => tracer.trace(query, limit, deadline),
    firstAttempts: ({ since }) => firstAttempts.read(since),
    affectedCounts: ({ query }, deadline) => affected.counts(query, deadline),
    affected: ({ query, after, limit }, deadline) => affected.list(query, after, limit, deadline),
    copy: ({ before, limit }) => archiver.copy(before, limit),
    drop: ({ before }) => {
      archive.drop(before);
      return null;
    },
  };
}

function bodyOf(row: MessageRow | undefined, bodies: BodyReader): ReaderCalls['body']['output'] {
  if (row === undefined) throw new Fault('body.missing');
  const { blob, tenant, size, sha256 } = row;
  if (blob !== null) return { blob: { key: blob, size, sha256 }, tenant };
  return { content: Uint8Array.from(bodies.read(row)) };
}

type HeartbeatRow = {
  name: IncarnationId;
  host: string;
  role: string;
  release: string;
  pid: number;
  started_at: number;
  beat: number;
  claims: number;
};

function beatsOf(db: DatabaseSync): () => Heartbeat[] {
  const rows = new Statement<HeartbeatRow>(
    db,
    `SELECT *, (SELECT count(*) FROM recipient WHERE claim_by = incarnation.id) AS claims
     FROM incarnation WHERE retired = 0 ORDER BY id`,
  );
  return () =>
    rows.all().map(({ name: id, host, role, release, pid, started_at: startedAt, beat, claims }) => {
      return { incarnation: { id, host, role, release, pid, startedAt }, beat, claims };
    });
}
