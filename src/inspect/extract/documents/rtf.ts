/**
 * Rich text (RTF 1.9): what people see, and what stands in places that they are not shown, apart. Letters come octet by octet in the charset of their
 * font, as escapes, and as Unicode with a stand-in behind; objects come in hexadecimal.
 */
import { decodeBytes } from '#/codec/mime/index.ts';
import type { Dig } from '../dig.ts';
import { visible } from '../text/read-text.ts';

export interface RtfText {
  readonly shown: string;
  readonly hidden: string;
  /** Data of objects in the document (`objdata`). */
  readonly objects: readonly Buffer[];
}

export async function readRtf(dig: Dig, octets: Buffer): Promise<RtfText> {
  const reader = new RtfReader(octets.toString('latin1'));
  while (reader.run(tokensPerTurn) && !dig.over) await dig.turn();
  return reader.end();
}

const tokensPerTurn = 20_000;
/** Groups in groups; what is deeper counts, and keeps the state of the last level. */
const levelsMax = 2000;
const objectsMax = 100;

/** Fonts name their charset by a number (`fcharset`), documents by a code page (`ansicpg`). */
const fontCharsets: Readonly<Record<number, string>> = {
  128: 'shift_jis',
  129: 'euc-kr',
  130: 'euc-kr',
  134: 'gbk',
  136: 'big5',
  161: 'windows-1253',
  162: 'windows-1254',
  163: 'windows-1258',
  177: 'windows-1255',
  178: 'windows-1256',
  186: 'windows-1257',
  204: 'windows-1251',
  222: 'windows-874',
  238: 'windows-1250',
};
const codePages: Readonly<Record<number, string>> = {
  932: 'shift_jis',
  936: 'gbk',
  949: 'euc-kr',
  950: 'big5',
  65001: 'utf-8',
  874: 'windows-874',
};

/** Destinations that hold no words. */
const silent: ReadonlySet<string> = new Set(
  'colortbl stylesheet pict themedata colorschememapping datastore latentstyles rsidtbl generator listtable listoverridetable xmlnstbl mmathPr blipuid panose revtbl fchars lchars'.split(
    ' ',
  ),
);
/** Destinations that hold words beside the text. */
const beside: ReadonlySet<string> = new Set(
  'info title subject author manager company operator category keywords comment doccomm annotation atnid atnauthor header headerl headerr headerf footer footerl footerr footerf footnote fldinst bkmkstart object objclass objname'.split(
    ' ',
  ),
);
const breaks: Readonly<Record<string, string>> = {
  par: '\n',
  line: '\n',
  row: '\n',
  sect: '\n',
  page: '\n',
  cell: '\t',
  tab: '\t',
  nestcell: '\t',
  nestrow: '\n',
  emdash: '—',
  endash: '–',
  lquote: '‘',
  rquote: '’',
  ldblquote: '“',
  rdblquote: '”',
  bullet: '•',
};

type Place = 'text' | 'hidden' | 'silent' | 'fonts' | 'object';

interface Level {
  readonly place: Place;
  readonly isHidden: boolean;
  readonly charset: string | null;
  readonly standIns: number;
}

const word = /\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z'])|\\|([{}])|([^\\{}]+)/gy;

