/**
 * People and groups as parts keep them: lines of text, each a key, a tab, and JSON. A part with people has the line of an address where it stands by
 * its hash, and for an alias the key of its person. Formats are kept for as long as generations are: a new one needs a new letter in front.
 */
import { hash } from 'node:crypto';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { domainToAscii } from '#/codec/smtp/index.ts';
import type { MailAddress } from '#/model/index.ts';
import { addressKey, domainOf, localPartOf } from '#/model/index.ts';
import type { PeoplePart } from '#/ports/index.ts';
import { PART_BYTES_MAX } from './limits.ts';

/** One person: address, aliases, attributes, manager, photo, keys of the groups that name them. */
export type PersonRecord = readonly [
  address: MailAddress,
  aliases: readonly MailAddress[],
  attributes: Readonly<Record<string, string>>,
  manager: MailAddress | null,
  photo: string | null,
  groups: readonly string[],
];

/** One group: name, address, keys of the groups that name it. */
export type GroupRecord = readonly [name: string, address: string | null, parents: readonly string[]];

const NEW_LINE = 0x0a;

/** In any case, and with the domain in either of its forms (RFC 5890 §2.3.2.1). */
export function personKey(address: string): string {
  const at = address.lastIndexOf('@');
  if (at < 0) return addressKey(address);
  const known = address as MailAddress;
  return addressKey(`${localPartOf(known)}@${domainToAscii(domainOf(known))}`);
}

/** Which of 2^bits parts a key stands in. */
export function partOf(key: string, bits: number): number {
  return bits === 0 ? 0 : Number.parseInt(hash('sha256', key, 'hex').slice(0, 8), 16) >>> (32 - bits);
}

export function lineOf(key: string, value: PersonRecord | GroupRecord | string): string {
  return `${key}\t${JSON.stringify(value)}`;
}

/** Lines as a part: the same lines are the same part, whatever their order. */
export function packPart(lines: readonly string[]): PeoplePart {
  const text = Buffer.from(`\n${lines.toSorted((one, other) => (one < other ? -1 : 1)).join('\n')}\n`);
  return { hash: hash('sha256', text, 'hex'), octets: zstdCompressSync(text) };
}

/** Throws where it is not what its hash says. */
export function unpackPart({ hash: named, octets }: PeoplePart): Buffer {
  const text = zstdDecompressSync(octets, { maxOutputLength: PART_BYTES_MAX });
  if (hash('sha256', text, 'hex') !== named) throw new TypeError('A part of a generation is damaged.');
  return text;
}

/** What stands under a key in an unpacked part; undefined where nothing does. */
export function findLine(part: Buffer, key: string): unknown {
  const start = part.indexOf(`\n${key}\t`);
  if (start < 0) return undefined;
  const from = part.indexOf('\t', start) + 1;
  return JSON.parse(part.toString('utf8', from, part.indexOf(NEW_LINE, from)));
}

/** All lines of an unpacked part, as they were given. */
export function* linesIn(part: Buffer): Iterable<readonly [key: string, value: unknown]> {
  for (const line of part.toString('utf8').split('\n')) {
    const tab = line.indexOf('\t');
    if (tab > 0) yield [line.slice(0, tab), JSON.parse(line.slice(tab + 1)) as unknown];
  }
}
