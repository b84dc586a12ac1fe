/** What has to be said to a person who reads, in whichever language. */
import type { JournalKind, RecipientState, Stage } from '#/model/index.ts';
import type { BookName } from '../shapes.ts';
import type { Whereabouts } from './whereabouts.ts';

/** How moments and spans are written inside a sentence. */
export interface Written {
  readonly moment: (at: number) => string;
  readonly span: (ms: number) => string;
  readonly now: number;
}

export interface Words {
  /** The contract's states. */
  readonly state: Readonly<Record<RecipientState, string>>;
  readonly stage: Readonly<Record<Stage, string>>;
  readonly kind: Readonly<Record<JournalKind, string>>;
  readonly book: Readonly<Record<BookName, string>>;
  /** Where it is, since when, why, what next. */
  sentence(where: Whereabouts, mail: MailWords, written: Written): string;
  /** The first line where recipients differ: counts by state. */
  several(counts: ReadonlyMap<RecipientState, number>, total: number): string;
  /** What the reader may do about it, as commands; none where all has ended. */
  advice(where: readonly Whereabouts[], id: string): readonly string[];
  /** Why time passed between two events. */
  gap(after: JournalKind, span: string): string;
  /** What a row of the time line says beside its kind. */
  detail(kind: JournalKind, detail: string): string;
  /** Some addresses, or how many there are. */
  whom(addresses: readonly string[]): string;
  /** The server that was tried. */
  at(peer: string): string;
  /** `try 3`, and how long it took. */
  nth(attempt: number): string;
  took(span: string): string;
  /** That so many events are not shown. */
  earlier(count: number): string;
  readonly label: Labels;
}

/** What the sentences say of the mail itself. */
export interface MailWords {
  readonly hasSender: boolean;
}

export interface Labels {
  readonly noSubject: string;
  readonly nobody: string;
  readonly from: string;
  readonly to: string;
  readonly id: string;
  readonly tenant: string;
  readonly received: string;
  readonly parent: string;
  readonly recipient: string;
  readonly recipients: string;
  readonly allRecipients: string;
  readonly state: string;
  readonly since: string;
  readonly next: string;
  readonly tries: string;
  readonly subject: string;
  readonly lastReply: string;
  readonly now: string;
  readonly original: string;
  readonly duplicate: string;
}
