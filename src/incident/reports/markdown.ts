/** Texts of people in Markdown: whatever they wrote stays text, in any program that shows it. */

/** What Markdown, or HTML in it, could take for markup. */
const MARKS = /[\\`*_{}[\]<>|~&]/g;
/** What makes a line a heading, a list, a quote or a rule where it stands in front. */
const OPENING = /^(\s*)([#+\-=]|\d+[.)])/;

/** A paragraph; lines stay lines. */
export function plain(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replace(MARKS, '\\$&').replace(OPENING, (_, blank: string, mark: string) => blank + shut(mark)))
    .join('  \n');
}

/** The same in a cell of a table, which is one line. */
export function cell(text: string): string {
  return plain(text.replaceAll(/\s+/g, ' ').trim());
}

/** A table with its heading. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(heading), line(heading.map(() => '---')), ...rows.map((row) => line(row.map(cell)))].join('\n');
}

function shut(mark: string): string {
  return /\d/.test(mark) ? mark.replace(/[.)]/, '\\$&') : `\\${mark}`;
}
