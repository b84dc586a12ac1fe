/** Why something was refused, in the language of the page where it is said in it. */
import type { Language } from '../page/language.ts';
import { html, type Markup } from '../page/markup.ts';

export interface Why {
  /** English. */
  readonly why: string;
  readonly ja: string | null;
}

export function formatWhy({ why, ja }: Why, language: Language): Markup {
  if (language === 'en') return html`${why}`;
  return ja === null ? html`<span lang="en">${why}</span>` : html`${ja}`;
}
