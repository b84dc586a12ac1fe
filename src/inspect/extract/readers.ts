/** Which reader knows which type. A reader adds what it finds to the part that it was given, and looks at what is inside. */
import { readSevenZip } from './archives/seven-zip.ts';
import { readPacked, readTar } from './archives/streams.ts';
import { readZip } from './archives/zip.ts';
import type { Dig, Draft, Look, Piece } from './dig.ts';
import { rtfObject } from './documents/native-object.ts';
import { readCompound } from './documents/ole.ts';
import { readPdf } from './documents/pdf.ts';
import { readRtf } from './documents/rtf.ts';
import { boundedText, lookInside } from './inside.ts';
import { readCms } from './mail/cms.ts';
import { walkMailFile } from './mail/walk.ts';
import { readTnef } from './outlook/tnef.ts';
import { unflow } from './text/flowed.ts';
import { charsetOfPage, readHtml } from './text/html.ts';
import { readText } from './text/read-text.ts';

/** What a reader is given. */
export interface Reading {
  readonly dig: Dig;
  readonly look: Look;
  readonly draft: Draft;
  readonly piece: Piece;
}

export type Reader = (reading: Reading) => Promise<void> | void;

/** Types that 7-Zip opens. */
const bySevenZip = [
  'application/x-7z-compressed',
  'application/x-rar-compressed',
  'application/vnd.ms-cab-compressed',
  'application/x-lzh-compressed',
  'application/x-arj',
  'application/x-xz',
  'application/x-bzip2',
  'application/x-compress',
  'application/x-cpio',
  'application/x-rpm',
  'application/x-deb',
  'application/x-unix-archive',
  'application/x-iso9660-image',
];

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['text/html', readPage],
  ['application/zip', readZip],
  ['application/x-cfb', readCompound],
  ['application/rtf', readRich],
  ['application/pdf', readPdf],
  ['application/vnd.ms-tnef', readTnef],
  [
    'message/rfc822',
    async ({ dig, look, draft, piece }) => await walkMailFile(dig, look, draft, piece.octets, piece.depth),
  ],
  ['application/pkcs7-mime', readCms],
  ['application/gzip', async (reading) => await readPacked(reading, 'gzip')],
  ['application/zstd', async (reading) => await readPacked(reading, 'zstd')],
  ['application/x-tar', readTar],
  ...bySevenZip.map((type): [string, Reader] => [type, async (reading) => await readSevenZip(reading)]),
  ['application/pgp-encrypted', ({ dig, draft }) => dig.locked(draft, 'an encrypted message (PGP)')],
]);

/** The reader of a part; null where none of ours knows it. */
export function readerFor(trueType: string | null, declaredType: string): Reader | null {
  const reader = readers.get(trueType ?? '');
  if (reader !== undefined) return reader;
  const isText = (trueType ?? declaredType).startsWith('text/') || trueType === 'application/xml';
  return isText ? readPlain : null;
}

/** BinHex and yEnc, which next to nobody writes any more. */
const codedText = /^\(This file must be converted with BinHex|^=ybegin /m;

function readPlain({ dig, draft, piece }: Reading): void {
  const text = readText(boundedText(dig, draft, piece.octets), piece.charset ?? null);
  const isFlowed = piece.flowed !== undefined && piece.flowed !== 'no';
  dig.addText(draft, isFlowed ? unflow(text, piece.flowed === 'delsp') : text);
  if (codedText.test(text.slice(0, 100_000))) dig.cannot(draft.path, 'unknown-format', 'a file that is coded as text');
  if (text.includes('-----BEGIN PGP MESSAGE-----')) dig.locked(draft, 'an encrypted message (PGP) in its text');
}

async function readPage({ dig, look, draft, piece }: Reading): Promise<void> {
  const declared = piece.charset ?? charsetOfPage(piece.octets);
  const page = await readHtml(dig, readText(boundedText(dig, draft, piece.octets), declared));
  dig.addText(draft, page.shown);
  if (page.hidden !== '') dig.addText(draft, `\n\n${page.hidden}`);
  for (const [index, { type, octets }] of page.files.entries()) {
    const path = `${draft.path}/data-${index + 1}`;
    await look({ path, role: 'inside', names: [], declaredType: type, octets, depth: piece.depth + 1 });
  }
}

async function readRich(reading: Reading): Promise<void> {
  const { dig, draft, piece } = reading;
  const { shown, hidden, objects } = await readRtf(dig, boundedText(dig, draft, piece.octets));
  dig.addText(draft, hidden === '' ? shown : `${shown}\n\n${hidden}`);
  for (const object of objects) {
    const { name, data } = rtfObject(object);
    await lookInside(reading, { name }, { octets: data, fault: null });
  }
}
