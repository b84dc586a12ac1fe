/** Text of Excel workbooks up to 2003 (MS-XLS): strings and numbers of the cells, names of sheets, comments; encryption and old macros told. */
import { decodeBytes } from '#/codec/mime/index.ts';
import type { Cfb } from './cfb.ts';
import { plainNumber } from './sheet.ts';

export interface SheetText {
  readonly text: string;
  readonly encrypted: boolean;
  /** A sheet of Excel 4 macros. */
  readonly macro: boolean;
}

/** Numbers of records that we read. */
const record = {
  filePass: 0x2f,
  sheet: 0x85,
  strings: 0xfc,
  more: 0x3c,
  labelString: 0xfd,
  label: 0x204,
  number: 0x203,
  rk: 0x27e,
  rkRow: 0xbd,
  formulaString: 0x207,
  text: 0x1b6,
  begin: 0x809,
} as const;

const MACRO_SHEET = 1;

export function workbookText(cfb: Cfb, under: string): SheetText | null {
  const stream = cfb.read(`${under}Workbook`) ?? cfb.read(`${under}Book`);
  if (stream === null) return null;
  return new Workbook(stream).run();
}

class Workbook {
  readonly #stream: Buffer;
  readonly #strings: string[] = [];
  readonly #found: string[] = [];
  readonly #used = new Set<number>();
  #row = -1;
  #macro = false;

  constructor(stream: Buffer) {
    this.#stream = stream;
  }

  run(): SheetText {
    let at = 0;
    while (at + 4 <= this.#stream.length) {
      const type = this.#stream.readUInt16LE(at);
      const end = at + 4 + this.#stream.readUInt16LE(at + 2);
      if (type === record.filePass) return { text: '', encrypted: true, macro: this.#macro };
      const data = this.#stream.subarray(at + 4, end);
      at = type === record.strings ? this.#readStrings(at) : end;
      this.#take(type, data);
    }
    const unused = this.#strings.filter((_, index) => !this.#used.has(index));
    return { text: [...this.#found, '\n', unused.join('\n')].join(''), encrypted: false, macro: this.#macro };
  }

  #take(type: number, data: Buffer): void {
    if (type === record.sheet && data.length > 7) this.#sheet(data);
    else if (type === record.labelString && data.length >= 10) this.#cell(data, this.#shared(data.readUInt32LE(6)));
    else if (type === record.label && data.length > 9) this.#cell(data, labelText(data.subarray(6)));
    else if (type === record.number && data.length >= 14) this.#cell(data, numberText(data.readDoubleLE(6)));
    else if (type === record.rk && data.length >= 10) this.#cell(data, numberText(fromRk(data.readUInt32LE(6))));
    else if (type === record.rkRow) this.#rkRow(data);
    else if (type === record.formulaString && data.length > 3) this.#found.push(labelText(data), '\t');
    else if (type === record.begin) this.#found.push('\n');
    else if (type === record.more && this.#row === -2) this.#found.push(unicodeText(data, data.length), '\n');
    if (type === record.text) this.#row = -2;
    else if (type !== record.more && this.#row === -2) this.#row = -1;
  }

  #sheet(data: Buffer): void {
    if (data[5] === MACRO_SHEET) this.#macro = true;
    this.#found.push(unicodeText(data.subarray(7), data[6] ?? 0), '\n');
  }

  #cell(data: Buffer, text: string): void {
    const row = data.readUInt16LE(0);
    this.#found.push(row === this.#row ? '\t' : '\n', text);
    this.#row = row;
  }

  #rkRow(data: Buffer): void {
    for (let at = 4; at + 8 <= data.length; at += 6) this.#cell(data, numberText(fromRk(data.readUInt32LE(at + 2))));
  }

  #shared(index: number): string {
    this.#used.add(index);
    return this.#strings[index] ?? '';
  }

