/** Pages without JavaScript: what this is, and the settings of mail programs. */
import type { MailServices } from '#/announce/index.ts';
import type { MailAddress } from '#/model/index.ts';
import { escaped, page } from '../page.ts';
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
  return page(language, { title: words.home, here: '/?' }, [
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
  return page(language, { title: words.title, here: `/setup?${query}` }, [
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
