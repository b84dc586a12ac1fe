/** The pages of subscribers; no script, and nothing in them that was not ours or escaped. */
import { page } from '../page/frame.ts';
import type { Language } from '../page/language.ts';
import { html, quoted } from '../page/markup.ts';
import { WORDS } from './words.ts';

/** Asks for an address; `components` were chosen on the page before. */
export function askPage(language: Language, components: readonly string[], mistake: string | null): string {
  const words = WORDS[language];
  const main = html`<h1>${words.title}</h1>
<p>${words.about}</p>
${mistake !== null && html`<p class="told warn" role="alert">${mistake}</p>`}
<form method="post" action="/status/subscribe">
<label for="address">${words.address}</label>
<input id="address" name="address" type="email" autocomplete="email" maxlength="320" required>
<label for="webhook">${words.webhook}</label>
<input id="webhook" name="webhook" type="url" maxlength="500" placeholder="https://">
<p class="help">${words.webhookHelp}</p>
${components.length > 0 && html`<p>${words.only}: ${quoted(components.join(', '))}</p>`}
${components.map((one) => html`<input type="hidden" name="component" value="${one}">`)}
<button>${words.submit}</button>
</form>`;
  return page({ language, title: words.title, here: '/status/subscribe', main });
}

/** One sentence, and the way back. */
export function saidPage(language: Language, title: string, text: string): string {
  const main = html`<h1>${title}</h1>
<p>${text}</p>
<p><a href="/status">${WORDS[language].back}</a></p>`;
  return page({ language, title, here: null, main });
}

/** What a link is for, and the button that does it: a GET changes nothing, for scanners follow links. */
export function linkPage(language: Language, verb: 'confirm' | 'unsubscribe', here: string): string {
  const words = WORDS[language][verb];
  const main = html`<h1>${words.title}</h1>
<p>${words.about}</p>
<form method="post" action="${here}"><button>${words.act}</button></form>`;
  return page({ language, title: words.title, here, main });
}
