/**
 * What one transaction writes, gathered row by row and sent as a few statements of whole columns: mails that come in, recipients that move,
 * their events, and the lines of the books. Every change of state passes `move`, so none goes without its event and its line.
 */
import type { ArrivedMail, ArrivedRecipient, DestinationKey, MailId, TenantId } from '#/model/index.ts';
import { BOOK_COLUMNS, isLive } from '#/model/index.ts';
import type { Change, CustodySettings, EventFacts, Line, Progress } from '../custody/index.ts';
import { arrive, lookUpHashes, Tally } from '../custody/index.ts';
import type { Step } from './batch.ts';
import { boolArray, float8Array, int4Array, int8Array, textArray } from './binary-arrays.ts';
import type { CustodyRow } from './rows.ts';
import { phaseOf } from './rows.ts';
import type { StoredContent } from './sealing.ts';
import {
  ADD_BODIES,
  ADD_BOOK_LINES,
  ADD_EVENTS,
  ADD_LOOK_UPS,
  ADD_MESSAGES,
  ADD_RECIPIENTS,
  BEAR_ONCE,
  END_ROWS,
  KEEP_ROWS,
  LOCK_BODIES,
  RELEASE_BODIES,
} from './statements.ts';

/** Who did something: the key of its row in `source`, and with which peer. */
export interface EventSource {
  readonly source: number;
  readonly elapsedMs: number;
  readonly peer: string | null;
}

/** What a transaction is written with. */
export interface ChangesSetting {
  readonly settings: CustodySettings;
  /** Wall clock of its events. */
  readonly now: number;
  /** The day under which its events are kept: that of `now`, unless that one is closed. */
  readonly day: number;
  /** The lot of the look-up index, which is begun anew from time to time. */
  readonly lot: number;
  /** The next number of an event. */
  readonly nextSeq: () => number;
}

/** An unclaimed row that came to be: where a claim has to look for it. */
export interface Waiting {
  readonly destination: DestinationKey;
  readonly tenant: TenantId;
  readonly tried: 0 | 1;
  readonly due: number;
}

type Moved = { readonly row: CustodyRow; readonly to: Progress; readonly seq: number };
type Event = { readonly seq: number; readonly row: EventPlace; readonly facts: EventFacts; readonly by: EventSource };
type EventPlace = { readonly tenant: TenantId; readonly message: MailId; readonly n: number };
type Come = {
  readonly mail: ArrivedMail;
  readonly facts: ArrivedRecipient;
  readonly to: Progress;
  readonly claimBy: number | null;
};

export class Changes {
  readonly tally = new Tally();
  readonly waiting: Waiting[] = [];
  readonly #setting: ChangesSetting;
  readonly #mails: { readonly mail: ArrivedMail; readonly content: StoredContent }[] = [];
  readonly #come: Come[] = [];
  readonly #ended: Moved[] = [];
  readonly #kept: Moved[] = [];
  readonly #events: Event[] = [];
  readonly #released = new Set<MailId>();
  readonly #shared = new Set<MailId>();
  readonly #bornOnce = new Map<MailId, string>();

  constructor(setting: ChangesSetting) {
    this.#setting = setting;
  }

  get now(): number {
    return this.#setting.now;
  }

  get settings(): CustodySettings {
    return this.#setting.settings;
  }

  get isEmpty(): boolean {
    return this.#come.length === 0 && this.#mails.length === 0 && this.#ended.length === 0 && this.#kept.length === 0;
  }

  /** Look-up rows that the transaction adds. */
  get lookUps(): number {
    return this.#mails.length;
  }

