/** Changes of state as a list. */
import { COMPONENT_KINDS, type ComponentKind, type StateChange } from '#/model/index.ts';
import { html, type Markup } from '../page/markup.ts';
import { timeOf, type Watch } from '../page/times.ts';
import type { Words } from './words.ts';

/** Null where there is none. */
export function changesList(changes: readonly StateChange[], watch: Watch, words: Words): Markup | null {
  if (changes.length === 0) return null;
  const items = changes.map(
    (change) => html`<li>${timeOf(new Date(change.at).toISOString(), watch)}<div>${titleOf(change, words)}
${change.reasons.map(({ text }) => html`<p>${text[watch.language]}</p>`)}</div></li>
`,
  );
  return html`<ul class="changes">
${items}</ul>`;
}

/** One change in a line. */
export function titleOf({ component, from, to }: StateChange, words: Words): string {
  return words.went(nameOf(component, words), words.state[from], words.state[to]);
}

/** Of a component of another release the id. */
export function nameOf(component: string, words: Words): string {
  const kind = component.slice(component.indexOf('.') + 1);
  return isKind(kind) ? words.kind[kind] : component;
}

function isKind(text: string): text is ComponentKind {
  return COMPONENT_KINDS.some((kind) => kind === text);
}
