/** What stands around every page: head, switch of the language, who is signed in. No script, one stylesheet. */
import type { Language } from './language.ts';
import { html, type Inner, type Markup } from './markup.ts';

export interface Frame {
  readonly language: Language;
  readonly title: string;
  /** The page itself, path and query, without the language; null where it can't be asked for again, such as behind a POST. */
  readonly here: string | null;
  /** Stands in the corner beside the switch, such as who is signed in. */
  readonly corner?: Inner;
  /** A wide page is for work; a narrow one for reading. */
  readonly wide?: boolean;
  readonly main: Inner;
  /** Where the browser goes by itself at once. */
  readonly refresh?: string;
}

const NAMES: Readonly<Record<Language, string>> = { en: 'English', ja: '日本語' };

/** A whole page. */
export function page({ language, title, here, corner = null, wide = false, main, refresh }: Frame): string {
  const whole = html`<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
${refresh !== undefined && html`<meta http-equiv="refresh" content="0;url=${refresh}">`}
<title>${title}</title>
<link rel="stylesheet" href="/style.css">
</head>
<body${wide && html` class="work"`}>
<nav>${corner}${here !== null && switchTo(language === 'en' ? 'ja' : 'en', here)}</nav>
<main>
${main}
</main>
</body>
</html>
`;
  return whole.toString();
}

function switchTo(other: Language, here: string): Markup {
  const href = `${here}${here.includes('?') ? '&' : '?'}lang=${other}`;
  return html`<a href="${href}" lang="${other}" hreflang="${other}">${NAMES[other]}</a>`;
}
