/**
 * The text of an action link: what it is for, and a MAC over that under a key of our own, in base64url.
 *
 * | octets | what |
 * |---|---|
 * | 1 | form, 1 |
 * | 1 | verbs, one bit each |
 * | 4 | end, in seconds since the epoch |
 * | 9 | mark of the verdict |
 * | 1, and so many | ID of the mail |
 * | the rest | address of the person |
 * | 16 | MAC |
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { HELD_VERBS, type HeldVerb, isMailId, type MailAddress, type MailId } from '#/model/index.ts';
import { MARK_BYTES, type VerdictMark } from '../verdict-mark.ts';

/** What a link says: who may do what to which part of which mail, and until when. Whether they still may is asked elsewhere. */
export interface LinkClaim {
  readonly mail: MailId;
  readonly verdict: VerdictMark;
  readonly person: MailAddress;
  readonly verbs: readonly HeldVerb[];
  /** Wall-clock ms, whole seconds. */
  readonly until: number;
}

const FORM = 1;
/** 128 bits: nobody guesses them, and a longer one makes longer lines in mail. */
const MAC_BYTES = 16;
const HEAD_BYTES = 6 + MARK_BYTES + 1;
const SECONDS_MAX = 2 ** 32 - 1;

/** Characters of the longest one: an address has 254 octets at most (RFC 5321 §4.5.3.1.3). */
export const TOKEN_CHARS_MAX = 440;

/** One claim, one text. */
export function formatToken({ mail, verdict, person, verbs, until }: LinkClaim, key: Uint8Array): string {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt8(FORM, 0);
  head.writeUInt8(bitsOf(verbs), 1);
  head.writeUInt32BE(Math.min(Math.floor(until / 1_000), SECONDS_MAX), 2);
  head.write(verdict, 6, 'base64url');
  head.writeUInt8(mail.length, HEAD_BYTES - 1);
  const claim = Buffer.concat([head, Buffer.from(mail, 'latin1'), Buffer.from(person, 'utf8')]);
  return Buffer.concat([claim, macOf(claim, key)]).toString('base64url');
}

/** What a text that we wrote says; null for any other. */
export function readToken(text: string, key: Uint8Array): LinkClaim | null {
  if (text.length > TOKEN_CHARS_MAX || !/^[\w-]+$/.test(text)) return null;
  const octets = Buffer.from(text, 'base64url');
  const end = octets.length - MAC_BYTES;
  // One claim has one text: the spare bits of the last character are none that somebody may choose.
  if (end < HEAD_BYTES || octets.toString('base64url') !== text) return null;
  const claim = octets.subarray(0, end);
  if (!timingSafeEqual(octets.subarray(end), macOf(claim, key))) return null;
  return read(claim);
}

function read(claim: Buffer): LinkClaim | null {
  const personAt = HEAD_BYTES + claim.readUInt8(HEAD_BYTES - 1);
  const mail = claim.toString('latin1', HEAD_BYTES, personAt);
  if (claim.readUInt8(0) !== FORM || !isMailId(mail)) return null;
  return {
    mail,
    verdict: claim.toString('base64url', 6, 6 + MARK_BYTES) as VerdictMark,
    person: claim.toString('utf8', personAt) as MailAddress,
    verbs: verbsOf(claim.readUInt8(1)),
    until: claim.readUInt32BE(2) * 1_000,
  };
}

function macOf(claim: Uint8Array, key: Uint8Array): Buffer {
  return createHmac('sha256', key).update(claim).digest().subarray(0, MAC_BYTES);
}

function bitsOf(verbs: readonly HeldVerb[]): number {
  return HELD_VERBS.reduce((bits, verb, i) => bits | (verbs.includes(verb) ? 1 << i : 0), 0);
}

function verbsOf(bits: number): HeldVerb[] {
  return HELD_VERBS.filter((_, i) => (bits & (1 << i)) !== 0);
}
