/** The texts of one mail as rules look at them: read and folded once, whoever's rules ask and however often. */
import {
  countFields,
  decodeWords,
  type EnvelopeAddress,
  type HeaderSection,
  headerValues,
  type MessageFacts,
  readHeaders,
} from '#/codec/mime/index.ts';
import { domainToAscii } from '#/codec/smtp/index.ts';
import { addressKey, domainOf, localPartOf, type MailAddress, withoutDetail } from '#/model/index.ts';
import { valueMax } from './limits.ts';

/** What conditions are looked for in, in lower case: a word costs one search, however many texts or addresses there are. */
export interface Searched {
  /** Whole values of a field, or addresses. */
  readonly whole: ReadonlySet<string>;
  /** Those of the addresses. */
  readonly domains: ReadonlySet<string>;
  /** All texts, with `SEPARATOR` between; of an address its name too. */
  readonly joined: string;
}

/** No word of a rule has it, so none is found across two texts. */
export const SEPARATOR = '\0';

export type AddressField = 'from' | 'to' | 'cc' | 'bcc';

export class MailTexts {
  readonly facts: MessageFacts;
  readonly #content: Uint8Array;
  readonly #values = new Map<string, readonly string[]>();
  readonly #searched = new Map<string, Searched>();
  #header: HeaderSection | null = null;
  #names: ReadonlySet<string> | null = null;
  #addressed: ReadonlySet<string> | null = null;

  constructor(content: Uint8Array, facts: MessageFacts) {
    this.#content = content;
    this.facts = facts;
  }

  /** The values of a field, its name in lower case, as people read them; all of them together of bounded length. */
  values(name: string): readonly string[] {
    this.#names ??= new Set(this.#section.fields.map((field) => field.name));
    if (!this.#names.has(name)) return [];
    return this.#values.getOrInsertComputed(name, () => {
      let left = valueMax;
      return headerValues(this.#section, name).flatMap((value) => {
        const text = folded(decodeWords(value.slice(0, left)));
        left -= Math.min(left, value.length + 1);
        return text === '' && value !== '' ? [] : [text];
      });
    });
  }

  field(name: string): Searched {
    const values = this.values(name);
    if (values.length === 0) return NOTHING;
    return this.#searched.getOrInsertComputed(name, () => ({
      whole: new Set(values),
      domains: new Set(),
      joined: values.join(SEPARATOR),
    }));
  }

  addresses(field: AddressField): Searched {
    return this.#searched.getOrInsertComputed(`${field} addresses`, () =>
      searchedAddresses(this.facts.envelope[field].flatMap(named)),
    );
  }

  /** `ownKey` of everybody in To, Cc and Bcc. */
  get addressed(): ReadonlySet<string> {
    this.#addressed ??= new Set(
      (['to', 'cc', 'bcc'] as const)
        .flatMap((field) => [...this.addresses(field).whole])
        .map((address) => ownKey(address as MailAddress)),
    );
    return this.#addressed;
  }

  /** RFC 2369, RFC 2919: lists say so. */
  get hasListField(): boolean {
    return this.#section.fields.some(({ name }) => name.startsWith('list-'));
  }

  count(name: string): number {
    return countFields(this.#section, name);
  }

  get #section(): HeaderSection {
    this.#header ??= readHeaders([this.#content]);
    return this.#header;
  }
}

const NOTHING: Searched = { whole: new Set(), domains: new Set(), joined: '' };

interface NamedAddress {
  readonly address: string;
  /** All of it as it was written, in lower case. */
  readonly shown: string;
}

export function searchedAddresses(addresses: readonly NamedAddress[]): Searched {
  const whole = new Set(addresses.map(({ address }) => address));
  const domains = new Set([...whole].map((address) => domainOf(address as MailAddress)));
  return { whole, domains, joined: addresses.map(({ shown }) => shown).join(SEPARATOR) };
}

function named({ name, mailbox, host }: EnvelopeAddress): NamedAddress[] {
  if (mailbox === null || host === null) return [];
  const address = folded(`${mailbox}@${host}`);
  return [{ address, shown: name === null ? address : `${folded(decodeWords(name))} ${address}` }];
}

/** As two texts are compared: without case, and in one form of each letter. */
export function folded(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

/** Without its detail, and with the domain as DNS knows it, as fields may name either form. */
export function ownKey(address: MailAddress): string {
  const base = withoutDetail(address);
  return addressKey(`${localPartOf(base)}@${domainToAscii(domainOf(base))}`);
}
