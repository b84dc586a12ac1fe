/** Pages without JavaScript: what this is, and the settings of mail programs. */
import type { MailServices } from '#/announce/index.ts';
import type { MailAddress } from '#/model/index.ts';
import { page } from '../page/frame.ts';
import type { Language } from '../page/language.ts';
import { html, type Markup } from '../page/markup.ts';
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
  const main = html`<h1>${words.home}</h1>
<p>${words.homeAbout}</p>
<ul>
<li><a href="/held">${words.held}</a></li>
<li><a href="/setup">${words.setUp}</a></li>
<li><a href="/status">${words.status}</a></li>
</ul>`;
  return page({ language, title: words.home, here: '/', main });
}

/** The settings of an address, or the question for it. */
export function setupPage({ state, given, address, services, language }: SetupView): string {
  const words = WORDS[language];
  const mistake = state === 'no address' ? words.noAddress : state === 'not ours' ? words.notOurs : null;
  const query = given === '' ? '' : `?email=${encodeURIComponent(given.slice(0, ADDRESS_LENGTH_MAX))}`;
  const main = html`<h1>${words.title}</h1>
<p>${words.about}</p>
${form(words, given, mistake)}
${address !== null && settings(words, address, services)}`;
  return page({ language, title: words.title, here: `/setup${query}`, main });
}

/** RFC 5321 §4.5.3.1.3. */
const ADDRESS_LENGTH_MAX = 254;

function form(words: Words, given: string, mistake: string | null): Markup {
  const described = mistake !== null && html` aria-describedby="mistake" aria-invalid="true"`;
  const value = given.slice(0, ADDRESS_LENGTH_MAX);
  return html`<form method="get" action="/setup">
<label for="email">${words.address}</label>
${mistake !== null && html`<p class="mistake" id="mistake">✕ ${mistake}</p>`}
<input id="email" name="email" type="email" autocomplete="email" required maxlength="${ADDRESS_LENGTH_MAX}" value="${value}"${described}>
<button>${words.show}</button>
</form>`;
}

function settings(words: Words, address: MailAddress, services: MailServices): Markup {
  if (services.offered.length === 0) return html`<p>${words.nothing}</p>`;
  const rows = services.offered.map(({ protocol, security, port }) =>
    row([words.protocol[protocol], services.host, String(port), words.security[security]]),
  );
  return html`<h2>${words.settingsOf}</h2>
<dl>
<dt>${words.userName}</dt><dd><code>${address}</code></dd>
<dt>${words.password}</dt><dd>${words.passwordIs}</dd>
</dl>
<div class="wide"><table>
<thead><tr>${words.columns.map((title) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>${rows}</tbody>
</table></div>
<p>${words.programs}</p>
<p><a href="/apple.mobileconfig?email=${encodeURIComponent(address)}">${words.apple}</a><br>${words.appleAbout}</p>`;
}

function row(cells: readonly string[]): Markup {
  return html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>
`;
}
