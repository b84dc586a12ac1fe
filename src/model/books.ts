import type { MailId } from './mail-id.ts';
import type { RecipientNumber } from './recipient.ts';
import type { TenantId } from './tenant.ts';

/** The columns of the books, in recipients. */
export const BOOK_COLUMNS = [
  'received',
  'generated',
  'delivered',
  'bounced',
  'discarded',
  'expired',
  'held',
  'queued',
] as const;

export type BookColumn = (typeof BOOK_COLUMNS)[number];

/** One tenant's books: accepted = received + generated = delivered + bounced + discarded + expired + held + queued (H5). */
export type Books = { readonly tenant: TenantId; readonly accepted: number } & Readonly<Record<BookColumn, number>>;

/** Why nothing will move a row. `mended` ones have been put right in the same pass. */
export type OrphanFault =
  | 'no due time'
  | 'claimed by a dead worker'
  | 'no message row'
  | 'body missing'
  | 'body differs from acceptance'
  | 'held without a deadline';

/** A row that nothing would have moved (H5). */
export interface Orphan {
  readonly message: MailId;
  readonly recipient: RecipientNumber;
  readonly tenant: TenantId;
  readonly fault: OrphanFault;
  readonly mended: boolean;
}
