/** The words of an XML part of a document. Office programs cut words into runs wherever a mark begins, so most elements part nothing. */
import type { Dig, Draft } from '../dig.ts';
import { type Attributes, type MarkHandler, readMarks } from '../text/marks.ts';
import { visible } from '../text/read-text.ts';

/** Elements at which a line ends: paragraphs, breaks, rows, and what stands alone. */
const lines: ReadonlySet<string> = new Set(
  'p h br cr line-break row table-row tr comment footnote endnote si sdtContent list-item annotation title desc header footer sp text-box frame cNvPr sheet definedName worksheet body cNvSpPr v f series cat tx pt author creator'.split(
    ' ',
  ),
);
const tabs: ReadonlySet<string> = new Set(['tab', 'tc', 'td', 'c', 'table-cell', 'covered-table-cell']);

/** Sheets and tables, which people give names. */
const named: ReadonlySet<string> = new Set(['sheet', 'table', 'definedName']);

/** Attributes that hold words or addresses. */
const worded = [
  'descr',
  'title',
  'tooltip',
  'author',
  'href',
  'alt',
  'prompt',
  'promptTitle',
  'error',
  'errorTitle',
  'string-value',
  'Target',
  'string',
  'display',
  'location',
  'instr',
  'placeholder',
];

/** `document`: words in runs. `fields`: properties, links, charts, of which each element is a word of its own. */
export async function readXml(dig: Dig, draft: Draft, xml: string, kind: 'document' | 'fields'): Promise<void> {
  await readMarks(dig, xml, 'xml', new Words(kind, (text) => dig.addText(draft, visible(text))));
  dig.addText(draft, '\n');
}

class Words implements MarkHandler {
  readonly #kind: 'document' | 'fields';
  readonly #give: (text: string) => void;
  #found: string[] = [];

  constructor(kind: 'document' | 'fields', give: (text: string) => void) {
    this.#kind = kind;
    this.#give = give;
  }

  open(name: string, attributes: Attributes): void {
    if (this.#kind === 'fields') this.#field(attributes);
    else this.#begin(name, attributes);
  }

  #begin(name: string, attributes: Attributes): void {
    if (lines.has(name)) this.#found.push('\n');
    else if (tabs.has(name)) this.#found.push('\t');
    else if (name === 's') this.#found.push(' '.repeat(Math.min(Number(attributes.get('c') ?? 1) || 1, 100)));
    else if (name === 'noBreakHyphen') this.#found.push('-');
    else if (name === 'sym') this.#symbol(attributes);
    if (named.has(name)) this.#found.push(attributes.get('name') ?? '', '\n');
    if (attributes.size > 0) this.#words(attributes);
  }

  close(name: string): void {
    if (this.#kind === 'fields' || lines.has(name)) this.#found.push('\n');
    else if (name === 'tc' || name === 'table-cell') this.#found.push('\t');
  }

  text(text: string): void {
    this.#found.push(text);
  }

  comment(text: string): void {
    this.#found.push('\n', text, '\n');
  }

  unclosed(text: string): void {
    this.#found.push('\n', text);
  }

  /** Hands on what was found, lines of nothing left out; where it ends in the middle of a line, that goes on with the next. */
  rest(): void {
    const lines = this.#found
      .join('')
      .split('\n')
      .map((line) => line.trimEnd());
    const kept = lines.filter((line, index) => line !== '' || index === 0 || index === lines.length - 1);
    this.#give(kept.join('\n'));
    this.#found = [];
  }

  /** Values that no link within the document is. */
  #field(attributes: Attributes): void {
    for (const [name, value] of attributes) {
      const isInner = name === 'Target' && attributes.get('TargetMode') !== 'External';
      if (!isInner && (worded.includes(name) || name === 'name' || name === 'val')) this.#found.push(value, '\n');
    }
    this.#found.push('\n');
  }

  #words(attributes: Attributes): void {
    for (const name of worded) {
      const value = attributes.get(name);
      if (value !== undefined && value !== '' && /\p{L}|\d/u.test(value)) this.#found.push('\n', value, '\n');
    }
    // What a cell holds may be shown rounded.
    const exact = attributes.get('value');
    if (exact !== undefined && exact.length > 6) this.#found.push(exact, '\t');
  }

  /** A letter that is written as a place in a font of symbols, mostly at U+F000 and above the letter itself. */
  #symbol(attributes: Attributes): void {
    const code = Number.parseInt(attributes.get('char') ?? '', 16) & 0xfff;
    if (code >= 0x20 && code < 0x7f) this.#found.push(String.fromCharCode(code));
  }
}
