/**
 * Who is told of a mail that policy has decided about, and as what. Pure.
 *
 * What must never happen: a notice to a stranger. Only people of the mail's own tenant are told, whomever a rule names: else a rule would have us
 * mail anybody, past every sending limit. The sender counts only where they have shown who they are.
 */
import {
  addressKey,
  type Directory,
  domainOf,
  isProven,
  type MailAddress,
  type MailInCustody,
  type RecipientNumber,
  type TenantId,
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

/** Collects them, each person once, by whichever address; leaves out who is not of this tenant. */
export class Readers {
  readonly #directory: Directory;
  readonly #tenant: TenantId;
  readonly #keys = new Map<MailAddress, string>();
  readonly #found = new Map<string, { address: MailAddress; role: Role; recipients: Set<RecipientNumber> }>();

  constructor(directory: Directory, tenant: TenantId) {
    this.#directory = directory;
    this.#tenant = tenant;
  }

  add(address: MailAddress, role: Role, n: RecipientNumber): void {
    const key = this.#keys.getOrInsertComputed(address, () => personKey(address, this.#directory));
    const known = this.#found.get(key);
    if (known === undefined) {
      if (!isOf(address, this.#tenant, this.#directory)) return;
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

/**
 * What the people to whom a notice is owed are to a verdict. Recipients of one mail mostly share who is asked: their keys are made once, not for
 * each recipient and each who is owed.
 */
export class Roles {
  readonly #directory: Directory;
  readonly #sender: string | null;
  readonly #keys = new Map<string, string>();
  readonly #asked = new Map<string, { readonly by: ReadonlySet<string>; readonly deputies: ReadonlySet<string> }>();

  constructor(sender: MailAddress | null, directory: Directory) {
    this.#directory = directory;
    this.#sender = sender === null ? null : personKey(sender, directory);
  }

  of(address: MailAddress, verdict: Verdict): Role {
    const key = this.#keyOf(address);
    if (verdict.kind === 'approve') {
      const { by, deputies } = this.#askedBy(verdict);
      if (by.has(key)) return 'approver';
      if (deputies.has(key)) return 'deputy';
    }
    return key === this.#sender ? 'sender' : 'watcher';
  }

  #askedBy({ by, deputies }: Extract<Verdict, { kind: 'approve' }>) {
    const keys = (people: readonly MailAddress[]): Set<string> => new Set(people.map((one) => this.#keyOf(one)));
    return this.#asked.getOrInsertComputed(`${by.join()}\n${deputies.join()}`, () => ({
      by: keys(by),
      deputies: keys(deputies),
    }));
  }

  #keyOf(address: MailAddress): string {
    return this.#keys.getOrInsertComputed(address, () => personKey(address, this.#directory));
  }
}

/** A user of the tenant, or an address in one of its proven domains. */
function isOf(address: MailAddress, tenant: TenantId, directory: Directory): boolean {
  return directory.domain(domainOf(address))?.tenant.id === tenant || directory.user(address)?.tenant.id === tenant;
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
