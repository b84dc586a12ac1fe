/**
 * A report as a PDF document (H11), set from its Markdown, so that both say the same for ever: A4, headings, facts, tables whose heading stands on each page
 * that they reach, and the number of each page. Pure.
 */
import { formatPdf, type Mark, widthOf } from '#/codec/pdf/index.ts';
import { linesOf } from './lines.ts';
import { type Block, readMarkdown } from './read-markdown.ts';

/** A4, and what stays free around the text; points. */
const PAPER = { width: 595, height: 842 };
const MARGIN = 60;
const FOOT = 32;
const WIDTH = PAPER.width - 2 * MARGIN;
const BODY = 10;
/** From line to line, and from the foot of a line to that on which letters stand, in sizes of letters. */
const LEADING = 1.6;
const BASE = 0.45;
const GAP = 10;
const CELL_GAP = 10;
const HEADINGS: Readonly<Record<number, { readonly size: number; readonly above: number }>> = {
  1: { size: 18, above: 0 },
  2: { size: 13, above: 14 },
  3: { size: 11, above: 8 },
};
/** Of the width: what a column before the last one has at most, and all of them together. */
const COLUMN_SHARE = 0.4;
const COLUMNS_SHARE = 0.7;

/** The file. `name` stands at the foot of each page. */
export function pdfOf(
  markdown: string,
  { language, name }: { readonly language: 'en' | 'ja'; readonly name: string },
): Buffer {
  const blocks = readMarkdown(markdown);
  const sheet = new Sheet();
  for (const block of blocks) set(block, sheet);
  const title = blocks.find((block) => block.kind === 'heading')?.text ?? name;
  return formatPdf({ title: `${title} ${name}`, language, ...PAPER, pages: sheet.pages(name) });
}

/** Where the next line goes. */
class Sheet {
  readonly #pages: Mark[][] = [[]];
  #y = PAPER.height - MARGIN;

  /** Whether so many points are left on this page. */
  hasRoom(points: number): boolean {
    return this.#y - points >= MARGIN;
  }

  /** Free room; none at the top of a page. */
  skip(points: number): void {
    if (this.#y < PAPER.height - MARGIN) this.#y -= points;
  }

  turn(): void {
    this.#pages.push([]);
    this.#y = PAPER.height - MARGIN;
  }

  rule(): void {
    this.#put({ kind: 'line', x: MARGIN, y: this.#y, length: WIDTH });
  }

  /** Texts side by side in one line, each at its place. */
  line(texts: readonly { readonly x: number; readonly text: string }[], size: number, bold = false): void {
    this.#y -= size * LEADING;
    const y = this.#y + size * BASE;
    for (const { x, text } of texts)
      if (text !== '') this.#put({ kind: 'text', x: MARGIN + x, y, size, text, ...(bold ? { bold } : {}) });
  }

  pages(name: string): readonly (readonly Mark[])[] {
    const all = this.#pages;
    return all.map((marks, i) => [...marks, foot(`${name}    ${i + 1} / ${all.length}`)]);
  }

  #put(mark: Mark): void {
    this.#pages.at(-1)?.push(mark);
  }
}

function foot(text: string): Mark {
  const size = 8;
  return { kind: 'text', x: PAPER.width - MARGIN - widthOf(text, size), y: FOOT, size, text };
}

function set(block: Block, sheet: Sheet): void {
  switch (block.kind) {
    case 'heading':
      setHeading(block, sheet);
      return;
    case 'paragraph':
      for (const line of block.lines) setText(line, sheet);
      sheet.skip(GAP);
      return;
    case 'facts':
      setRows(block.rows, null, sheet);
      return;
    case 'table':
      setRows(block.rows, block.heading, sheet);
  }
}

function setHeading({ level, text }: Extract<Block, { kind: 'heading' }>, sheet: Sheet): void {
  const { size, above } = HEADINGS[level] ?? { size: BODY, above: GAP };
  const lines = linesOf(text, size, WIDTH);
  // A heading stands on the page of what it is over.
  if (!sheet.hasRoom(above + (lines.length * size + 4 * BODY) * LEADING)) sheet.turn();
  sheet.skip(above);
  for (const line of lines) sheet.line([{ x: 0, text: line }], size, true);
  sheet.skip(GAP / 2);
}

function setText(text: string, sheet: Sheet): void {
  for (const line of linesOf(text, BODY, WIDTH)) {
    if (!sheet.hasRoom(BODY * LEADING)) sheet.turn();
    sheet.line([{ x: 0, text: line }], BODY);
  }
}

function setRows(rows: readonly (readonly string[])[], heading: readonly string[] | null, sheet: Sheet): void {
  const widths = widthsOf(heading === null ? rows : [heading, ...rows]);
  const put = (row: readonly string[], bold: boolean): void => setRow(row, widths, bold, sheet);
  const isHeaded = heading?.some((cell) => cell !== '') === true;
  if (isHeaded) put(heading, true);
  for (const row of rows) {
    const height = heightOf(row, widths);
    // What is taller than a page is broken where the page ends.
    if (!sheet.hasRoom(height) && height < PAPER.height - 3 * MARGIN) {
      sheet.turn();
      if (isHeaded) put(heading, true);
    }
    put(row, false);
  }
  sheet.rule();
  sheet.skip(GAP);
}

function setRow(row: readonly string[], widths: readonly number[], bold: boolean, sheet: Sheet): void {
  const cells = row.map((cell, i) => linesOf(cell, BODY, widths[i] ?? WIDTH));
  const starts = widths.map((_, i) => widths.slice(0, i).reduce((sum, width) => sum + width + CELL_GAP, 0));
  if (!sheet.hasRoom(BODY * LEADING)) sheet.turn();
  sheet.rule();
  for (let n = 0; n < Math.max(...cells.map(({ length }) => length)); n++) {
    if (!sheet.hasRoom(BODY * LEADING)) sheet.turn();
    sheet.line(
      cells.map((lines, i) => ({ x: starts[i] ?? 0, text: lines[n] ?? '' })),
      BODY,
      bold,
    );
  }
}

function heightOf(row: readonly string[], widths: readonly number[]): number {
  return Math.max(...row.map((cell, i) => linesOf(cell, BODY, widths[i] ?? WIDTH).length)) * BODY * LEADING;
}

/** The last column has what the others leave; those are as wide as their widest cell, up to a share. */
function widthsOf(rows: readonly (readonly string[])[]): readonly number[] {
  const count = Math.max(...rows.map(({ length }) => length));
  const natural = Array.from({ length: count }, (_, i) =>
    Math.max(...rows.map((row) => widthOf(row[i] ?? '', BODY)), 0),
  );
  const room = WIDTH - (count - 1) * CELL_GAP;
  const most = room * Math.min(COLUMN_SHARE, COLUMNS_SHARE / (count - 1));
  const first = natural.slice(0, -1).map((width) => Math.min(width + 1, most));
  return [...first, room - first.reduce((sum, width) => sum + width, 0)];
}
