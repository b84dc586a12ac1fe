/** Live recipients as the writing half knows them: what the server says of a row, and what of it can change. */
import type { DestinationKey, Direction, MailAddress, MailId, RecipientState, TenantId } from '#/model/index.ts';
import type { Progress, RecipientFacts } from '../custody/index.ts';
import type { Fields } from './batch.ts';
import type { RecipientRow } from './reading-rows.ts';
import { shownOf } from './reading-rows.ts';

/** One live recipient, and who holds it. */
export interface CustodyRow {
  readonly message: MailId;
  readonly n: number;
  readonly tenant: TenantId;
  /** Key of the incarnation that holds it. */
  readonly claimBy: number | null;
  readonly token: number;
  readonly progress: Progress;
}

/** The same with what stays as it arrived. */
export interface WholeRow extends CustodyRow {
  readonly facts: RecipientFacts;
}

/** Columns of `recipient`, in the order in which `rowOf` reads them. */
export const ROW_COLUMNS = [
  'message',
  'n',
  'tenant',
  'direction',
  'address',
  'original',
  'orcpt',
  'notify',
  'state',
  'reason',
  'destination',
  'queue_since',
  'attempts',
  'last_attempt_at',
  'last_reply',
  'delay_notified',
  'possibly_duplicate',
  'due',
  'attention_at',
  'token',
  'claim_by',
  'verdict',
  'judged',
] as const;

/** The columns for a statement, each of table `r`. */
export const ROW_LIST = ROW_COLUMNS.map((column) => `r.${column}`).join(', ');

/** A row from the fields of an answer, as the server wrote them. */
export function rowOf(fields: Fields): WholeRow {
  const text = (at: number): string => fields[at] ?? '';
  const number = (at: number): number | null => (fields[at] === null ? null : Number(fields[at]));
  const row: RecipientRow = {
    message: text(0) as MailId,
    n: Number(text(1)),
    tenant: text(2) as TenantId,
    direction: text(3) as Direction,
    address: text(4) as MailAddress,
    original: (fields[5] ?? null) as MailAddress | null,
    orcpt: fields[6] ?? null,
    notify: Number(text(7)),
    state: text(8) as RecipientState,
    reason: text(9),
    destination: text(10) as DestinationKey,
    queue_since: Number(text(11)),
    attempts: Number(text(12)),
    last_attempt_at: number(13),
    last_reply: fields[14] ?? null,
    delay_notified: text(15) === 't',
    possibly_duplicate: text(16) === 't',
    due: number(17),
    attention_at: number(18),
    ended_at: null,
    verdict: fields[21] ?? null,
    judged: text(22) === 't',
  };
  const { message, n, tenant } = row;
  return { message, n, tenant, claimBy: number(20), token: Number(text(19)), ...shownOf(row) };
}

/** 0 waits in the queue, 1 waits for a person. Ended ones have left the table. */
export function phaseOf(state: RecipientState): 0 | 1 {
  return state === 'held' || state === 'approval' ? 1 : 0;
}
