/** What is shown where nothing was ever measured. */
import type { Language } from '../page/language.ts';
import { html } from '../page/markup.ts';
import { type Places, statusFrame } from './frame.ts';
import { WORDS } from './words.ts';

export function awayPage({ language, places }: { readonly language: Language; readonly places: Places }): string {
  const words = WORDS[language];
  const main = html`<h1>${words.away}</h1>
<p>${words.awayAbout}</p>`;
  return statusFrame({ language, places, main, name: '', title: words.away, foot: null, again: 30 });
}
