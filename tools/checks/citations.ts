/** Every RFC that the sources cite stands in docs/rfc/index.tsv; what that table calls full or partial is cited; its rows are well formed. */
import type { Finding } from '../lib/tree.ts';
import { filesOf, lineAt, textOf } from '../lib/tree.ts';

const INDEX = 'docs/rfc/index.tsv';
const STATUS = ['full', 'partial', 'planned', 'no'];
const CITATION = /\bRFCs? ?(\d{3,5})\b/g;

/** One place that cites an RFC; `sections` are those named with it. */
export type Citation = { file: string; line: number; rfc: string; sections: readonly string[]; text: string };

/** Citations that the index does not know, claims of the index that no code cites, and rows that can't be read. */
export function checkCitations(): Finding[] {
  const known = new Set(rows().map((row) => row[0]));
  const unknown = citations('src')
    .filter(({ rfc }) => !known.has(rfc))
    .map(({ file, line, rfc }) => ({ file, line, sentence: `RFC ${rfc} is not in ${INDEX}: add a row` }));
  return [...unknown, ...emptyClaims(), ...rows().flatMap(brokenRow)];
}

function emptyClaims(): Finding[] {
  const cited = new Set(citations('src').map(({ rfc }) => rfc));
  return rows().flatMap(([rfc = '', , status = ''], index) => {
    if (cited.has(rfc) || (status !== 'full' && status !== 'partial')) return [];
    return [{ file: INDEX, line: index + 2, sentence: `says ${status}, and no code cites RFC ${rfc}` }];
  });
}

/** All citations below the given folders: TypeScript and the documents beside it. */
export function citations(...prefixes: readonly string[]): Citation[] {
  return filesOf(...prefixes)
    .filter((file) => /\.(ts|md|sql)$/.test(file))
    .flatMap(citationsIn);
}

function citationsIn(file: string): Citation[] {
  const text = textOf(file);
  const lines = text.split('\n');
  return [...text.matchAll(CITATION)].map((match) => {
    const line = lineAt(text, match.index);
    const [from, own] = [match.index + match[0].length, lines[line - 1] ?? ''];
    return { file, line, rfc: match[1] ?? '', sections: sectionsAfter(text.slice(from, from + 80)), text: own.trim() };
  });
}

// `RFC 5321 §4.1.1.3, §4.5.5 and 4.2`: the sections that follow at once, up to the next word.
function sectionsAfter(rest: string): string[] {
  const run = /^(?:[\s,&]|and|§{1,2}|section|Appendix|[A-Z]?\d+(?:\.\d+)*(?!\d))+/i.exec(rest)?.[0] ?? '';
  if (!/§|section/i.test(run)) return [];
  return [...run.matchAll(/(?:[A-Z]\.)?\d+(?:\.\d+)*/g)].map((match) => match[0]);
}

function rows(): string[][] {
  const lines = textOf(INDEX).replace(/\n+$/, '').split('\n');
  return lines.slice(1).map((line) => line.split('\t'));
}

function brokenRow(row: readonly string[], index: number): Finding[] {
  const [rfc = '', title = '', status = ''] = row;
  const good = /^\d{1,5}$/.test(rfc) && title !== '' && STATUS.includes(status) && row.length === 4;
  const sentence = `wants four columns: number, title, one of ${STATUS.join('/')}, note (tabs between)`;
  return good ? [] : [{ file: INDEX, line: index + 2, sentence }];
}
