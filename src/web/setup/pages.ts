/** Pages without JavaScript: what this is, and the settings of mail programs. */
import type { MailServices } from '#/announce/index.ts';
import type { MailAddress } from '#/model/index.ts';
import type { Language } from './language.ts';
import { WORDS, type Words } from './words.ts';

export interface SetupView {
  readonly state: 'asks' | 'no address' | 'not ours' | 'shows';
  /** As it was typed. */
  readonly given: string;
  readonly address: MailAddress | null;
  readonly services: MailServices;
  readonly language: Language;
}

/** What stands at `/`. */
export function homePage(language: Language): string {
  const words = WORDS[language];
  return page(language, words.home, '/?', [
    `<h1>${escaped(words.home)}</h1>`,
    `<p>${escaped(words.homeAbout)}</p>`,
    `<p><a href="/setup?lang=${language}">${escaped(words.setUp)}</a></p>`,
  ]);
}

/** The settings of an address, or the question for it. */
export function setupPage({ state, given, address, services, language }: SetupView): string {
  const words = WORDS[language];
  const mistake = state === 'no address' ? words.noAddress : state === 'not ours' ? words.notOurs : null;
  const query = given === '' ? '' : `email=${encodeURIComponent(given.slice(0, ADDRESS_LENGTH_MAX))}&`;
  return page(language, words.title, `/setup?${query}`, [
    `<h1>${escaped(words.title)}</h1>`,
    `<p>${escaped(words.about)}</p>`,
    ...form(words, language, given, mistake),
    ...(address === null ? [] : settings(words, address, services)),
  ]);
}

/** RFC 5321 §4.5.3.1.3. */
const ADDRESS_LENGTH_MAX = 254;

function form(words: Words, language: Language, given: string, mistake: string | null): readonly string[] {
  const described = mistake === null ? '' : ' aria-describedby="mistake" aria-invalid="true"';
  return [
    '<form method="get" action="/setup">',
    `<input type="hidden" name="lang" value="${language}">`,
    `<label for="email">${escaped(words.address)}</label>`,
    ...(mistake === null ? [] : [`<p class="mistake" id="mistake">✕ ${escaped(mistake)}</p>`]),
    `<input id="email" name="email" type="email" autocomplete="email" required maxlength="${ADDRESS_LENGTH_MAX}" value="${escaped(given.slice(0, ADDRESS_LENGTH_MAX))}"${described}>`,
    `<button>${escaped(words.show)}</button>`,
    '</form>',
  ];
}

function settings(words: Words, address: MailAddress, services: MailServices): readonly string[] {
  if (services.offered.length === 0) return [`<p>${escaped(words.nothing)}</p>`];
  const rows = services.offered.map(({ protocol, security, port }) =>
    row([words.protocol[protocol], services.host, String(port), words.security[security]]),
  );
  const profile = `/apple.mobileconfig?email=${encodeURIComponent(address)}`;
  return [
    `<h2>${escaped(words.settingsOf)}</h2>`,
    '<dl>',
    `<dt>${escaped(words.userName)}</dt><dd><code>${escaped(address)}</code></dd>`,
    `<dt>${escaped(words.password)}</dt><dd>${escaped(words.passwordIs)}</dd>`,
    '</dl>',
    '<div class="wide"><table>',
    `<thead><tr>${words.columns.map((title) => `<th scope="col">${escaped(title)}</th>`).join('')}</tr></thead>`,
    `<tbody>${rows.join('\n')}</tbody>`,
    '</table></div>',
    `<p>${escaped(words.programs)}</p>`,
    `<p><a href="${escaped(profile)}">${escaped(words.apple)}</a><br>${escaped(words.appleAbout)}</p>`,
  ];
}

function row(cells: readonly string[]): string {
  return `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`;
}

/** `here` is the page itself, up to the language in its query. */
function page(language: Language, title: string, here: string, lines: readonly string[]): string {
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
    `<nav><a href="${escaped(`${here}lang=${other}`)}" lang="${other}" hreflang="${other}">${WORDS[language].other}</a></nav>`,
    '<main>',
    ...lines,
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function escaped(text: string): string {
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
`;
