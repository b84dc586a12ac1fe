/** What can't be undone is asked about once more, with what it hits. */
import type { HeldVerb } from '#/model/index.ts';
import { page } from '../page/frame.ts';
import { html, type Inner, quoted } from '../page/markup.ts';
import type { Watch } from '../page/times.ts';
import { type Room, WORDS } from './words.ts';

export interface SureView {
  readonly verb: HeldVerb;
  readonly room: Room;
  readonly ids: readonly string[];
  /** Subjects of the first ones, as far as they could be read. */
  readonly subjects: readonly string[];
  readonly reason: string;
  readonly verdict: string | null;
  readonly back: string;
  readonly formToken: string;
  readonly corner: Inner;
  readonly watch: Watch;
}

export function surePage(view: SureView): string {
  const { verb, room, ids, subjects, reason, verdict, back, formToken, corner, watch } = view;
  const { language } = watch;
  const words = WORDS[language];
  const more = ids.length - subjects.length;
  const main = html`<h1>${words.sure(verb, ids.length)}</h1>
<ul>${subjects.map(
    (subject) => html`<li>${subject.trim() === '' ? words.noSubject : quoted(subject)}</li>
`,
  )}${more > 0 && html`<li>${words.more(more)}</li>`}</ul>
<p>${words.effect[verb]}</p>
<form method="post" action="/held/act">
<input type="hidden" name="form" value="${formToken}">
<input type="hidden" name="sure" value="yes">
<input type="hidden" name="back" value="${back}">
${ids.map(
  (id) => html`<input type="hidden" name="id" value="${id}">
`,
)}${verdict !== null && html`<input type="hidden" name="verdict" value="${verdict}">`}
<label for="reason">${words.comment}</label>
<input id="reason" name="reason" maxlength="200" value="${reason}" aria-describedby="reason-help">
<p class="help" id="reason-help">${words.commentHelp[room]}</p>
<p class="acts"><button name="verb" value="${verb}" class="final">${words.verbMany(verb, ids.length)}</button> <a href="${back}">${words.back}</a></p>
</form>`;
  return page({ language, title: words.sure(verb, ids.length), here: null, corner, main });
}
