/**
 * `SRS0=hash=day=domain=local@us` stands for `local@domain`; `SRS1=hash=first==rest@us` for `SRS0=rest@first`, so that a path over many
 * forwarders grows no further. The hash is made with our key and names everything behind it, and our domain.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { domainToAscii, parseMailAddress } from '#/codec/smtp/index.ts';
import { type Domain, domainOf, localPartOf, type MailAddress } from '#/model/index.ts';

export interface SrsSettings {
  readonly key: Uint8Array;
  /** Days since the epoch. */
  readonly day: number;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** Letters of the hash, five bits each: 40 bits are not guessed by asking a server. The usual four could be. */
const hashLetters = 8;
/** Days are counted in a circle of two letters. */
const dayCircle = 1024;
/** Days that a bounce may take: mail waits five days in most queues, and may pass several. */
const ageDaysMax = 21;
/** Days that another host of ours may be ahead. */
const aheadDaysMax = 1;
/** RFC 5321 §4.5.3.1.3: 256 octets, the brackets counted. */
const pathBytesMax = 254;

const REWRITTEN = /^SRS[01][=+-]/i;
const FIRST = /^SRS0[=+-]([a-z2-7]{8})=([a-z2-7]{2})=([^=]+)=(.*)$/is;
const NEXT = /^SRS1[=+-]([a-z2-7]{8})=([^=]+)=([=+-].+)$/is;
/** As other forwarders write them: their hashes are their own. */
const THEIR_FIRST = /^SRS0([=+-].+)$/is;
const THEIR_NEXT = /^SRS1[=+-][^=]+=([^=]+)=([=+-].+)$/is;

/** The sender's address rewritten under a domain of ours; null where it would be too long for a path. */
export function rewriteSender(sender: MailAddress, via: Domain, { key, day }: SrsSettings): MailAddress | null {
  const local = unquoted(localPartOf(sender));
  const host = domainToAscii(domainOf(sender));
  const next = THEIR_NEXT.exec(local);
  if (next !== null) return written(nextOf(next[1] ?? '', next[2] ?? '', via, key), via);
  const first = THEIR_FIRST.exec(local);
  if (first !== null) return written(nextOf(host, first[1] ?? '', via, key), via);
  const stamp = stampOf(day);
  return written(`SRS0=${hashOf(['0', stamp, host, local], via, key)}=${stamp}=${host}=${local}`, via);
}

/** Whether an address has the form of one that was rewritten, by whomever. */
export function isRewritten(address: MailAddress): boolean {
  return REWRITTEN.test(unquoted(localPartOf(address)));
}

/** Whom an address that we wrote stands for; null where we did not write it, or too long ago. */
export function originalSender(address: MailAddress, { key, day }: SrsSettings): MailAddress | null {
  const via = domainOf(address);
  const local = unquoted(localPartOf(address));
  const [, hash = '', stamp = '', host = '', rest = ''] = FIRST.exec(local) ?? [];
  if (hash !== '') {
    const isOurs = isSame(hash, hashOf(['0', stamp, host, rest], via, key)) && isFresh(stamp, day);
    return isOurs ? addressOf(rest, host) : null;
  }
  const [, nextHash = '', first = '', behind = ''] = NEXT.exec(local) ?? [];
  if (nextHash === '' || !isSame(nextHash, hashOf(['1', first, behind], via, key))) return null;
  return addressOf(`SRS0${behind}`, first);
}

function nextOf(first: string, behind: string, via: Domain, key: Uint8Array): string {
  return `SRS1=${hashOf(['1', first, behind], via, key)}=${first}=${behind}`;
}

// Local parts come back in another case than they went (RFC 5321 §2.4 is not kept by all), and our domain in either of its forms.
function hashOf(parts: readonly string[], via: Domain, key: Uint8Array): string {
  const text = [...parts, domainToAscii(via)].join('\0').toLowerCase();
  const octets = createHmac('sha256', key).update(text).digest();
  let bits = 0n;
  for (const octet of octets.subarray(0, (hashLetters * 5) / 8)) bits = (bits << 8n) | BigInt(octet);
  let letters = '';
  for (let i = hashLetters - 1; i >= 0; i--) letters += ALPHABET[Number((bits >> BigInt(5 * i)) & 31n)];
  return letters;
}

function isSame(given: string, made: string): boolean {
  return timingSafeEqual(Buffer.from(given.toUpperCase()), Buffer.from(made));
}

function stampOf(day: number): string {
  const place = day % dayCircle;
  return `${ALPHABET[place >> 5]}${ALPHABET[place & 31]}`;
}

function isFresh(stamp: string, day: number): boolean {
  const [high, low] = [stamp.charAt(0), stamp.charAt(1)].map((letter) => ALPHABET.indexOf(letter.toUpperCase()));
  const written = (high ?? 0) * 32 + (low ?? 0);
  const age = (day - written + dayCircle + aheadDaysMax) % dayCircle;
  return age <= ageDaysMax + aheadDaysMax;
}

function written(local: string, via: Domain): MailAddress | null {
  const address = addressOf(local, via);
  return address === null || Buffer.byteLength(address) > pathBytesMax ? null : address;
}

function addressOf(local: string, host: string): MailAddress | null {
  return parseMailAddress(`${local}@${host}`) ?? parseMailAddress(`"${local.replace(/["\\]/g, '\\$&')}"@${host}`);
}

function unquoted(local: string): string {
  return local.startsWith('"') ? local.slice(1, -1).replace(/\\(.)/gs, '$1') : local;
}
