/** A DKIM-Signature field as it stands in a mail (RFC 6376 §3.5). */
import type { HeaderField, HeaderSection } from '#/codec/mime/index.ts';
import type { Canonicalization } from './body.ts';
import type { DkimAlgorithm } from './key-record.ts';
import { signatureFieldBytesMax, signedNamesMax } from './limits.ts';
import { base64Of, listOf, parseTags } from './tags.ts';

export interface Signature {
  /** The field as it came. */
  readonly raw: string;
  readonly algorithm: DkimAlgorithm;
  /** Lower case, as given. */
  readonly domain: string;
  readonly selector: string;
  /** `i=`: whom the signature is for; `@domain` where it is not said. */
  readonly identity: string;
  readonly headerForm: Canonicalization;
  readonly bodyForm: Canonicalization;
  /** Octets of the canonical body that are signed; null: all of it. */
  readonly bodyBytes: number | null;
  /** Names of signed fields, lower case, in the signature's order. */
  readonly names: readonly string[];
  readonly bodyHash: Buffer;
  readonly signature: Buffer;
  /** Seconds since the epoch; null where it is not said. */
  readonly at: number | null;
  readonly expires: number | null;
}

/** `unreadable` has what is known of it, for the report. */
export type SignatureAnswer =
  | { readonly kind: 'signature'; readonly signature: Signature }
  | {
      readonly kind: 'unreadable';
      readonly why: string;
      readonly domain: string | null;
      readonly selector: string | null;
    };

/** All signatures of a header section, the topmost first. Never throws. */
export function readSignatures(section: HeaderSection, max: number): readonly SignatureAnswer[] {
  return section.fields
    .filter(({ name }) => name === 'dkim-signature')
    .slice(0, max)
    .map((field) => readSignature(section, field));
}

function readSignature(section: HeaderSection, field: HeaderField): SignatureAnswer {
  const raw = section.source.toString('latin1', field.from, field.to);
  const value = section.source.toString('latin1', field.valueFrom, field.to);
  const tags = raw.length > signatureFieldBytesMax ? null : parseTags(value);
  const [domain, selector] = [nameOf(tags?.get('d')), nameOf(tags?.get('s'))];
  const no = (why: string): SignatureAnswer => ({ kind: 'unreadable', why, domain, selector });
  if (tags === null) return no('the signature can not be read');
  if (tags.get('v') !== '1') return no('the signature has another version');
  const algorithm = tags.get('a')?.toLowerCase();
  // RFC 8301 §3.1: rsa-sha1 proves nothing any more.
  if (algorithm !== 'rsa-sha256' && algorithm !== 'ed25519-sha256')
    return no(`the signature is made by ${algorithm === 'rsa-sha1' ? 'rsa-sha1' : 'an unknown algorithm'}`);
  if (domain === null || selector === null) return no('the signature names no key');
  const names = listOf(tags.get('h') ?? '').map((name) => name.toLowerCase());
  // RFC 6376 §5.4: who wrote it must be signed.
  if (!names.includes('from') || names.length > signedNamesMax) return no('the signature does not cover From');
  const forms = formsOf(tags.get('c') ?? 'simple/simple');
  if (forms === null) return no('the signature has an unknown canonical form');
  if (!listOf(tags.get('q') ?? 'dns/txt').includes('dns/txt')) return no('the key is not in DNS');
  const identity = (tags.get('i') ?? `@${domain}`).toLowerCase();
  const host = identity.slice(identity.lastIndexOf('@') + 1);
  if (!identity.includes('@') || (host !== domain && !host.endsWith(`.${domain}`)))
    return no('the signature is for another domain');
  const [bodyHash, signature] = [base64Of(tags.get('bh') ?? ''), base64Of(tags.get('b') ?? '')];
  if (bodyHash === null || signature === null) return no('the signature has no hash');
  const [at, expires, bodyBytes] = ['t', 'x', 'l'].map((tag) => numberOf(tags.get(tag)));
  if (at === undefined || expires === undefined || bodyBytes === undefined)
    return no('a number of the signature is none');
  if (at !== null && expires !== null && expires <= at) return no('the signature ends before it begins');
  const read = {
    raw,
    algorithm,
    domain,
    selector,
    identity,
    ...forms,
    bodyBytes,
    names,
    bodyHash,
    signature,
    at,
    expires,
  } as const;
  return { kind: 'signature', signature: read };
}

function formsOf(c: string): Pick<Signature, 'headerForm' | 'bodyForm'> | null {
  const [headerForm = '', bodyForm = 'simple', more] = c.split('/').map((part) => part.trim().toLowerCase());
  return isForm(headerForm) && isForm(bodyForm) && more === undefined ? { headerForm, bodyForm } : null;
}

function isForm(text: string): text is Canonicalization {
  return text === 'simple' || text === 'relaxed';
}

/** Null where it is not said, undefined where it is no number. */
function numberOf(text: string | undefined): number | null | undefined {
  if (text === undefined) return null;
  return /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}

/** A name that can be asked for in DNS; null for any other text. */
function nameOf(text: string | undefined): string | null {
  return text !== undefined && text.length <= 253 && NAME.test(text) ? text.toLowerCase() : null;
}

const NAME = /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/i;