class RtfReader {
  readonly #source: string;
  readonly #shown: string[] = [];
  readonly #hidden: string[] = [];
  readonly #objects: Buffer[] = [];
  readonly #levels: Level[] = [];
  readonly #fonts = new Map<number, string>();
  #level: Level = { place: 'text', isHidden: false, charset: null, standIns: 1 };
  #tooDeep = 0;
  #charset = 'windows-1252';
  #font = 0;
  /** Octets of letters that are not decoded yet. */
  #octets = '';
  #hex: string[] = [];
  #skip = 0;
  #isStarred = false;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  /** Takes so many tokens; false at the end. */
  run(count: number): boolean {
    for (let taken = 0; taken < count; taken++) {
      word.lastIndex = this.#at;
      const found = word.exec(this.#source);
      if (found === null) return false;
      this.#at = word.lastIndex;
      const [, name, value, hex, symbol, brace, text] = found;
      if (name !== undefined) this.#word(name, value === undefined ? null : Number(value));
      else if (hex !== undefined) this.#octet(String.fromCharCode(Number.parseInt(hex, 16)));
      else if (brace !== undefined) this.#brace(brace);
      else if (text !== undefined) this.#text(text.replace(/[\r\n]/g, ''));
      else this.#symbol(symbol ?? '');
    }
    return true;
  }

  end(): RtfText {
    this.#flush();
    return { shown: visible(this.#shown.join('')), hidden: visible(this.#hidden.join('')), objects: this.#objects };
  }

  #brace(brace: string): void {
    this.#flush();
    this.#skip = 0;
    if (brace === '{') {
      if (this.#levels.length < levelsMax) this.#levels.push(this.#level);
      else this.#tooDeep += 1;
      this.#isStarred = false;
      return;
    }
    if (this.#tooDeep > 0) {
      this.#tooDeep -= 1;
      return;
    }
    const before = this.#level.place;
    this.#level = this.#levels.pop() ?? this.#level;
    if (before === 'object' && this.#level.place !== 'object') this.#endObject();
    if (before === 'hidden' && this.#level.place !== 'hidden') this.#hidden.push('\n');
  }

  #word(name: string, value: number | null): void {
    if (name === 'u' && value !== null) this.#unicode(value);
    else if (name === 'bin' && value !== null) this.#binary(Math.max(value, 0));
    else this.#control(name, value);
  }

  #control(name: string, value: number | null): void {
    this.#flush();
    const text = breaks[name];
    if (text !== undefined) this.#put(text);
    else if (name === 'uc') this.#set({ standIns: Math.min(Math.max(value ?? 1, 0), 20) });
    else if (name === 'v' || name === 'deleted') this.#set({ isHidden: value !== 0 });
    else if (name === 'ansicpg') this.#charset = charsetOfPage(value ?? 0);
    else if (name === 'f' || name === 'deff') this.#useFont(value ?? 0);
    else if (name === 'fcharset') this.#fonts.set(this.#font, fontCharsets[value ?? 0] ?? '');
    else if (name === 'plain') this.#set({ isHidden: false, charset: null });
    else this.#destination(name);
    this.#isStarred = false;
  }

  #destination(name: string): void {
    if (this.#level.place === 'silent' && name !== 'objdata') return;
    if (name === 'fonttbl') this.#set({ place: 'fonts' });
    else if (name === 'objdata') this.#set({ place: 'object' });
    else if (silent.has(name)) this.#set({ place: 'silent' });
    else if (name === 'result' || name === 'fldrslt') this.#set({ place: 'text' });
    else if (name === 'shptxt' || name === 'shpinst') return;
    else if (beside.has(name) || this.#isStarred) this.#set({ place: 'hidden' });
  }

  #useFont(font: number): void {
    this.#font = font;
    if (this.#level.place !== 'fonts') this.#set({ charset: this.#fonts.get(font) || null });
  }

  #symbol(symbol: string): void {
    if (symbol === '*') {
      this.#isStarred = true;
      return;
    }
    if (symbol === '\\' || symbol === '{' || symbol === '}') {
      this.#text(symbol);
      return;
    }
    this.#flush();
    if (symbol === '~') this.#put(' ');
    else if (symbol === '_') this.#put('-');
    else if (symbol === '\n' || symbol === '\r') this.#put('\n');
  }

  #text(text: string): void {
    if (this.#level.place === 'object') {
      this.#hex.push(text);
      return;
    }
    const skipped = Math.min(this.#skip, text.length);
    this.#skip -= skipped;
    this.#octets += text.slice(skipped);
  }

  #octet(octet: string): void {
    if (this.#skip > 0) this.#skip -= 1;
    else this.#octets += octet;
  }

  #unicode(value: number): void {
    this.#flush();
    this.#put(String.fromCharCode(value & 0xffff));
    this.#skip = this.#level.standIns;
  }

  #binary(length: number): void {
    const octets = this.#source.slice(this.#at, this.#at + length);
    this.#at += octets.length;
    if (this.#level.place === 'object' && this.#objects.length < objectsMax)
      this.#objects.push(Buffer.from(octets, 'latin1'));
  }

  #flush(): void {
    if (this.#octets === '') return;
    const octets = Buffer.from(this.#octets, 'latin1');
    this.#octets = '';
    this.#put(decodeBytes(octets, this.#level.charset ?? this.#charset));
  }

  #put(text: string): void {
    const { place, isHidden } = this.#level;
    if (place === 'hidden' || (place === 'text' && isHidden)) this.#hidden.push(text);
    else if (place === 'text') this.#shown.push(text);
  }

  #endObject(): void {
    const octets = Buffer.from(this.#hex.join('').replace(/[^0-9a-fA-F]/g, ''), 'hex');
    this.#hex = [];
    if (octets.length > 0 && this.#objects.length < objectsMax) this.#objects.push(octets);
  }

  #set(change: Partial<Level>): void {
    this.#level = { ...this.#level, ...change };
  }
}

function charsetOfPage(page: number): string {
  return codePages[page] ?? (page >= 1250 && page <= 1258 ? `windows-${page}` : 'windows-1252');
}