  /** A mail with all its recipients. Queued ones are claimed by `claimBy`, where that one lives. Gives the rows as they begin. */
  arrive(mail: ArrivedMail, content: StoredContent, claimBy: number | null, by: EventSource): CustodyRow[] {
    this.#mails.push({ mail, content });
    return mail.recipients.map((facts) => {
      const { progress: to, events } = arrive(mail, facts, this.#setting.settings);
      const holder = to.state === 'queued' ? claimBy : null;
      this.#come.push({ mail, facts, to, claimBy: holder });
      const row = { message: mail.id, n: facts.n, tenant: mail.tenant };
      for (const event of events) this.#tell(row, event, by);
      this.tally.arrived(mail.tenant, mail.origin, to.state);
      if (holder === null) this.#notice(to, mail.tenant);
      return { ...row, claimBy: holder, token: holder === null ? 0 : 1, progress: to };
    });
  }

  /** Where something led: frees the claim, tells the journal and the books. `alone` says that no other recipient of the message can be live. */
  move(row: CustodyRow, change: Change, by: EventSource, alone: boolean): void {
    const { progress: to, events } = change;
    const seq = events.reduce((_, event) => this.#tell(row, event, by), 0);
    if (isLive(to.state)) {
      this.#kept.push({ row, to, seq });
      this.#notice(to, row.tenant);
    } else {
      this.#ended.push({ row, to, seq });
      this.#released.add(row.message);
      if (!alone) this.#shared.add(row.message);
    }
    this.tally.moved(row.tenant, row.progress.state, to.state);
  }

  /** Names under which mails were born once of a message, from now on. */
  bear(message: MailId, names: ReadonlySet<string>): void {
    this.#bornOnce.set(message, JSON.stringify([...names]));
  }

  /** Numbers of the events, in the order of their making: the sign that the transaction came to be. */
  get seqs(): number[] {
    return this.#events.map(({ seq }) => seq);
  }

  /** Its last event; null where it tells of nothing. */
  get newest(): { readonly message: MailId; readonly seq: number } | null {
    const last = this.#events.at(-1);
    return last === undefined ? null : { message: last.row.message, seq: last.seq };
  }

  /** The statements. Locks are taken in the order of their keys, so that transactions wait for each other and never in a ring. */
  steps(): Step[] {
    const steps: Step[] = [];
    if (this.#shared.size > 0) steps.push({ statement: LOCK_BODIES, values: [textArray([...this.#shared].sort())] });
    if (this.#ended.length > 0) steps.push(this.#endStep());
    if (this.#kept.length > 0) steps.push(this.#keepStep());
    if (this.#mails.length > 0) steps.push(...this.#arrivalSteps());
    if (this.#events.length > 0) steps.push(this.#eventStep());
    const lines = [...this.tally.lines()].filter(([, line]) => BOOK_COLUMNS.some((column) => line[column] !== 0));
    if (lines.length > 0) steps.push(bookStep(lines));
    for (const [message, names] of this.#bornOnce) steps.push({ statement: BEAR_ONCE, values: [message, names] });
    if (this.#released.size > 0)
      steps.push({ statement: RELEASE_BODIES, values: [textArray([...this.#released].sort())] });
    return steps;
  }

  #tell(row: EventPlace, facts: EventFacts, by: EventSource): number {
    const seq = this.#setting.nextSeq();
    this.#events.push({ seq, row, facts, by });
    return seq;
  }

  #notice({ state, destination, due, attempts }: Progress, tenant: TenantId): void {
    if (phaseOf(state) !== 0 || due === null) return;
    this.waiting.push({ destination, tenant, tried: attempts > 0 ? 1 : 0, due });
  }

  #endStep(): Step {
    const rows = this.#ended.sort(inOrder);
    const of = columnsOf(rows);
    const values = [
      rows.length,
      ...keyArrays(rows),
      textArray(of(({ to }) => to.state)),
      textArray(of(({ to }) => to.reason)),
      int4Array(of(({ to }) => to.attempts)),
      int8Array(of(({ to }) => to.lastAttemptAt)),
      textArray(of(({ to }) => jsonOrNull(to.lastReply))),
      boolArray(of(({ to }) => to.delayNotified)),
      boolArray(of(({ to }) => to.possiblyDuplicate)),
      int8Array(of(({ to }) => to.endedAt)),
      int8Array(of(({ seq }) => seq)),
      this.#setting.day,
    ];
    return { statement: END_ROWS, values };
  }

  #keepStep(): Step {
    const rows = this.#kept.sort(inOrder);
    const of = columnsOf(rows);
    const values = [
      rows.length,
      ...keyArrays(rows),
      textArray(of(({ to }) => to.state)),
      int4Array(of(({ to }) => phaseOf(to.state))),
      textArray(of(({ to }) => to.reason)),
      textArray(of(({ to }) => to.destination)),
      int8Array(of(({ to }) => to.due)),
      int8Array(of(({ to }) => to.attentionAt)),
      int8Array(of(({ to }) => to.queueSince)),
      int4Array(of(({ to }) => to.attempts)),
      int8Array(of(({ to }) => to.lastAttemptAt)),
      textArray(of(({ to }) => jsonOrNull(to.lastReply))),
      boolArray(of(({ to }) => to.delayNotified)),
      boolArray(of(({ to }) => to.possiblyDuplicate)),
      textArray(of(({ to }) => jsonOrNull(to.verdict))),
      boolArray(of(({ to }) => to.judged)),
    ];
    return { statement: KEEP_ROWS, values };
  }

  #arrivalSteps(): Step[] {
    return [messageStep(this.#mails), bodyStep(this.#mails), recipientStep(this.#come), ...this.#lookUpSteps()];
  }

  #lookUpSteps(): Step[] {
    const hashes: number[] = [];
    const messages: MailId[] = [];
    for (const { mail } of this.#mails) {
      const addresses = mail.recipients.flatMap(({ address, original }) => [address, original]);
      for (const hash of lookUpHashes([mail.sender, ...addresses], mail.facts.messageId)) {
        hashes.push(hash);
        messages.push(mail.id);
      }
    }
    if (hashes.length === 0) return [];
    return [{ statement: ADD_LOOK_UPS, values: [this.#setting.lot, int8Array(hashes), textArray(messages)] }];
  }

  #eventStep(): Step {
    const of = columnsOf(this.#events);
    const values = [
      this.#setting.now,
      this.#setting.day,
      int8Array(of(({ seq }) => seq)),
      textArray(of(({ row }) => row.tenant)),
      textArray(of(({ row }) => row.message)),
      int4Array(of(({ row }) => row.n)),
      textArray(of(({ facts }) => facts.kind)),
      textArray(of(({ facts }) => facts.stage)),
      int4Array(of(({ by }) => by.source)),
      textArray(of(({ facts }) => facts.rule)),
      textArray(of(({ facts }) => facts.ruleVersion)),
      textArray(of(({ facts }) => facts.destination)),
      textArray(of(({ by }) => by.peer)),
      int4Array(of(({ facts }) => facts.attempt)),
      float8Array(of(({ by }) => by.elapsedMs)),
      textArray(of(({ facts }) => facts.attribution)),
      textArray(of(({ facts }) => facts.detail)),
      float8Array(of(({ facts }) => facts.waitedMs)),
    ];
    return { statement: ADD_EVENTS, values };
  }
}

function columnsOf<Row>(rows: readonly Row[]): <T>(read: (row: Row) => T) => T[] {
  return (read) => rows.map(read);
}

function keyArrays(rows: readonly Moved[]): Buffer[] {
  const of = columnsOf(rows);
  return [
    textArray(of(({ row }) => row.message)),
    int4Array(of(({ row }) => row.n)),
    int4Array(of(({ row }) => row.claimBy)),
    int4Array(of(({ row }) => row.token)),
  ];
}

function messageStep(mails: readonly { readonly mail: ArrivedMail }[]): Step {
  const of = columnsOf(mails);
  const values = [
    textArray(of(({ mail }) => mail.id)),
    textArray(of(({ mail }) => mail.tenant)),
    textArray(of(({ mail }) => mail.parent)),
    textArray(of(({ mail }) => mail.origin)),
    textArray(of(({ mail }) => mail.purpose)),
    textArray(of(({ mail }) => mail.sender)),
    textArray(of(({ mail }) => JSON.stringify(mail.identity))),
    int8Array(of(({ mail }) => mail.receivedAt)),
    textArray(of(({ mail }) => JSON.stringify(mail.needs))),
    textArray(of(({ mail }) => mail.facts.from)),
    textArray(of(({ mail }) => mail.facts.subject)),
    textArray(of(({ mail }) => mail.facts.messageId)),
    int4Array(of(({ mail }) => mail.hops)),
    int8Array(of(({ mail }) => mail.body.size)),
  ];
  return { statement: ADD_MESSAGES, values };
}

function bodyStep(mails: readonly { readonly mail: ArrivedMail; readonly content: StoredContent }[]): Step {
  const of = columnsOf(mails);
  let at = 0;
  const places = mails.map(({ content }) => {
    const place = at;
    at += content.bytes.length;
    return place;
  });
  const values = [
    textArray(of(({ mail }) => mail.id)),
    textArray(of(({ mail }) => mail.tenant)),
    int4Array(of(({ mail }) => mail.recipients.length)),
    int8Array(of(({ mail }) => mail.body.size)),
    textArray(of(({ content }) => content.sha256)),
    textArray(of(({ content }) => content.day)),
    textArray(of(({ content }) => content.blob)),
    int4Array(places),
    Buffer.concat(of(({ content }) => content.bytes)),
    int4Array(of(({ content }) => content.bytes.length)),
  ];
  return { statement: ADD_BODIES, values };
}

function recipientStep(come: readonly Come[]): Step {
  const of = columnsOf(come);
  const values = [
    textArray(of(({ mail }) => mail.id)),
    int4Array(of(({ facts }) => facts.n)),
    textArray(of(({ mail }) => mail.tenant)),
    textArray(of(({ facts }) => facts.direction)),
    textArray(of(({ facts }) => facts.address)),
    textArray(of(({ facts }) => facts.original)),
    textArray(of(({ facts }) => jsonOrNull(facts.orcpt))),
    int4Array(of(({ facts }) => notifyBits(facts.notify))),
    textArray(of(({ to }) => to.state)),
    int4Array(of(({ to }) => phaseOf(to.state))),
    textArray(of(({ to }) => to.reason)),
    textArray(of(({ to }) => to.destination)),
    int8Array(of(({ to }) => to.due)),
    int8Array(of(({ to }) => to.attentionAt)),
    int8Array(of(({ to }) => to.queueSince)),
    int4Array(of(({ claimBy }) => claimBy)),
  ];
  return { statement: ADD_RECIPIENTS, values };
}

function bookStep(lines: readonly (readonly [TenantId, Readonly<Line>])[]): Step {
  const columns = BOOK_COLUMNS.map((column) => int8Array(lines.map(([, line]) => line[column])));
  return { statement: ADD_BOOK_LINES, values: [textArray(lines.map(([tenant]) => tenant)), ...columns] };
}

function notifyBits({ success, failure, delay }: ArrivedRecipient['notify']): number {
  return (success ? 1 : 0) + (failure ? 2 : 0) + (delay ? 4 : 0);
}

function jsonOrNull(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}

function inOrder({ row: a }: Moved, { row: b }: Moved): number {
  if (a.message !== b.message) return a.message < b.message ? -1 : 1;
  return a.n - b.n;
}
