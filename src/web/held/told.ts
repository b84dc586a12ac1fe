/**
 * What an act came to, carried to the next page: a POST answers with the way there, so that a reload repeats nothing. It travels in the query
 * with a MAC for this session, so that no link of somebody else's says what never happened.
 */
import type { HeldAnswer } from '#/held/index.ts';
import type { HeldVerb } from '#/model/index.ts';
import type { Language } from '../page/language.ts';
import { html, type Markup } from '../page/markup.ts';
import { formatWhy, type Why } from './why.ts';
import { WORDS, type Words } from './words.ts';

export type Told =
  | ({ readonly kind: 'done'; readonly verb: HeldVerb; readonly messages: number } & Pick<
      HeldAnswer,
      'recipients' | 'refused' | 'late' | 'more'
    >)
  /** Nothing was done. */
  | ({ readonly kind: 'no' } & Why)
  | { readonly kind: 'nothing selected' };

/** From the answer of the operation. */
export function toldOf(verb: HeldVerb, { recipients, messages, refused, late, more }: HeldAnswer): Told {
  return { kind: 'done', verb, messages: messages.length, recipients, refused, late, more };
}

/** The lines that say it. */
export function formatTold(told: Told, language: Language): Markup {
  const words = WORDS[language];
  if (told.kind === 'nothing selected') return line('warn', '!', words.chooseFirst);
  if (told.kind === 'no') return html`<p class="told warn" role="status">! ${formatWhy(told, language)}</p>`;
  const done = told.recipients > 0;
  const rest = restOf(told, words);
  return html`${done ? line('ok', '✓', words.done(told.verb, told.recipients, told.messages)) : line('warn', '!', words.nothing)}
${rest.map((text) => line('warn', '!', text))}`;
}

function restOf({ late, refused, more }: Extract<Told, { kind: 'done' }>, words: Words): readonly string[] {
  return [late > 0 && words.late(late), refused > 0 && words.refused(refused), more && words.notAll].filter(
    (text) => text !== false,
  );
}

function line(state: 'ok' | 'warn', mark: string, text: string): Markup {
  return html`<p class="told ${state}" role="status">${mark} ${text}</p>`;
}