  /** The list of strings, and the records that continue it; a string may be cut in two by them, and then says anew how wide its letters are. */
  #readStrings(from: number): number {
    const pieces: Buffer[] = [];
    let at = from;
    do {
      const end = at + 4 + this.#stream.readUInt16LE(at + 2);
      pieces.push(this.#stream.subarray(at + 4, end));
      at = end;
    } while (at + 4 <= this.#stream.length && this.#stream.readUInt16LE(at) === record.more);
    new StringList(pieces).readInto(this.#strings);
    return at;
  }
}

class StringList {
  readonly #pieces: readonly Buffer[];
  #piece = 0;
  #at = 8;

  constructor(pieces: readonly Buffer[]) {
    this.#pieces = pieces;
  }

  readInto(strings: string[]): void {
    while (this.#piece < this.#pieces.length) {
      const head = this.#take(3);
      if (head.length < 3) return;
      const flags = head[2] ?? 0;
      const runs = (flags & 8) !== 0 ? this.#number(2) : 0;
      const phonetic = (flags & 4) !== 0 ? this.#number(4) : 0;
      strings.push(this.#letters(head.readUInt16LE(0), (flags & 1) !== 0));
      this.#take(runs * 4);
      // How a word is pronounced is text in UTF-16 among some numbers.
      if (phonetic > 0)
        strings.push(
          (
            this.#take(phonetic)
              .toString('utf16le')
              .match(/[\u3041-\u30ff\uff66-\uff9f]{2,}/g) ?? []
          ).join(' '),
        );
    }
  }

  #letters(chars: number, wide: boolean): string {
    let text = '';
    let isWide = wide;
    let left = chars;
    while (left > 0 && this.#piece < this.#pieces.length) {
      const room = (this.#pieces[this.#piece]?.length ?? 0) - this.#at;
      const count = Math.min(left, isWide ? room >> 1 : room);
      const octets = this.#take(isWide ? count * 2 : count);
      text += isWide ? octets.toString('utf16le') : octets.toString('latin1');
      left -= count;
      if (left === 0) break;
      this.#next();
      isWide = ((this.#pieces[this.#piece]?.[this.#at] ?? 0) & 1) !== 0;
      this.#at += 1;
    }
    return text;
  }

  #number(bytes: number): number {
    const octets = this.#take(bytes);
    return octets.length === bytes ? octets.readUIntLE(0, bytes) : 0;
  }

  /** So many octets, over the ends of pieces. */
  #take(bytes: number): Buffer {
    const taken: Buffer[] = [];
    let left = bytes;
    while (left > 0 && this.#piece < this.#pieces.length) {
      const piece = this.#pieces[this.#piece] ?? Buffer.alloc(0);
      if (this.#at >= piece.length) {
        this.#next();
        continue;
      }
      const part = piece.subarray(this.#at, this.#at + left);
      taken.push(part);
      left -= part.length;
      this.#at += part.length;
    }
    return taken.length === 1 && taken[0] !== undefined ? taken[0] : Buffer.concat(taken);
  }

  #next(): void {
    this.#piece += 1;
    this.#at = 0;
  }
}

/** A string behind its length in letters and its width; older files have neither width nor UTF-16. */
function labelText(data: Buffer): string {
  return unicodeText(data.subarray(2), data.readUInt16LE(0));
}

function unicodeText(data: Buffer, chars: number): string {
  const flags = data[0] ?? 0;
  if (flags === 1) return data.toString('utf16le', 1, 1 + chars * 2);
  if (flags === 0) return data.toString('latin1', 1, 1 + chars);
  return decodeBytes(data.subarray(0, chars), 'shift_jis');
}

/** MS-XLS §2.5.217: 30 bits of an integer or of a number's upper half, perhaps a hundredth of it. */
function fromRk(rk: number): number {
  const whole = (rk & 2) !== 0 ? rk >> 2 : upperHalf(rk & 0xfffffffc);
  return (rk & 1) !== 0 ? whole / 100 : whole;
}

function upperHalf(bits: number): number {
  const octets = Buffer.alloc(8);
  octets.writeInt32LE(bits | 0, 4);
  return octets.readDoubleLE(0);
}

function numberText(value: number): string {
  return plainNumber(Math.abs(value) >= 1e15 ? value.toExponential() : String(value));
}
