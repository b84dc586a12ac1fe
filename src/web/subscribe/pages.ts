/** The pages of subscribers; no script, and nothing in them that was not ours or escaped. */
import { type ComponentId, componentName } from '#/model/index.ts';
import { page } from '../page/frame.ts';
import type { Language } from '../page/language.ts';
import { html, type Markup, quoted } from '../page/markup.ts';
import { WORDS } from './words.ts';

/** What the form lets people choose from, and what they have written and chosen. */
export interface Choice {
  readonly address: string;
  readonly webhook: string;
  readonly offered: readonly ComponentId[];
  readonly chosen: readonly ComponentId[];
}

/** Asks for an address, and for the parts that somebody wants to hear of; all where none is ticked. */
export function askPage(language: Language, choice: Choice, mistake: string | null): string {
  const words = WORDS[language];
  const main = html`<h1>${words.title}</h1>
<p>${words.about}</p>
${mistake !== null && html`<p class="told warn" role="alert">${mistake}</p>`}
<form method="post" action="/status/subscribe">
<label for="address">${words.address}</label>
<input id="address" name="address" type="email" autocomplete="email" maxlength="320" value="${choice.address}" required>
<label for="webhook">${words.webhook}</label>
<input id="webhook" name="webhook" type="url" maxlength="500" placeholder="https://" value="${choice.webhook}">
<p class="help">${words.webhookHelp}</p>
${components(choice, language)}
<button>${words.submit}</button>
</form>`;
  const query = new URLSearchParams(choice.chosen.map((one) => ['component', one])).toString();
  const here = `/status/subscribe${query === '' ? '' : `?${query}`}`;
  return page({ language, title: words.title, here, main });
}

function components({ offered, chosen }: Choice, language: Language): Markup | false {
  const all = [...offered, ...chosen.filter((one) => !offered.includes(one))];
  if (all.length === 0) return false;
  const boxes = all.map((one) => {
    const ticked = chosen.includes(one) && html` checked`;
    return html`<label class="tick"><input type="checkbox" name="component" value="${one}"${ticked}> ${quoted(componentName(one, language))}</label>
`;
  });
  return html`<fieldset><legend>${WORDS[language].only}</legend>
${boxes}</fieldset>`;
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
