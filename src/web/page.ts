/** The frame of every page without JavaScript, and its style. Text of people becomes markup in one place: here it is escaped. */
import type { Language } from './setup/language.ts';

export interface PageHead {
  readonly title: string;
  /** The page itself, up to the language in its query: `/setup?`. */
  readonly here: string;
}

/** How the other language calls itself. */
const OTHER: Readonly<Record<Language, string>> = { en: '日本語', ja: 'English' };

/** A page of these lines of HTML. */
export function page(language: Language, { title, here }: PageHead, lines: readonly string[]): string {
  const other = language === 'en' ? 'ja' : 'en';
  return [
    '<!DOCTYPE html>',
    `<html lang="${language}">`,
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escaped(title)}</title>`,
    '<link rel="stylesheet" href="/style.css">',
    '</head>',
    '<body>',
    `<nav><a href="${escaped(`${here}lang=${other}`)}" lang="${other}" hreflang="${other}">${OTHER[language]}</a></nav>`,
    '<main>',
    ...lines,
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** Text as it may stand in HTML, between tags and in quoted attributes. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
}

/** For pages without JavaScript; light and dark. */
export const STYLE = `:root {
  color-scheme: light dark;
  --ground: light-dark(oklch(99% 0.003 250), oklch(20% 0.01 250));
  --raised: light-dark(oklch(96% 0.005 250), oklch(25% 0.01 250));
  --line: light-dark(oklch(87% 0.008 250), oklch(36% 0.012 250));
  --text: light-dark(oklch(25% 0.015 250), oklch(92% 0.006 250));
  --text-quiet: light-dark(oklch(45% 0.015 250), oklch(74% 0.01 250));
  --accent: light-dark(oklch(47% 0.14 255), oklch(76% 0.11 255));
  --bad: light-dark(oklch(48% 0.17 27), oklch(74% 0.14 27));
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 16px 16px 48px; max-width: 760px;
  background: var(--ground); color: var(--text);
  font: 16px/1.45 system-ui, "Hiragino Sans", "Noto Sans JP", "Yu Gothic UI", sans-serif;
}
:lang(ja) { line-height: 1.7; }
nav { text-align: right; font-size: 14px; }
h1 { font-size: 28px; line-height: 1.2; margin: 24px 0 12px; }
h2 { font-size: 20px; margin: 32px 0 8px; }
p { max-width: 72ch; }
a { color: var(--accent); }
label { display: block; font-weight: 600; }
form { margin: 24px 0; }
input { width: 100%; max-width: 400px; margin: 4px 0 12px; display: block; }
input, button { font: inherit; padding: 8px 12px; border: 1px solid var(--line); border-radius: 6px; background: var(--raised); color: var(--text); }
input[aria-invalid] { border-color: var(--bad); }
button { background: var(--accent); color: var(--ground); border-color: var(--accent); cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.mistake { color: var(--bad); margin: 4px 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; }
dt { color: var(--text-quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 8px 12px 8px 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; color: var(--text-quiet); font-size: 14px; }
.note { border-left: 4px solid var(--accent); padding: 4px 12px; background: var(--raised); }
.quiet { color: var(--text-quiet); font-size: 14px; }
td form { margin: 0; }
td.name { overflow-wrap: anywhere; min-width: 12em; }
td button { white-space: nowrap; }
button.second { background: var(--raised); color: var(--text); border-color: var(--line); }
button[disabled] { background: var(--raised); color: var(--text-quiet); border-color: var(--line); cursor: not-allowed; }
`;
