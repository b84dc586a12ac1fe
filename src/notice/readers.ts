/**
 * Who is told of a mail that policy has decided about, and as what. Pure.
 *
 * What must never happen: a notice to a stranger. The sender counts only where they have shown who they are, and only inside their tenant; all
 * others are people whom a rule names.
 */
import {
  addressKey,
  type Directory,
  domainOf,
  isProven,
  type MailAddress,
  type MailInCustody,
  type RecipientNumber,
  type Verdict,
} from '#/model/index.ts';
import { NOTICE_LIMITS } from './limits.ts';

/** From the one who has most to do. One person is told once of a mail, as the first of these that they are. */
export const ROLES = ['approver', 'deputy', 'sender', 'watcher'] as const;
export type Role = (typeof ROLES)[number];

export interface Reader {
  readonly address: MailAddress;
  readonly role: Role;
  /** Recipients of the mail that they hear of. */
  readonly recipients: ReadonlySet<RecipientNumber>;
}

/** Collects them, each person once, by whichever address. */
export class Readers {
  readonly #directory: Directory;
  readonly #found = new Map<string, { address: MailAddress; role: Role; recipients: Set<RecipientNumber> }>();

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  add(address: MailAddress, role: Role, n: RecipientNumber): void {
    const key = personKey(address, this.#directory);
    const known = this.#found.get(key);
    if (known === undefined) {
      if (this.#found.size < NOTICE_LIMITS.readersMax)
        this.#found.set(key, { address, role, recipients: new Set([n]) });
      return;
    }
    known.recipients.add(n);
    if (ROLES.indexOf(role) < ROLES.indexOf(known.role)) known.role = role;
  }

  all(): readonly Reader[] {
    return [...this.#found.values()];
  }
}

/** Who sent it and may be told; null for a stranger, and where nobody is behind it. */
export function senderOf({ identity, sender, tenant }: MailInCustody, directory: Directory): MailAddress | null {
  if (!isProven(identity)) return null;
  const name = identity.kind === 'user' ? (identity.name as MailAddress) : sender;
  if (name === null || directory.domain(domainOf(name))?.tenant.id !== tenant) return null;
  return name;
}

/** Who may decide about it: asked, not agreed yet, and not its sender unless that counts. */
export function askedOf(
  verdict: Extract<Verdict, { kind: 'approve' }>,
  sender: MailAddress | null,
  directory: Directory,
  which: 'by' | 'deputies',
): readonly MailAddress[] {
  const key = (address: string): string => personKey(address, directory);
  const done = new Set((verdict.agreed ?? []).map(key));
  const own = sender === null || verdict.selfApproval ? null : key(sender);
  return verdict[which].filter((address) => !done.has(key(address)) && key(address) !== own);
}

/** The same text for all addresses of one person. */
export function personKey(address: string, directory: Directory): string {
  return addressKey(directory.user(address as MailAddress)?.user.address ?? address);
}
