/** The tables of the model: maps and lists, and the one way by which recipients come in and move. */
import { createHash } from 'node:crypto';
import type {
  ArrivedMail,
  Body,
  ClaimToken,
  IncarnationId,
  JournalEvent,
  MailId,
  MailInCustody,
  RecipientNumber,
  TenantId,
} from '#/model/index.ts';
import { BOOK_COLUMNS, isLive } from '#/model/index.ts';
import type { Clock } from '#/ports/index.ts';
import type { Change, CustodySettings, EventFacts, Line, Progress, RecipientFacts } from '../custody/index.ts';
import { arrive, emptyLine, Tally, withoutRecipients } from '../custody/index.ts';

export interface MemoryRecipient {
  readonly mail: MailInCustody;
  readonly facts: RecipientFacts;
  progress: Progress;
  claimBy: IncarnationId | null;
  token: ClaimToken;
  /** It has left the hot tables: the day is closed. */
  archived: boolean;
}

export interface MemoryMail {
  readonly mail: MailInCustody;
  /** Null when the last recipient has ended. */
  body: Body | null;
  readonly sha256: string | null;
  readonly recipients: MemoryRecipient[];
  /** Names under which mails were born once of it. */
  born: ReadonlySet<string>;
}

export interface MemoryEvent {
  readonly event: JournalEvent;
  readonly waitedMs: number | null;
  archived: boolean;
}

export class MemoryRows {
  readonly settings: CustodySettings;
  readonly clock: Clock;
  readonly mails = new Map<MailId, MemoryMail>();
  readonly books = new Map<TenantId, Line>();
  events: MemoryEvent[] = [];
  live = 0;

  constructor(settings: CustodySettings, clock: Clock) {
    this.settings = settings;
    this.clock = clock;
  }

  /** The door: one mail with all its recipients, unless its id is there already. */
  insert(mail: ArrivedMail, claimFor: IncarnationId | null, component: string, worker: string): void {
    if (this.mails.has(mail.id)) return;
    const bare = withoutRecipients(mail);
    const row: MemoryMail = {
      mail: bare,
      body: copyOf(mail.body),
      sha256: hashOf(mail.body),
      recipients: [],
      born: new Set(),
    };
    const tally = new Tally();
    for (const recipient of mail.recipients) {
      const { progress, events } = arrive(mail, recipient, this.settings);
      const claimBy = progress.state === 'queued' ? claimFor : null;
      const { n, address, original, orcpt, notify, direction } = recipient;
      const facts = { n, address, original, orcpt, notify, direction };
      row.recipients.push({ mail: bare, facts, progress, claimBy, token: claimBy === null ? 0 : 1, archived: false });
      for (const event of events) this.tell(bare, n, event, { component, worker, elapsedMs: 0, peer: null });
      tally.arrived(mail.tenant, mail.origin, progress.state);
    }
    this.mails.set(mail.id, row);
    this.#count(tally);
  }

  /** Moves one recipient and frees its claim; the content goes with the last one that ends. */
  move(row: MemoryRecipient, change: Change, by: EventSource): void {
    const tally = new Tally();
    tally.moved(row.mail.tenant, row.progress.state, change.progress.state);
    row.progress = change.progress;
    row.claimBy = null;
    for (const event of change.events) this.tell(row.mail, row.facts.n, event, by);
    this.#count(tally);
    const mail = this.mails.get(row.mail.id);
    if (mail !== undefined && !mail.recipients.some((each) => isLive(each.progress.state))) mail.body = null;
  }

  tell(mail: MailInCustody, recipient: RecipientNumber, facts: EventFacts, by: EventSource): void {
    const { host, release } = this.settings;
    const { waitedMs, ...rest } = facts;
    const { component, worker, elapsedMs, peer: provider } = by;
    const { tenant, id: message } = mail;
    const who = { component, worker, host, release, provider, elapsedMs };
    const event = { at: this.clock.now(), tenant, message, recipient, ...rest, ...who };
    this.events.push({ event, waitedMs, archived: false });
  }

  recipient(message: MailId, n: RecipientNumber): MemoryRecipient | undefined {
    return this.mails.get(message)?.recipients.find((row) => row.facts.n === n);
  }

  *liveRows(): Generator<MemoryRecipient> {
    for (const mail of this.mails.values())
      for (const row of mail.recipients) if (isLive(row.progress.state)) yield row;
  }

  #count(tally: Tally): void {
    this.live += tally.live;
    for (const [tenant, line] of tally.lines()) {
      const mine = this.books.getOrInsertComputed(tenant, emptyLine);
      for (const column of BOOK_COLUMNS) mine[column] += line[column];
    }
  }
}

/** Who does something to a recipient. */
export interface EventSource {
  readonly component: string;
  readonly worker: string;
  readonly elapsedMs: number;
  readonly peer: string | null;
}

function copyOf(body: Body): Body {
  return body.kind === 'memory' ? { ...body, chunks: body.chunks.map((chunk) => Uint8Array.from(chunk)) } : body;
}

/** SHA-256, hex, of content in memory; null for a blob, which carries its own. */
export function hashOf(body: Body): string | null {
  if (body.kind === 'blob') return null;
  const hash = createHash('sha256');
  for (const chunk of body.chunks) hash.update(chunk);
  return hash.digest('hex');
}
