/**
 * The signatures that hold now, per tenant, read once a generation of the directory; and a mail as they ask about it: who its author is, what is new in
 * it, whether it answers to another one. What is known of people comes from one whole generation of them (`ports/people.ts`).
 *
 * What must never happen: mail that stays because signatures can't be read. Such a tenant has none, and the operator hears of it.
 */
import { baseSubject, decodeWords, firstFrom, headerValue, readHeaders } from '#/codec/mime/index.ts';
import type { Call, Identity, MailAddress, TenantId } from '#/model/index.ts';
import { type PolicyDirectory, policyDirectory } from '#/policy/index.ts';
import type { DirectorySource, PeopleGeneration, PeopleGenerations, Person } from '#/ports/index.ts';
import {
  type Letter,
  type ReadLetter,
  readSignatures,
  type SignatureImage,
  type SignatureRule,
  signatureImage,
} from '#/signature/index.ts';

/** What signs the mail of one tenant. */
export interface TenantSignatures {
  readonly rules: readonly SignatureRule[];
  readonly directory: PolicyDirectory;
  readonly timezone: string;
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
      const { signatures = [], timezone = 'UTC' } = found ?? {};
      if (found === undefined || signatures.length === 0) return null;
      try {
        return { rules: readSignatures(signatures), directory: policyDirectory(found), timezone };
      } catch (error) {
        this.#unread(tenant, String(error));
        return null;
      }
    });
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

/** What letters are made of beside the mail. */
export interface LetterParts {
  readonly signatures: TenantSignatures;
  readonly generation: PeopleGeneration;
  readonly people: Pick<PeopleGenerations, 'photo'>;
}

export async function letterOf(
  content: Buffer,
  read: ReadLetter,
  { at, ...facts }: LetterOrigin,
  parts: LetterParts,
  call: Call,
): Promise<SignableLetter> {
  const { signatures, generation } = parts;
  const head = readHeaders([content]);
  const subject = decodeWords(headerValue(head, 'subject') ?? '');
  const answers = headerValue(head, 'in-reply-to') !== null || headerValue(head, 'references') !== null;
  // The author that people see, where it is one of ours: who sends for a colleague signs as the colleague.
  const author = generation.person(firstFrom(head)?.address ?? '');
  const person = author ?? generation.person(facts.sender ?? '');
  const day = new Temporal.ZonedDateTime(BigInt(at) * 1_000_000n, signatures.timezone).toPlainDate().toString();
  return {
    facts,
    subject,
    isReply: answers || baseSubject(subject).isReply,
    newest: read.newest,
    day,
    directory: {
      ...signatures.directory,
      isMember: (group, address) => signatures.directory.isMember(group, address) || generation.inGroup(address, group),
    },
    ...(await filling(person, { tenant: facts.tenant, day }, parts, call)),
  };
}

/** What is filled in for a person; of somebody whom the directory does not know, nothing. */
export async function filling(
  person: Person | null,
  { tenant, day }: { readonly tenant: TenantId; readonly day: string },
  { generation, people }: Pick<LetterParts, 'generation' | 'people'>,
  call: Call,
): Promise<Pick<SignableLetter, 'attributes' | 'values' | 'photo'>> {
  const attributes = person?.attributes ?? {};
  const manager = generation.person(person?.manager ?? '');
  const email = person?.address ?? '';
  const photo = person?.photo ?? null;
  const octets = photo === null ? null : await people.photo(tenant, photo, call);
  return {
    attributes,
    values: { email, today: day, ...attributes, manager: { ...manager?.attributes, email: manager?.address ?? '' } },
    photo: octets === null ? null : signatureImage(dataAddress(octets)),
  };
}

/** Mail programs show no WebP; such a photo stands in no signature. */
function dataAddress(octets: Uint8Array): string {
  const type = octets[0] === 0x89 ? 'image/png' : octets[0] === 0xff ? 'image/jpeg' : 'image/webp';
  return `data:${type};base64,${Buffer.from(octets).toString('base64')}`;
}
