/** Tables that fit: columns as wide as their longest cell, and where that is too wide the flexible ones give way. */
import type { Terminal, Tone } from './terminal.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'right';
  /** Gives way where the table is too wide; at least so many columns stay. Others are never cut. */
  readonly least?: number;
}

/** A cell, or one in the colour of its meaning. */
export type Cell = string | { readonly text: string; readonly tone: Tone };

const GAP = '  ';

/** The lines of a table with its heading. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  terminal: Terminal,
): string {
  const widths = fit(columns, rows, terminal.columns);
  const heading = columns.map(({ title }): Cell => ({ text: title.toUpperCase(), tone: 'quiet' }));
  return [heading, ...rows].map((row) => formatRow(row, columns, widths, terminal)).join('\n');
}

/** A text cut to a width of the terminal, with a sign that it was cut. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of SEGMENTS.segment(text)) {
    used += widthOf(segment);
    if (used > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** How many columns a text takes on a terminal: two for the wide characters of East Asia and pictures, none for marks. */
export function widthOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of SEGMENTS.segment(text))
    width += WIDE.test(segment) ? 2 : /^[\p{M}\p{Cf}]+$/u.test(segment) ? 0 : 1;
  return width;
}

/** A text with blanks behind it up to a width of the terminal. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** Controls of a terminal, as a mail may carry them in a subject, become visible blanks. */
export function harmless(text: string): string {
  return text.replace(/[\0-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, ' ');
}

/** Breaks a text at blanks so that no line is wider than `width`; later lines begin with `indent`. */
export function wrap(text: string, width: number, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((whole) => pieces(whole, width - indent.length))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (widthOf(longer) <= width - (lines.length > 0 ? indent.length : 0)) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line].join(`\n${indent}`);
}

const SEGMENTS = new Intl.Segmenter();
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u;

// Japanese has no blanks to break at, and an address may be longer than a line.
function pieces(word: string, width: number): string[] {
  const parts: string[] = [];
  let part = '';
  for (const { segment } of SEGMENTS.segment(word)) {
    if (part !== '' && widthOf(part + segment) > width) {
      parts.push(part);
      part = '';
    }
    part += segment;
  }
  return [...parts, part];
}

function fit(columns: readonly Column[], rows: readonly (readonly Cell[])[], total: number): number[] {
  const widths = columns.map(({ title }, i) => Math.max(widthOf(title), ...rows.map((row) => widthOf(textOf(row[i])))));
  let over = widths.reduce((sum, width) => sum + width, GAP.length * (columns.length - 1)) - total;
  while (over > 0) {
    const widest = widestThatMayShrink(columns, widths);
    if (widest === -1) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    over--;
  }
  return widths;
}

function widestThatMayShrink(columns: readonly Column[], widths: readonly number[]): number {
  let widest = -1;
  for (const [i, { least }] of columns.entries()) {
    if (least === undefined || (widths[i] ?? 0) <= least) continue;
    if (widest === -1 || (widths[i] ?? 0) > (widths[widest] ?? 0)) widest = i;
  }
  return widest;
}

function formatRow(
  row: readonly Cell[],
  columns: readonly Column[],
  widths: readonly number[],
  terminal: Terminal,
): string {
  const cells = columns.map(({ align }, i) => {
    const text = cut(textOf(row[i]), widths[i] ?? 0);
    const blanks = ' '.repeat(Math.max(0, (widths[i] ?? 0) - widthOf(text)));
    const painted = terminal.paint(toneOf(row[i]), text);
    if (align === 'right') return blanks + painted;
    return i === columns.length - 1 ? painted : painted + blanks;
  });
  return cells.join(GAP).trimEnd();
}

function textOf(cell: Cell | undefined): string {
  return harmless(typeof cell === 'string' ? cell : (cell?.text ?? ''));
}

function toneOf(cell: Cell | undefined): Tone {
  return typeof cell === 'object' ? cell.tone : 'plain';
}
