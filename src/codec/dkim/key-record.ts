/** Key records in DNS (RFC 6376 §3.6.1, RFC 8463 §4): what signers publish and verifiers read. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { keyRecordBytesMax, rsaBitsMax, rsaBitsMin, rsaExponentMax } from './limits.ts';
import { base64Of, listOf, parseTags, withoutBlanks } from './tags.ts';

export type DkimAlgorithm = 'rsa-sha256' | 'ed25519-sha256';

export interface KeyRecord {
  readonly algorithm: DkimAlgorithm;
  readonly key: KeyObject;
  /** The domain tries DKIM out (`t=y`): a failure is no worse than no signature. */
  readonly isTest: boolean;
  /** `i=` must name the domain itself (`t=s`). */
  readonly isStrict: boolean;
}

export type KeyRecordAnswer =
  | { readonly kind: 'key'; readonly record: KeyRecord }
  | { readonly kind: 'revoked' }
  | { readonly kind: 'unusable'; readonly why: string };

/** What stands before the 32 octets of an Ed25519 key in its SubjectPublicKeyInfo (RFC 8410 §4). */
const ED25519_HEAD = Buffer.from('302a300506032b6570032100', 'hex');
const ED25519_BYTES = 32;

/** Reads the text of a TXT record. Never throws. */
export function parseKeyRecord(text: string): KeyRecordAnswer {
  const tags = text.length > keyRecordBytesMax ? null : parseTags(text);
  if (tags === null) return unusable('the key record can not be read');
  const version = tags.get('v');
  // RFC 6376 §3.6.1: where there is a version it comes first.
  if (version !== undefined && (version !== 'DKIM1' || [...tags.keys()][0] !== 'v'))
    return unusable('the key record has another version');
  const p = tags.get('p');
  if (p === undefined) return unusable('the key record has no key');
  if (withoutBlanks(p) === '') return { kind: 'revoked' };
  const hashes = tags.get('h');
  if (hashes !== undefined && !listOf(hashes).includes('sha256')) return unusable('the key is not for sha256');
  const services = tags.get('s');
  if (services !== undefined && !listOf(services).some((one) => one === '*' || one === 'email'))
    return unusable('the key is not for mail');
  return readKey(tags.get('k') ?? 'rsa', p, new Set(listOf(tags.get('t') ?? '')));
}

/** The text of the record for a public key. */
export function formatKeyRecord(key: KeyObject): string {
  const spki = key.export({ format: 'der', type: 'spki' });
  if (key.asymmetricKeyType === 'ed25519')
    return `v=DKIM1; k=ed25519; p=${spki.subarray(ED25519_HEAD.length).toString('base64')}`;
  return `v=DKIM1; k=rsa; p=${spki.toString('base64')}`;
}

function readKey(type: string, p: string, flags: ReadonlySet<string>): KeyRecordAnswer {
  const octets = base64Of(p);
  if (octets === null) return unusable('the key is no base64');
  const facts = { isTest: flags.has('y'), isStrict: flags.has('s') };
  if (type === 'ed25519') {
    const key = octets.length === ED25519_BYTES ? publicKey(Buffer.concat([ED25519_HEAD, octets]), 'spki') : null;
    if (key === null) return unusable('the key is no Ed25519 key');
    return { kind: 'key', record: { algorithm: 'ed25519-sha256', key, ...facts } };
  }
  if (type !== 'rsa') return unusable('the key is of an unknown kind');
  // RFC 6376 §3.6.1 speaks of RSAPublicKey; everyone publishes a SubjectPublicKeyInfo, and some the former.
  const key = publicKey(octets, 'spki') ?? publicKey(octets, 'pkcs1');
  const { modulusLength = 0, publicExponent = 0n } = key?.asymmetricKeyDetails ?? {};
  if (key?.asymmetricKeyType !== 'rsa') return unusable('the key is no RSA key');
  if (modulusLength < rsaBitsMin) return unusable(`the key has ${modulusLength} bits, too few to prove anything`);
  if (modulusLength > rsaBitsMax || publicExponent > rsaExponentMax) return unusable('the key is too large');
  return { kind: 'key', record: { algorithm: 'rsa-sha256', key, ...facts } };
}

function publicKey(der: Buffer, type: 'spki' | 'pkcs1'): KeyObject | null {
  try {
    return createPublicKey({ key: der, format: 'der', type });
  } catch {
    return null;
  }
}

function unusable(why: string): KeyRecordAnswer {
  return { kind: 'unusable', why };
}
