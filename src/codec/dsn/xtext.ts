/** xtext, the coat that envelope ids and addresses wear in SMTP parameters (RFC 3461 §4, RFC 6533 §3). */
import { isUtf8 } from 'node:buffer';

const needsCoat = /[^!-*,-<>-~]/g;
const wellFormed = /^(?:[!-*,-<>-~]|\+[0-9A-F]{2})*$/;
const printable = /^[ -~]*$/;

/** Printable ASCII as xtext. Other characters are a mistake of the caller: they have no form in it (RFC 3461 §4). */
export function formatXtext(text: string): string {
  return text.replace(
    needsCoat,
    (character) => `+${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

/**
 * The text in an xtext, or null where it is malformed. Null as well where it hides a control or a non-ASCII octet:
 * the text goes into header fields of DSNs, and a line end in it would forge more of them.
 */
export function parseXtext(xtext: string): string | null {
  if (!wellFormed.test(xtext)) return null;
  const text = xtext.replace(/\+([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return printable.test(text) ? text : null;
}

/**
 * The text in an xtext whose hexchars spell UTF-8, or null. RFC 3461 §4 knows ASCII only; but Postfix puts an internationalised address
 * so into ORCPT, with every mail to one (docs/interop.md).
 */
export function parseXtextInUtf8(xtext: string): string | null {
  if (!wellFormed.test(xtext)) return null;
  const octets = xtext.replace(/\+([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  const bytes = Buffer.from(octets, 'latin1');
  const text = isUtf8(bytes) ? bytes.toString('utf8') : null;
  return text === null || controls.test(text) ? null : text;
}

const utf8NeedsCoat = /[^!-*,-<>-[\]-~]/gu;
const utf8WellFormed = /^(?:[!-*,-<>-[\]-~]|[^\0-\x9f]|\\x\{[0-9A-F]{1,6}\})*$/u;
const controls = /[\0-\x1f\x7f-\x9f\u2028\u2029]/;

/** An internationalised address as utf-8-addr-xtext, which is ASCII throughout (RFC 6533 §3). */
export function formatUtf8Address(address: string): string {
  return address.replace(utf8NeedsCoat, (character) => `\\x{${codePoint(character)}}`);
}

/** The address in a utf-8-addr-xtext or utf-8-addr-unitext; null where malformed or hiding a control (RFC 6533 §3). */
export function parseUtf8Address(text: string): string | null {
  if (!utf8WellFormed.test(text)) return null;
  let scalar = true;
  const address = text.replace(/\\x\{([0-9A-F]{1,6})\}/g, (_, hex: string) => {
    const point = Number.parseInt(hex, 16);
    if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) scalar = false;
    return scalar ? String.fromCodePoint(point) : '';
  });
  return scalar && !controls.test(address) ? address : null;
}

function codePoint(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(2, '0');
}
