/** One mail that waits: why, until when, who really gets it, what is attached, and what may be done. Never its content. */
import type { HeldRecipient, ShownMail } from '#/held/index.ts';
import { page } from '../page/frame.ts';
import { html, type Inner, type Markup, quoted } from '../page/markup.ts';
import { formatBytes, timeOf, type Watch } from '../page/times.ts';
import { badgeOf, buttonsOf, endOf, type Part, partsOf, subjectOf } from './parts.ts';
import { type Room, WORDS } from './words.ts';

export interface MailView {
  readonly mail: ShownMail;
  readonly formToken: string;
  readonly corner: Inner;
  readonly watch: Watch;
}

export function mailPage({ mail, formToken, corner, watch }: MailView): string {
  const { language } = watch;
  const words = WORDS[language];
  const room = roomOf(mail);
  const form = (part: Part): Markup => html`<form method="post" action="/held/act">
<input type="hidden" name="form" value="${formToken}">
<input type="hidden" name="id" value="${mail.id}">
${part.verdict !== null && html`<input type="hidden" name="verdict" value="${part.verdict}">`}
<input type="hidden" name="back" value="/${room}">
${actsOf(part, room, watch)}
</form>`;
  const main = html`<p class="up"><a href="/${room}">← ${words.room[room]}</a></p>
<h1 class="mail">${subjectOf(mail, watch)}</h1>
${partsOf(mail).map((part) => partOf(part, watch, form(part)))}
${factsOf(mail, watch)}`;
  const title = mail.subject.trim() === '' ? words.noSubject : mail.subject;
  return page({ language, title, here: `/held/${mail.id}`, corner, main });
}

/** The tray that it stands in. */
export function roomOf({ recipients }: Pick<ShownMail, 'recipients'>): Room {
  return recipients.some(({ state }) => state === 'approval') ? 'approvals' : 'held';
}

/** What waits by one verdict, with the acts on it. */
export function partOf({ first, recipients }: Part, watch: Watch, acts: Markup): Markup {
  const words = WORDS[watch.language];
  return html`<section class="part">
<p>${badgeOf(first, watch)} ${endOf(first, watch)}</p>
<p class="reason">${first.why[watch.language]}</p>
${approvalOf(first, watch)}
<h2>${words.recipients(recipients.length)}</h2>
<ul class="addresses">
${recipients.map(
  ({ address, original }) =>
    html`<li>${quoted(address)}${original !== null && html` <span class="help">${words.writtenAs} ${quoted(original)}</span>`}</li>
`,
)}</ul>
${acts}
</section>`;
}

function approvalOf({ approval }: HeldRecipient, watch: Watch): Markup | null {
  if (approval === null) return null;
  const words = WORDS[watch.language];
  const { by, deputies, least, agreed } = approval;
  const more = deputies.length > 0 && html` (${words.deputies}: ${deputies.join(', ')})`;
  return html`<dl>
<dt>${words.asked}</dt><dd>${by.join(', ')}${more}</dd>
${(least > 1 || agreed.length > 0) && html`<dt>${words.agreed}</dt><dd>${words.tally(agreed.length, least)} ${agreed.join(', ')}</dd>`}
</dl>`;
}

/** Comment and buttons; nothing where nothing may be done. */
export function actsOf({ may, saysWhy, verdict }: Part, room: Room, { language }: Watch): Markup | null {
  if (may.length === 0) return null;
  const words = WORDS[language];
  const id = `reason-${verdict ?? 'unknown'}`;
  return html`<label for="${id}">${saysWhy ? words.commentMust : words.comment}</label>
<input id="${id}" name="reason" maxlength="200" aria-describedby="${id}-help"${saysWhy && html` required`}>
<p class="help" id="${id}-help">${words.commentHelp[room]}</p>
<p class="acts">${buttonsOf(may, (verb) => words.verb[verb])}</p>
<ul class="help">${may.map(
    (verb) => html`<li><b>${words.verb[verb]}</b>: ${words.effect[verb]}</li>
`,
  )}</ul>`;
}

/** What the mail says of itself. */
export function factsOf(mail: ShownMail, watch: Watch): Markup {
  const words = WORDS[watch.language];
  const { fact } = words;
  const { header, attachments } = mail;
  const field = (text: string | undefined): Inner =>
    text === undefined ? html`<i>${words.unread}</i>` : text === '' ? '–' : quoted(text);
  return html`<dl class="facts">
<dt>${fact.from}</dt><dd>${field(header?.from)}</dd>
<dt>${fact.envelope}</dt><dd>${mail.from === null ? words.nobody : quoted(mail.from)}</dd>
<dt>${fact.to}</dt><dd>${field(header?.to)}</dd>
<dt>${fact.cc}</dt><dd>${field(header?.cc)}</dd>
<dt>${fact.attachments}</dt><dd>${attachments === null ? html`<i>${words.unread}</i>` : attachmentsOf(attachments, words.noAttachments)}</dd>
<dt>${fact.size}</dt><dd>${formatBytes(mail.size)}</dd>
<dt>${fact.received}</dt><dd>${timeOf(mail.receivedAt, watch)}</dd>
<dt>${fact.id}</dt><dd><code>${mail.id}</code></dd>
</dl>`;
}

function attachmentsOf(attachments: NonNullable<ShownMail['attachments']>, none: string): Inner {
  if (attachments.length === 0) return none;
  return html`<ul class="addresses">${attachments.map(
    ({ name, bytes }) => html`<li>${quoted(name)} <span class="help">${formatBytes(bytes)}</span></li>
`,
  )}</ul>`;
}

/** Where it does not wait, or is not theirs to see. */
export function gonePage({
  corner,
  watch,
  told,
}: {
  readonly corner: Inner;
  readonly watch: Watch;
  readonly told: Inner;
}): string {
  const { language } = watch;
  const words = WORDS[language];
  const main = html`<h1>${words.gone}</h1>
${told}
<p>${words.goneAbout}</p>
<p><a href="/held">${words.room.held}</a> · <a href="/approvals">${words.room.approvals}</a></p>`;
  return page({ language, title: words.gone, here: null, corner, main });
}
