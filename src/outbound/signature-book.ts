/**
 * The signatures that hold now, per tenant, read once a generation of the directory; and a mail as they ask about it: who its author is, what is new in
 * it, whether it answers to another one.
 *
 * What must never happen: mail that stays because signatures can't be read. Such a tenant has none, and the operator hears of it.
 */
import { baseSubject, decodeWords, firstFrom, headerValue, readHeaders } from '#/codec/mime/index.ts';
import type { Identity, MailAddress, Tenant, TenantId, User } from '#/model/index.ts';
import { addressKey } from '#/model/index.ts';
import { type PolicyDirectory, policyDirectory } from '#/policy/index.ts';
import type { DirectorySource } from '#/ports/index.ts';
import {
  type Letter,
  newestTextOf,
  readSignatures,
  type SignatureImage,
  type SignatureRule,
  signatureImage,
} from '#/signature/index.ts';

/** What signs the mail of one tenant, from one generation. */
export interface TenantSignatures {
  readonly rules: readonly SignatureRule[];
  readonly directory: PolicyDirectory;
  readonly people: ReadonlyMap<string, User>;
  readonly timezone: string;
  /** Names what people's attributes were read from. */
  readonly generation: number;
}

export class SignatureBook {
  readonly #directory: DirectorySource;
  readonly #byTenant = new Map<TenantId, TenantSignatures | null>();
  readonly #unread: (tenant: TenantId, why: string) => void;
  #generation = -1;

  constructor(directory: DirectorySource, unread: (tenant: TenantId, why: string) => void) {
    this.#directory = directory;
    this.#unread = unread;
  }

  /** Null where the tenant has none. */
  of(tenant: TenantId): TenantSignatures | null {
    const directory = this.#directory.current();
    if (directory.generation !== this.#generation) this.#byTenant.clear();
    this.#generation = directory.generation;
    return this.#byTenant.getOrInsertComputed(tenant, () => {
      const found = directory.tenant(tenant);
      return found === undefined ? null : this.#read(found, directory.generation);
    });
  }

  #read(tenant: Tenant, generation: number): TenantSignatures | null {
    const { id, signatures = [], users, timezone } = tenant;
    if (signatures.length === 0) return null;
    try {
      const people = new Map<string, User>();
      for (const user of users) for (const one of [user.address, ...user.aliases]) people.set(addressKey(one), user);
      return { rules: readSignatures(signatures), directory: policyDirectory(tenant), people, timezone, generation };
    } catch (error) {
      this.#unread(id, String(error));
      return null;
    }
  }
}

/** A mail as rules and templates ask about it. */
export interface SignableLetter extends Letter {
  /** What templates name. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly photo: SignatureImage | null;
}

export interface LetterOrigin {
  readonly tenant: TenantId;
  readonly identity: Identity;
  readonly sender: MailAddress | null;
  /** Wall-clock ms: the stamp time of what is made. */
  readonly at: number;
}

export function letterOf(content: Buffer, origin: LetterOrigin, signatures: TenantSignatures): SignableLetter {
  const { at, ...facts } = origin;
  const head = readHeaders([content]);
  const subject = decodeWords(headerValue(head, 'subject') ?? '');
  const answers = headerValue(head, 'in-reply-to') !== null || headerValue(head, 'references') !== null;
  // The author that people see, where it is one of ours: who sends for a colleague signs as the colleague.
  const author = firstFrom(head)?.address ?? '';
  const person = signatures.people.get(addressKey(author)) ?? signatures.people.get(addressKey(facts.sender ?? ''));
  const day = new Temporal.ZonedDateTime(BigInt(at) * 1_000_000n, signatures.timezone).toPlainDate().toString();
  return {
    facts,
    subject,
    isReply: answers || baseSubject(subject).isReply,
    newest: newestTextOf(content),
    day,
    directory: signatures.directory,
    ...personOf(person, day, signatures),
  };
}

/** What is filled in for a person; of somebody whom the directory does not know, nothing. */
export function personOf(
  person: User | undefined,
  day: string,
  { people }: Pick<TenantSignatures, 'people'>,
): Pick<SignableLetter, 'attributes' | 'values' | 'photo'> {
  const attributes = person?.attributes ?? {};
  const manager = people.get(addressKey(attributes.manager ?? ''));
  const email = person?.address ?? '';
  return {
    attributes,
    values: { email, today: day, ...attributes, manager: { ...manager?.attributes, email: manager?.address ?? '' } },
    photo: signatureImage(attributes.photo ?? ''),
  };
}
