/** Sheets of a workbook (ECMA-376 part 1, §18.3): one line for a row, cells parted by tabs, strings of the shared list put in their places. */
import type { Dig, Draft } from '../dig.ts';
import { type Attributes, type MarkHandler, readMarks } from '../text/marks.ts';
import { visible } from '../text/read-text.ts';

/** The strings that cells name by number. Those that no cell names are part of the file all the same. */
export class SharedStrings {
  readonly #strings: string[] = [];
  readonly #used = new Set<number>();

  add(text: string): void {
    this.#strings.push(text);
  }

  at(index: number): string {
    this.#used.add(index);
    return this.#strings[index] ?? '';
  }

  unused(): string {
    return this.#strings.filter((_, index) => !this.#used.has(index)).join('\n');
  }
}

/** Adds the text of a sheet; a list of shared strings has none of its own, it is taken into `shared`. */
export async function readSheet(dig: Dig, draft: Draft, xml: string, shared: SharedStrings): Promise<void> {
  await readMarks(dig, xml, 'xml', new Rows(shared, (text) => dig.addText(draft, visible(text))));
}

/** Text in these is of the cell, or string, around. */
const texts: ReadonlySet<string> = new Set([
  'v',
  't',
  'f',
  'oddHeader',
  'oddFooter',
  'evenHeader',
  'evenFooter',
  'firstHeader',
  'firstFooter',
  'formula1',
  'formula2',
]);

class Rows implements MarkHandler {
  readonly #shared: SharedStrings;
  readonly #give: (text: string) => void;
  #found: string[] = [];
  #inside = '';
  #type = '';
  #value = '';
  #string = '';
  #isPhonetic = 0;
  #isFirst = true;

  constructor(shared: SharedStrings, give: (text: string) => void) {
    this.#shared = shared;
    this.#give = give;
  }

  open(name: string, attributes: Attributes): void {
    if (texts.has(name)) this.#inside = name;
    else if (name === 'c') this.#begin(attributes.get('t') ?? 'n');
    else if (name === 'si') this.#string = '';
    else if (name === 'rPh') this.#isPhonetic += 1;
    for (const word of ['tooltip', 'display', 'prompt', 'promptTitle', 'error', 'errorTitle', 'location']) {
      const value = attributes.get(word);
      if (value !== undefined) this.#found.push('\n', value, '\n');
    }
  }

  close(name: string): void {
    if (texts.has(name)) this.#inside = '';
    if (name === 'c') this.#found.push(this.#isFirst ? '' : '\t', this.#shown());
    if (name === 'c') this.#isFirst = false;
    else if (name === 'row') this.#endRow();
    else if (name === 'si') this.#shared.add(this.#string);
    else if (name === 'rPh') this.#isPhonetic -= 1;
    else if (name.endsWith('Header') || name.endsWith('Footer')) this.#found.push('\n');
  }

  text(text: string): void {
    if (this.#inside === 'v') this.#value += text;
    // How a word is pronounced stands beside it, in Japanese files; it is a word too, but not in the middle of this one.
    else if (this.#inside === 't' && this.#isPhonetic === 0) this.#string += text;
    else if (this.#inside === 't') this.#found.push(text, '\n');
    // Words in a formula are words, its references are none.
    else if (this.#inside === 'f' && !text.includes('"')) return;
    else if (text.trim() !== '') this.#found.push(text, '\t');
  }

  comment(text: string): void {
    this.#found.push('\n', text, '\n');
  }

  unclosed(text: string): void {
    this.#found.push('\n', this.#value, this.#string, text);
  }

  rest(): void {
    if (this.#found.length > 0) this.#give(this.#found.join(''));
    this.#found = [];
  }

  #endRow(): void {
    this.#found.push('\n');
    this.#isFirst = true;
  }

  #begin(type: string): void {
    [this.#type, this.#value, this.#string] = [type, '', ''];
  }

  #shown(): string {
    if (this.#type === 's') return this.#shared.at(Number(this.#value));
    if (this.#type === 'n' || this.#type === '') return plainNumber(this.#value);
    return this.#value + this.#string;
  }
}

/** Excel writes 16 digits as 4.111111111111111E+15; people see, and rules look for, the digits. */
export function plainNumber(written: string): string {
  const [, sign = '', whole = '', part = '', exponent = ''] = /^(-?)(\d+)\.?(\d*)[eE]\+?(\d{1,2})$/.exec(written) ?? [];
  const places = Number(exponent);
  if (whole === '' || places > 30) return written;
  const digits = (whole + part).padEnd(whole.length + places, '0');
  const point = whole.length + places;
  return `${sign}${digits.slice(0, point)}${digits.length > point ? `.${digits.slice(point)}` : ''}`;
}
