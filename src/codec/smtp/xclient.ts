/** XCLIENT, by which a trusted front tells us who is really calling (M1). No RFC: the form is Postfix's own. */
import { isIP } from 'node:net';
import { parseXtext } from '#/codec/dsn/index.ts';

const names = ['NAME', 'ADDR', 'PORT', 'PROTO', 'HELO', 'LOGIN', 'DESTADDR', 'DESTPORT'] as const;

export type XclientName = (typeof names)[number];

/** Absent: nothing was said. Null: said to be unknown (`[UNAVAILABLE]`, `[TEMPUNAVAIL]`). */
export type XclientAttributes = { readonly [Name in XclientName]?: string | null };

/** The attributes we read, for the EHLO list. */
export const xclientNames: readonly XclientName[] = names;

/** Reads `NAME=… ADDR=…` with xtext values; null where anything in it is malformed, for half an identity is none. */
export function parseXclient(argument: string): XclientAttributes | null {
  const attributes: { [Name in XclientName]?: string | null } = {};
  for (const pair of argument.split(/ +/)) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(equals, 0)).toUpperCase();
    const value = readValue(name, pair.slice(equals + 1));
    if (!isName(name) || value === undefined || Object.hasOwn(attributes, name)) return null;
    attributes[name] = value;
  }
  return attributes;
}

function isName(name: string): name is XclientName {
  return (names as readonly string[]).includes(name);
}

/** The value; null where unknown; undefined where it is malformed. */
function readValue(name: string, xtext: string): string | null | undefined {
  const value = parseXtext(xtext);
  if (value === null || value === '' || value.length > 255) return undefined;
  if (/^\[(UNAVAILABLE|TEMPUNAVAIL)\]$/i.test(value)) return null;
  if (name === 'ADDR' || name === 'DESTADDR') return readAddress(value);
  if (name === 'PORT' || name === 'DESTPORT')
    return /^[0-9]{1,5}$/.test(value) && Number(value) < 65_536 ? value : undefined;
  return value;
}

function readAddress(value: string): string | undefined {
  const address = /^IPV6:/i.test(value) ? value.slice(5) : value;
  return isIP(address) === 0 || address.includes('%') ? undefined : address.toLowerCase();
}
