/** `/status/history`: what changed, newest first. */
import { isOver, type StateChange } from '#/model/index.ts';
import { html } from '../page/markup.ts';
import { changesList } from './changes.ts';
import { statusFrame } from './frame.ts';
import { incidentCard } from './incidents.ts';
import { feedLinks, type PageParts, whoRuns } from './page.ts';
import { WORDS } from './words.ts';

/** The page, of the changes that are known. */
export function historyPage(parts: PageParts & { readonly changes: readonly StateChange[] }): string {
  const { view, watch, places, changes } = parts;
  const words = WORDS[watch.language];
  const over = view.incidents.filter(isOver);
  const main = html`<h1>${words.history}</h1>
${
  over.length > 0 &&
  html`<h2>${words.past}</h2>
${over.map((one) => incidentCard(one, watch, words))}
<h2>${words.changes}</h2>`
}
<p class="quiet">${words.historyAbout}</p>
${changesList(changes, watch, words) ?? html`<p class="empty">${words.quietDays}</p>`}`;
  return statusFrame({
    ...{ language: watch.language, places, main, name: view.name, again: null },
    title: `${words.history} – ${words.title(view.name)}`,
    foot: html`<p><a href="${places.page('index')}">${words.back}</a><a href="${places.subscribe}">${words.subscribe}</a>${feedLinks(places)}</p>
${whoRuns(parts, words)}`,
  });
}
