/** Small files that Dovecot keeps in a Maildir. */
import { parseMaildirLevel } from './maildir-folder.ts';

/** `dovecot-keywords`: the keywords that the letters a to z of file names stand for. */
export function parseKeywords(text: string): readonly (string | undefined)[] {
  const keywords: (string | undefined)[] = [];
  for (const line of text.split('\n')) {
    const [, n, keyword] = /^(\d{1,2}) (\S+)$/.exec(line.trimEnd()) ?? [];
    if (keyword !== undefined) keywords[Number(n)] = keyword;
  }
  return keywords;
}

export function formatKeywords(keywords: readonly string[]): string {
  return keywords.map((keyword, n) => `${n} ${keyword}\n`).join('');
}

/** `subscriptions`, versions 1 (a name a line, levels parted by dots) and 2 (levels parted by tabs). */
export function parseSubscriptions(text: string): readonly (readonly string[])[] {
  const lines = text.split(/\r?\n/);
  const isSecond = lines[0] === 'V\t2';
  const names = (isSecond ? lines.slice(1) : lines).filter((line) => line !== '');
  return names.map((name) => name.split(isSecond ? '\t' : /[./]/).map(parseMaildirLevel));
}

/** Version 2, of names whose levels are given as file names have them. */
export function formatSubscriptions(names: readonly (readonly string[])[]): string {
  return `V\t2\n\n${names.map((levels) => `${levels.join('\t')}\n`).join('')}`;
}
