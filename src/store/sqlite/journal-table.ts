/** Appends to the journal. Who did it is interned: a process writes the same four words a million times. */
import type { DatabaseSync } from 'node:sqlite';
import type { MailId, RecipientNumber, TenantId } from '#/model/index.ts';
import type { EventFacts } from '../custody/index.ts';
import { StepNotes } from './journal-span.ts';
import { Statement } from './statement.ts';

/** Who did something: a part of ours in one process, and with which peer. */
export interface EventSource {
  readonly component: string;
  readonly worker: string;
  readonly host: string;
  readonly release: string;
  readonly elapsedMs: number;
  readonly peer: string | null;
}

/** Where an event belongs. */
export interface EventPlace {
  readonly at: number;
  readonly tenant: TenantId;
  readonly message: MailId;
  readonly recipient: RecipientNumber;
}

const SOURCES_MAX = 256;

export class JournalTable {
  readonly #insert: Statement;
  readonly #addSource: Statement;
  readonly #findSource: Statement<{ id: number }>;
  readonly #kept: Statement<{ seq: number | null }>;
  readonly #last: Statement<{ last: number | null }>;
  readonly #steps: StepNotes;
  readonly #sources = new Map<string, number>();
  #lastSeq: number;

  constructor(db: DatabaseSync) {
    this.#insert = new Statement(
      db,
      `INSERT INTO journal (seq, at, tenant, message, recipient, kind, stage, source, rule, rule_version, destination,
        provider, attempt, elapsed_ms, attribution, detail, waited_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#addSource = new Statement(
      db,
      'INSERT OR IGNORE INTO source (component, worker, host, release) VALUES (?, ?, ?, ?)',
    );
    this.#findSource = new Statement(
      db,
      'SELECT id FROM source WHERE component = ? AND worker = ? AND host = ? AND release = ?',
    );
    this.#kept = new Statement(
      db,
      "SELECT max(CAST(value AS INTEGER)) AS seq FROM fact WHERE name IN ('store.journal.closed', 'store.look-up.cursor')",
    );
    this.#last = new Statement(db, 'SELECT max(seq) AS last FROM journal');
    this.#steps = new StepNotes(db);
    this.#lastSeq = this.#storedSeq();
  }

  /** The seq of the newest event. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  append(place: EventPlace, event: EventFacts, by: EventSource): void {
    this.#steps.see(++this.#lastSeq, place.at);
    this.#insert.run(
      this.#lastSeq,
      place.at,
      place.tenant,
      place.message,
      place.recipient,
      event.kind,
      event.stage,
      this.#source(by),
      event.rule,
      event.ruleVersion === null ? null : JSON.stringify(event.ruleVersion),
      event.destination,
      by.peer,
      event.attempt,
      by.elapsedMs,
      event.attribution,
      event.detail,
      event.waitedMs,
    );
  }

  /** After a rollback: what was interned in it is not there, and its seqs are given out again, as they are when the log is carried out. */
  forget(): void {
    this.#sources.clear();
    this.#steps.forget();
    this.#lastSeq = this.#storedSeq();
  }

  // Seqs go on behind what was archived (a closed day's events keep theirs) and behind what the look-up index has passed: an event
  // below its cursor would never be found.
  #storedSeq(): number {
    return Math.max(this.#kept.get()?.seq ?? 0, this.#last.get()?.last ?? 0);
  }

  #source({ component, worker, host, release }: EventSource): number {
    const key = `${component} ${worker} ${host} ${release}`;
    const known = this.#sources.get(key);
    if (known !== undefined) return known;
    this.#addSource.run(component, worker, host, release);
    const id = this.#findSource.get(component, worker, host, release)?.id ?? 0;
    if (this.#sources.size >= SOURCES_MAX) this.#sources.clear();
    this.#sources.set(key, id);
    return id;
  }
}
