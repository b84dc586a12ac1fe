/** What rules may know of a mail: its envelope, its header section read as people see it, and the owner's own addresses. */
import {
  countFields,
  decodeWords,
  type EnvelopeAddress,
  type HeaderSection,
  headerValues,
  type MessageFacts,
} from '#/codec/mime/index.ts';
import { domainToAscii, parseMailAddress } from '#/codec/smtp/index.ts';
import { addressKey, type Directory, domainOf, localPartOf, type MailAddress, withoutDetail } from '#/model/index.ts';
import { chainMax, hopsMax, valueMax } from './limits.ts';

/** An address as it was written in a field: `shown` is all of it, in lower case. */
export interface NamedAddress {
  readonly address: string;
  readonly shown: string;
}

export interface MailForRules {
  readonly header: HeaderSection;
  readonly facts: MessageFacts;
  /** Octets. */
  readonly size: number;
  /** The reverse-path. */
  readonly sender: MailAddress | null;
  readonly hops: number;
  /** The owner's address and aliases. */
  readonly own: readonly MailAddress[];
  /** The address that was written to, where that is another. */
  readonly original: MailAddress | null;
  readonly directory: Pick<Directory, 'domain' | 'user' | 'group'>;
}

export type AddressField = 'from' | 'to' | 'cc' | 'bcc';

export class RuleFacts {
  readonly sender: MailAddress | null;
  readonly size: number;
  readonly message: MessageFacts;
  readonly #mail: MailForRules;
  readonly #own: ReadonlySet<string>;
  readonly #texts = new Map<string, readonly string[]>();
  readonly #addresses = new Map<AddressField, readonly NamedAddress[]>();

  constructor(mail: MailForRules) {
    this.sender = mail.sender;
    this.size = mail.size;
    this.message = mail.facts;
    this.#mail = mail;
    this.#own = new Set(mail.own.map(ownKey));
  }

  /** The values of a field as people read them, in lower case; all of them together of bounded length. */
  texts(name: string): readonly string[] {
    return this.#texts.getOrInsertComputed(name.toLowerCase(), (key) => {
      let left = valueMax;
      return headerValues(this.#mail.header, key).flatMap((value) => {
        const text = folded(decodeWords(value.slice(0, left)));
        left -= Math.min(left, value.length + 1);
        return text === '' && value !== '' ? [] : [text];
      });
    });
  }

  addresses(field: AddressField): readonly NamedAddress[] {
    return this.#addresses.getOrInsertComputed(field, () => this.message.envelope[field].flatMap(named));
  }

  /** Whether an address of a field is one of the owner's, or one of these. */
  isAddressed(fields: readonly AddressField[], more: readonly MailAddress[] = []): boolean {
    const also = new Set(more.map(ownKey));
    const isOwn = ({ address }: NamedAddress): boolean => {
      const key = ownKey(address as MailAddress);
      return this.#own.has(key) || also.has(key);
    };
    return fields.some((field) => this.addresses(field).some(isOwn));
  }

  /** RFC 2369, RFC 2919: lists say so. */
  get hasListField(): boolean {
    return this.#mail.header.fields.some(({ name }) => name.startsWith('list-'));
  }

  isOwn(address: MailAddress): boolean {
    return this.#own.has(ownKey(address));
  }

  /**
   * Why it must not be forwarded: it has been forwarded from here, or by too many, or has come too far (RFC 5321 §6.3, RFC 9228 §4). Null where
   * it may be. A stranger who writes such fields keeps mail here, which harms nobody.
   */
  get wayEnds(): 'been here' | 'too far' | null {
    if (this.#visited().some((address) => this.#own.has(ownKey(address)))) return 'been here';
    const { header, hops } = this.#mail;
    return hops >= hopsMax || countFields(header, 'delivered-to') >= chainMax ? 'too far' : null;
  }

  /**
   * Whether it must not be forwarded to this address of several: they have it by that very name, or it was forwarded by somebody of ours already.
   * Else a group whose members all forward to the group would make of one mail as many as there are orders of them.
   */
  isSharedBy(address: MailAddress): boolean {
    if (this.#isOnePerson(address)) return false;
    const { original, directory } = this.#mail;
    if (original !== null && ownKey(original) === ownKey(address)) return true;
    return this.#visited().some((visited) => directory.domain(domainOf(visited)) !== undefined);
  }

  /** Outside, nobody knows; of ours only users are: groups, catch-alls and postmasters may be many. */
  #isOnePerson(address: MailAddress): boolean {
    const { directory } = this.#mail;
    if (directory.domain(domainOf(address)) === undefined || directory.user(address) !== undefined) return true;
    return directory.group(address) === undefined && directory.user(withoutDetail(address)) !== undefined;
  }

  /** Who forwarded it before. */
  #visited(): readonly MailAddress[] {
    return this.texts('delivered-to').flatMap((text) => parseMailAddress(text.replace(/^<|>$/g, '')) ?? []);
  }
}

/** As two texts are compared: without case, and in one form of each letter. */
export function folded(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

/** Without its detail, and with the domain as DNS knows it, as fields may name either form. */
function ownKey(address: MailAddress): string {
  const base = withoutDetail(address);
  return addressKey(`${localPartOf(base)}@${domainToAscii(domainOf(base))}`);
}

function named({ name, mailbox, host }: EnvelopeAddress): NamedAddress[] {
  if (mailbox === null || host === null) return [];
  const address = folded(`${mailbox}@${host}`);
  return [{ address, shown: name === null ? address : `${folded(decodeWords(name))} ${address}` }];
}
