/** What both pages of waiting mail are made of. */
import type { HeldMail, HeldRecipient } from '#/held/index.ts';
import type { HeldVerb } from '#/model/index.ts';
import { html, type Markup, quoted } from '../page/markup.ts';
import { timeOf, type Watch } from '../page/times.ts';
import { type State, WORDS } from './words.ts';

/** In which order buttons stand: what most people want first, what can't be undone last. */
export const BUTTON_ORDER: readonly HeldVerb[] = ['release', 'approve', 'stop', 'reject', 'delete'];

/** What each verb does, for its colour: what can't be undone stands apart. */
const QUIET: ReadonlySet<HeldVerb> = new Set(['stop', 'delete', 'reject']);
const FINAL: ReadonlySet<HeldVerb> = new Set(['delete', 'reject']);

/** Whether it is asked about once more before it is done. */
export function isFinal(verb: HeldVerb): boolean {
  return FINAL.has(verb);
}

/** Recipients of one mail that wait by one verdict: what one sees and acts on together. */
export interface Part {
  /** Null where the verdict was not kept. */
  readonly verdict: string | null;
  readonly first: HeldRecipient;
  readonly recipients: readonly HeldRecipient[];
  /** What may be done to at least one of them. */
  readonly may: readonly HeldVerb[];
  readonly saysWhy: boolean;
}

/** In the order of the mail. */
export function partsOf({ recipients }: Pick<HeldMail, 'recipients'>): readonly Part[] {
  const groups = Map.groupBy(recipients, ({ verdict, state, reason }) => `${verdict} ${state} ${reason}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const may = BUTTON_ORDER.filter((verb) => group.some((one) => one.may.includes(verb)));
    const saysWhy = may.length > 0 && may.every((verb) => group.some((one) => one.saysWhy.includes(verb)));
    return [{ verdict: first.verdict, first, recipients: group, may, saysWhy }];
  });
}

export function subjectOf({ subject }: Pick<HeldMail, 'subject'>, { language }: Watch): Markup {
  return subject.trim() === '' ? html`<i>${WORDS[language].noSubject}</i>` : quoted(subject);
}

/** Its state, in colour, shape and word. */
export function badgeOf({ state, reason }: HeldRecipient, { language }: Watch): Markup {
  const name = stateOf(state, reason);
  const mark = { held: '◷', stopped: '◼', approval: '?' }[name];
  return html`<span class="badge ${name}">${mark} ${WORDS[language].state[name]}</span>`;
}

function stateOf(state: string, reason: string): State {
  if (state === 'approval') return 'approval';
  return reason === 'stopped by sender' ? 'stopped' : 'held';
}

/** Until when it waits, and what happens then. */
export function endOf({ until, atEnd }: HeldRecipient, watch: Watch): Markup | null {
  if (until === null) return null;
  const { sentAt, expiresAt } = WORDS[watch.language];
  return (atEnd === 'sent' ? sentAt : expiresAt)(timeOf(until, watch));
}

/** Buttons that do it to what the form around them means. */
export function buttonsOf(may: readonly HeldVerb[], label: (verb: HeldVerb) => string): Markup {
  return html`${may.map(
    (verb) =>
      html`<button name="verb" value="${verb}"${QUIET.has(verb) && html` class="${isFinal(verb) ? 'final' : 'quiet'}"`}>${label(verb)}</button>
`,
  )}`;
}
