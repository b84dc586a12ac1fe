/** Text of Word documents up to 2003 (MS-DOC §2.4.1): pieces of the stream, in the order of the text, each in Windows-1252 or UTF-16. */
import { decodeBytes } from '#/codec/mime/index.ts';
import type { Cfb } from './cfb.ts';

export interface WordText {
  readonly text: string;
  readonly encrypted: boolean;
}

const FLAG_ENCRYPTED = 0x100;
const FLAG_TABLE_1 = 0x200;
/** Places in the file information block. */
const CLX_AT = 0x1a2;

/** `under` is the storage that it stands in. Null where the stream can't be read as what it should be. */
export function wordText(cfb: Cfb, under: string): WordText | null {
  const main = cfb.read(`${under}WordDocument`);
  if (main === null || main.length < CLX_AT + 8 || main.readUInt16LE(0) !== 0xa5ec) return null;
  const flags = main.readUInt16LE(10);
  if ((flags & FLAG_ENCRYPTED) !== 0) return { text: '', encrypted: true };
  const table = cfb.read(`${under}${(flags & FLAG_TABLE_1) !== 0 ? 1 : 0}Table`);
  const [at, bytes] = [main.readUInt32LE(CLX_AT), main.readUInt32LE(CLX_AT + 4)];
  const pieces = table === null ? null : pieceTable(table.subarray(at, at + bytes));
  if (pieces === null) return null;
  return { text: readable(piecesText(main, pieces)), encrypted: false };
}

interface TextPiece {
  readonly at: number;
  readonly chars: number;
  readonly isWide: boolean;
}

/** The piece table stands behind runs of formatting. */
function pieceTable(clx: Buffer): TextPiece[] | null {
  let at = 0;
  while (clx[at] === 1 && at + 3 <= clx.length) at += 3 + clx.readUInt16LE(at + 1);
  if (clx[at] !== 2 || at + 5 > clx.length) return null;
  const plc = clx.subarray(at + 5, at + 5 + clx.readUInt32LE(at + 1));
  const count = Math.floor((plc.length - 4) / 12);
  const pieces: TextPiece[] = [];
  for (let index = 0; index < count; index++) {
    const chars = plc.readUInt32LE(index * 4 + 4) - plc.readUInt32LE(index * 4);
    const place = plc.readUInt32LE((count + 1) * 4 + index * 8 + 2);
    const isWide = (place & 0x40000000) === 0;
    const from = place & 0x3fffffff;
    if (chars > 0) pieces.push({ at: isWide ? from : from / 2, chars, isWide });
  }
  return pieces;
}

/** Pieces may lie one over the other; a text is no longer than its stream. */
function piecesText(main: Buffer, pieces: readonly TextPiece[]): string {
  let text = '';
  for (const piece of pieces) {
    if (text.length > main.length) break;
    text += pieceText(main, piece);
  }
  return text;
}

function pieceText(main: Buffer, { at, chars, isWide }: TextPiece): string {
  const octets = main.subarray(at, at + chars * (isWide ? 2 : 1));
  return isWide ? octets.toString('utf16le') : decodeBytes(octets, 'windows-1252');
}

/** Marks of paragraphs, cells and fields are control characters; what is between the marks of a field is its instruction, and words too. */
function readable(text: string): string {
  return text
    .replace(/[\r\x0b\x0c]/g, '\n')
    .replace(/[\x07\x13-\x15]/g, '\t')
    .replace(/\x1e/g, '-')
    .replace(/[\0-\x08\x0e-\x1f]/g, '');
}
