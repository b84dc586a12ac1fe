/** What stands around a status page. The same page is served and written out as a file: where things are is all that differs. */
import type { Language } from '../page/language.ts';
import { html, type Inner } from '../page/markup.ts';

/** Where things are, seen from a page. */
export interface Places {
  /** Begin of links to other status pages: `/status/`, or a relative one. */
  readonly base: string;
  readonly styles: readonly string[];
  /** The same page in the other language. */
  readonly other: string;
  /** Where people ask to be told. */
  readonly subscribe: string;
  /** Ends links to pages in the language of this one; empty where the language is remembered. */
  readonly page: (name: 'index' | 'history') => string;
}

export interface StatusFrame {
  readonly language: Language;
  readonly title: string;
  readonly name: string;
  readonly places: Places;
  readonly main: Inner;
  readonly foot: Inner;
  /** Seconds after which a browser looks again. */
  readonly again: number | null;
}

const NAMES: Readonly<Record<Language, string>> = { en: 'English', ja: '日本語' };

/** A whole page. */
export function statusFrame({ language, title, name, places, main, foot, again }: StatusFrame): string {
  const other = language === 'en' ? 'ja' : 'en';
  return html`<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
${again !== null && html`<meta http-equiv="refresh" content="${again}">`}
<title>${title}</title>
${places.styles.map((href) => html`<link rel="stylesheet" href="${href}">`)}
<link rel="alternate" type="application/atom+xml" href="${places.base}history.atom">
<link rel="alternate" type="application/rss+xml" href="${places.base}history.rss">
</head>
<body class="status">
<header><b>${name}</b><a href="${places.other}" lang="${other}" hreflang="${other}">${NAMES[other]}</a></header>
<main>
${main}
</main>
<footer>
${foot}
</footer>
</body>
</html>
`.toString();
}
