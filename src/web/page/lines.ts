/** Pages that are written line by line, each with its own escaping; `html` of `markup.ts` does that by itself. */
import { type Frame, page } from './frame.ts';
import type { Language } from './language.ts';
import { html, Markup } from './markup.ts';

/** A page of these lines of HTML. */
export function pageOfLines(language: Language, head: Pick<Frame, 'title' | 'here'>, lines: readonly string[]): string {
  return page({ ...head, language, main: new Markup([lines.join('\n')], []) });
}

/** Text as it may stand in HTML, between tags and in quoted attributes. */
export function escaped(text: string): string {
  return html`${text}`.toString();
}
