/** Reads the Markdown of reports, as `report.ts` writes it, for those who set it in another form. What it does not know is a paragraph. Pure. */

export type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly text: string }
  | { readonly kind: 'paragraph'; readonly lines: readonly string[] }
  /** Facts with their names. */
  | { readonly kind: 'facts'; readonly rows: readonly (readonly [label: string, value: string])[] }
  | { readonly kind: 'table'; readonly heading: readonly string[]; readonly rows: readonly (readonly string[])[] };

const FACT = /^- \*\*(.*?)\*\*: (.*)$/;
const HEADING = /^(#{1,3}) (.*)$/;

/** Its blocks, from the top. */
export function readMarkdown(markdown: string): readonly Block[] {
  return markdown
    .split(/\n{2,}/)
    .map((block) => block.split('\n').filter((line) => line !== ''))
    .filter((lines) => lines.length > 0)
    .flatMap(blocksOf);
}

function blocksOf(lines: readonly string[]): readonly Block[] {
  const [first = ''] = lines;
  const heading = HEADING.exec(first);
  if (heading !== null) return [{ kind: 'heading', level: heading[1]?.length ?? 1, text: unescaped(heading[2] ?? '') }];
  if (first.startsWith('| ')) return [tableOf(lines)];
  const facts = lines.map((line) => FACT.exec(line));
  if (facts.every((fact) => fact !== null))
    return [{ kind: 'facts', rows: facts.map(([, label = '', value = '']) => [label, unescaped(value)] as const) }];
  return [{ kind: 'paragraph', lines: lines.map((line) => unescaped(line.trimEnd())) }];
}

function tableOf([heading = '', , ...rows]: readonly string[]): Block {
  return { kind: 'table', heading: cellsOf(heading), rows: rows.map(cellsOf) };
}

/** A bar behind a backslash is of a text. */
function cellsOf(row: string): readonly string[] {
  return row
    .slice(1, row.endsWith('|') ? -1 : undefined)
    .split(/(?<!\\)\|/)
    .map((cell) => unescaped(cell.trim()));
}

function unescaped(text: string): string {
  return text.replaceAll(/\\([!-/:-@[-`{-~])/g, '$1');
}
