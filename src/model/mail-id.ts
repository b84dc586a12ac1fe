import { hash } from 'node:crypto';
import { randomOctets } from './random-octets.ts';

/**
 * The queue ID: 16 characters of Crockford's base 32, ordered by time, chosen before the transaction that stores it, so that an
 * unknown commit can be looked up. 45 bits of wall-clock ms, then 35 bits that start at random in each millisecond and count up:
 * unique across processes and hosts without asking anyone, and appended to the end of every tree that is keyed by it (M3).
 * The mails of one transaction that spanned tenants share an id and end in `-1`, `-2`, … (contract).
 */
export type MailId = string & { readonly __brand: 'MailId' };

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TAIL_MAX = 2 ** 35;

let lastMs = 0;
let tail = 0;

/** A new id that sorts behind every id made before it in this process, even when the wall clock steps back. */
export function newMailId(nowMs: number): MailId {
  if (nowMs > lastMs) {
    lastMs = nowMs;
    tail = randomOctets(4).readUInt32BE() * 4;
  } else if (++tail >= TAIL_MAX) {
    lastMs += 1;
    tail = 0;
  }
  return `${encode(lastMs, 9)}${encode(tail, 7)}` as MailId;
}

/** An id of this moment that follows from a name: whoever makes it again makes the same, so that what was stored under it is found. */
export function mailIdFor(ms: number, name: string): MailId {
  const value = Number.parseInt(hash('sha256', name).slice(0, 12), 16) % TAIL_MAX;
  return `${encode(ms, 9)}${encode(value, 7)}` as MailId;
}

/** The wall-clock ms at which an id was made. */
export function timeOfMailId(id: MailId): number {
  let value = 0;
  for (const character of id.slice(0, 9)) value = value * 32 + ALPHABET.indexOf(character);
  return value;
}

/** The smallest id that can have been made at or after `ms`: bounds of a range by time. */
export function mailIdAt(ms: number): MailId {
  return `${encode(ms, 9)}0000000` as MailId;
}

/** Whether a text has the form of a queue ID, with or without the number of its part. */
export function isMailId(text: string): text is MailId {
  return /^[0-9A-HJKMNP-TV-Z]{16}(-[0-9]{1,4})?$/.test(text);
}

function encode(value: number, length: number): string {
  let text = '';
  let rest = value;
  for (let i = 0; i < length; i++) {
    text = ALPHABET[rest % 32] + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
