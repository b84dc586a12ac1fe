/**
 * Copies by rule (ports/copies.ts). An archive gets the mail as it was accepted, with its verdict, also where it is then held; who is added as Bcc gets
 * it as it left, once it has. Both are mails of the tenant by their own direction, route and inspection, under a name by which no rule has them
 * copied again, and with their parent's hops.
 *
 * Reports of a copy go to a person of the tenant who is responsible, never to who wrote the mail: they are not to learn of it, and could not mend it.
 *
 * What must never happen: a copy that comes twice of one mail, or again at a retry; one that a rule copies for ever.
 */
import type { ArrivedRecipient, Body, BornMail, Call, Change, Claim, MailAddress, TenantId } from '#/model/index.ts';
import { addressKey, copyIdentity, domainOf, newMailId } from '#/model/index.ts';
import type { Clock, CopyMaker, Custody, DirectorySource, Routing } from '#/ports/index.ts';
import type { BirthParts } from './births.ts';
import { changesOf } from './changed.ts';
import type { Job } from './job.ts';

export interface CopyParts {
  readonly custody: Pick<Custody, 'body'>;
  readonly directory: DirectorySource;
  readonly routing: Routing;
  readonly reach: BirthParts['reach'];
  readonly clock: Clock;
}

/** One address that a rule names, and the recipient whose outcome brings its copy. */
interface Wanted {
  readonly to: MailAddress;
  readonly n: number;
}

type Copied = Pick<BornMail, 'body' | 'needs' | 'size'>;

export class Copies implements CopyMaker {
  readonly #parts: CopyParts;

  constructor(parts: CopyParts) {
    this.#parts = parts;
  }

  async archived(
    claim: Claim,
    outcomes: Parameters<CopyMaker['archived']>[1],
    call: Call,
  ): Promise<readonly BornMail[]> {
    const wanted = outcomes.flatMap(({ n, outcome }): Wanted[] => {
      const verdict = 'verdict' in outcome ? outcome.verdict : undefined;
      return addressesOf('archiveCopy', verdict?.changes ?? []).map((to) => ({ to, n }));
    });
    if (wanted.length === 0) return [];
    const body = claim.body ?? (await this.#parts.custody.body(claim.mail.id, call));
    return this.#copies('archive', claim, wanted, { body, needs: claim.mail.needs, size: claim.mail.size });
  }

  /** Copies of what has left, for the settlement of the job. */
  left(job: Job, body: Body): readonly BornMail[] {
    const to = addressesOf('addBcc', changesOf(job.claim));
    const gone = job.claim.recipients.find(({ n }) => job.verdicts.get(n)?.kind === 'taken');
    if (gone === undefined) return [];
    const wanted = to.map((one) => ({ to: one, n: gone.n }));
    return this.#copies('bcc', job.claim, wanted, { body, needs: job.mail.needs, size: body.size });
  }

  #copies(kind: 'archive' | 'bcc', { mail }: Claim, wanted: readonly Wanted[], copied: Copied): readonly BornMail[] {
    const once = new Map(wanted.toReversed().map((one) => [addressKey(one.to), one]));
    const { tenant } = mail;
    const sender = this.#responsible(tenant);
    return [...once].map(([key, { to, n }]) => ({
      ...mail,
      ...copied,
      id: newMailId(this.#parts.clock.now()),
      parent: mail.id,
      origin: 'generated',
      purpose: 'mail',
      sender,
      identity: copyIdentity(tenant),
      receivedAt: this.#parts.clock.now(),
      needs: { ...copied.needs, ret: 'hdrs', envid: null },
      recipients: this.#recipients(to, tenant, sender !== null),
      bornOf: n,
      once: `${kind} ${key}`,
    }));
  }

  /** Who hears when a copy can't be delivered; null: nobody can. */
  #responsible(tenant: TenantId): MailAddress | null {
    const directory = this.#parts.directory.current();
    const { contacts = [], users = [] } = directory.tenant(tenant) ?? {};
    const isOurs = (address: MailAddress): boolean => directory.domain(domainOf(address))?.tenant.id === tenant;
    // A contact elsewhere would be a reverse-path that we may not use (RFC 7208 §2.2).
    const own = contacts.find(isOurs);
    return own ?? users.find(({ roles, disabled }) => roles.includes('admin') && !disabled)?.address ?? null;
  }

  #recipients(to: MailAddress, tenant: TenantId, failure: boolean): readonly ArrivedRecipient[] {
    const { directory, reach, routing } = this.#parts;
    const isOurs = directory.current().domain(domainOf(to))?.tenant.id === tenant;
    const reached = reach(to, tenant);
    // Unknown names stay: their mailbox says so to who is responsible, which is better than a copy that ends in nothing.
    const all = reached.length > 0 ? reached : [{ address: to, direction: isOurs ? 'internal' : 'outbound' } as const];
    return all.map(({ address, direction }, i) => ({
      n: i + 1,
      address,
      original: address === to ? null : to,
      orcpt: null,
      notify: { success: false, failure, delay: false },
      direction,
      ...routing.enter({ address, direction }, tenant, 'mail'),
    }));
  }
}

/** Whether somebody gets a copy when the mail has left. */
export function hasBcc(claim: Claim): boolean {
  return changesOf(claim).some(({ kind }) => kind === 'addBcc');
}

function addressesOf(kind: 'addBcc' | 'archiveCopy', changes: readonly Change[]): readonly MailAddress[] {
  return changes.flatMap((change) => (change.kind === kind ? change.to : []));
}
