/** What operations on accounts work with, and how they find the account. */
import type { AccountKey, MailAddress, TenantId } from '#/model/index.ts';
import { type DirectorySource, type Mailboxes, Refusal } from '#/ports/index.ts';
import type { RunningPurge } from './purge.ts';
import type { RuleBook } from './rules/index.ts';

export interface OperationParts {
  readonly mailboxes: Mailboxes;
  readonly rules: RuleBook;
  readonly directory: DirectorySource;
  readonly purge: RunningPurge;
  /** Wall-clock ms. */
  readonly now: () => number;
  /** A moment as people write it, wall-clock ms, in the zone of a tenant; throws a `Refusal` for what is none. */
  readonly timeOf: (text: string, tenant: TenantId) => number;
}

/** Whose account it is; exit 1 where there is none, also where it is another tenant's. */
export function accountOf(
  input: { readonly address: string; readonly tenant?: string | undefined },
  { directory }: OperationParts,
): AccountKey {
  const found = directory.current().user(input.address as MailAddress);
  if (found === undefined || (input.tenant !== undefined && found.tenant.id !== input.tenant))
    throw new Refusal(1, `There is no user ${input.address}. "holdfast mailbox list" names them.`);
  return { tenant: found.tenant.id, address: found.user.address };
}
