/**
 * Attachments that become one encrypted ZIP. Compressing, encrypting and writing it down take up to seconds, so it is made in turns: other work of the
 * process goes on in between. One file after the other, so that memory holds the mail, one file, and what the ZIP is by then.
 *
 * What must never happen: a file less in it than was cut out; a name that leads elsewhere than where people unpack it.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { deflateRaw } from 'node:zlib';
import { Base64Lines, fileNameOf } from '#/codec/mime/index.ts';
import { encryptedZip, type ZipEntry } from '#/codec/zip/index.ts';
import type { Change, MadeZip } from '#/model/index.ts';
import type { ZipSecrets } from '#/ports/index.ts';
import { eachCut } from './cut.ts';
import { Impossible, NO_ZIP, TOO_LARGE, TOO_MANY } from './impossible.ts';
import type { WrittenPart } from './strip.ts';

export type Zip = Extract<Change, { kind: 'encryptZip' }>;

/** As every program saves it, in any language. */
const NAME = 'attachments.zip';
/** Each costs a derivation of keys, about a millisecond. */
const FILES_MAX = 1_000;
/** Of all files: a mail has no more octets of them than of its own. */
const BYTES_MAX = 64 * 1024 * 1024;

const compress = promisify(deflateRaw);

/** Throws `Impossible` where the files can't be packed; nothing is packed yet. */
export function requireZippable(content: Buffer, { parts }: Zip): void {
  if (parts.length > FILES_MAX) throw new Impossible(TOO_MANY);
  const bytes = eachCut(content, parts).reduce((sum, { octets }) => sum + octets.length, 0);
  if (bytes > BYTES_MAX) throw new Impossible(TOO_LARGE);
}

/** The ZIP as it stands in a mail: base64, in lines. */
export async function zipOf(content: Buffer, change: Zip, secrets: ZipSecrets | null): Promise<Buffer> {
  const { zip, parts } = change;
  if (zip === undefined || secrets === null) throw new Impossible(NO_ZIP);
  if (parts.length > FILES_MAX) throw new Impossible(TOO_MANY);
  const lines = new Base64Lines();
  const pieces: Buffer[] = [];
  for (const piece of encryptedZip(await entriesOf(content, parts, zip, secrets), secrets.password(zip.id), zip.at)) {
    pieces.push(lines.push(piece));
    await nextTurn();
  }
  return Buffer.concat([...pieces, lines.end()]);
}

async function entriesOf(
  content: Buffer,
  parts: readonly string[],
  { id, language }: MadeZip,
  secrets: ZipSecrets,
): Promise<readonly ZipEntry[]> {
  const names = new Names();
  const entries: ZipEntry[] = [];
  for (const { name, octets } of eachCut(content, parts)) {
    const compressed = await compress(octets);
    const isCompressed = compressed.length < octets.length;
    const kept = isCompressed ? compressed : octets;
    entries.push({
      ...{ name: names.take(fileNameOf(name, entries.length + 1, language)), bytes: octets.length },
      ...{ content: kept, isCompressed, salt: secrets.salt(id, entries.length + 1, kept) },
    });
    await nextTurn();
  }
  return entries;
}

/** Names in one folder, also where capitals don't count. */
class Names {
  readonly #taken = new Set<string>();

  take(wanted: string): string {
    const [, stem = wanted, ending = ''] = /^(.+?)(\.[^.]*)?$/su.exec(wanted) ?? [];
    let name = wanted;
    for (let i = 2; this.#taken.has(name.toLowerCase()); i++) name = `${stem} (${i})${ending}`;
    this.#taken.add(name.toLowerCase());
    return name;
  }
}

/** The ZIP as a part of a mail. */
export function zipPart(body: Buffer): WrittenPart {
  const fields = [
    `Content-Type: application/zip; name="${NAME}"`,
    'Content-Transfer-Encoding: base64',
    `Content-Disposition: attachment; filename="${NAME}"`,
    '',
  ].join('\r\n');
  return { fields, body };
}
