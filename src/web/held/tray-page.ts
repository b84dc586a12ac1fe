/** A tray: the mail that waits, with what may be done to several at once. */
import type { HeldMail } from '#/held/index.ts';
import type { HeldVerb } from '#/model/index.ts';
import { page } from '../page/frame.ts';
import { html, type Inner, type Markup, quoted } from '../page/markup.ts';
import type { Watch } from '../page/times.ts';
import { historyPath } from './history-page.ts';
import { HISTORY_WORDS } from './history-words.ts';
import { BUTTON_ORDER, badgeOf, buttonsOf, endOf, partsOf, subjectOf } from './parts.ts';
import { formatTold, type Told } from './told.ts';
import { formatWhy, type Why } from './why.ts';
import { type Room, WORDS } from './words.ts';

export type TrayName = 'mine' | 'team' | 'approve' | 'all';

export interface TrayView {
  readonly room: Room;
  readonly tray: TrayName;
  readonly trays: readonly TrayName[];
  readonly tenantName: string;
  /** As it was typed. */
  readonly filter: string;
  /** Where the list can't be given: why. */
  readonly mistake: Why | null;
  readonly mails: readonly HeldMail[];
  /** The way to what comes behind. */
  readonly next: string | null;
  readonly told: Told | null;
  readonly formToken: string;
  readonly corner: Inner;
  readonly watch: Watch;
}

/** Verbs of each page; the others' mail is not there. */
const VERBS: Readonly<Record<Room, readonly HeldVerb[]>> = {
  held: ['release', 'stop', 'delete'],
  approvals: ['approve', 'reject', 'delete'],
};

/** Where a tray stands. */
export function trayPath(room: Room, tray: TrayName, more: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams({ tray, ...more });
  return `/${room}?${query.toString()}`;
}

export function trayPage(view: TrayView): string {
  const { room, tray, filter, mistake, mails, told, watch, corner } = view;
  const { language } = watch;
  const words = WORDS[language];
  const main = html`<h1>${words.room[room]}</h1>
${told !== null && formatTold(told, language)}
${trays(view)}
<form class="search" method="get" action="/${room}">
<input type="hidden" name="tray" value="${tray}">
<label for="q">${words.filter}</label>
<input id="q" name="q" type="search" value="${filter}" maxlength="500" aria-describedby="q-help">
<button class="quiet">${words.find}</button>
<p class="help" id="q-help">${words.filterHelp}</p>
</form>
${mistake !== null && html`<p class="mistake" role="status">✕ ${formatWhy(mistake, language)}</p>`}
${mails.length > 0 ? list(view) : mistake === null && html`<p class="empty">${filter === '' ? words.empty[room] : words.none}</p>`}
${view.next !== null && html`<p><a href="${view.next}">${words.next}</a></p>`}`;
  const here = trayPath(room, tray, filter === '' ? {} : { q: filter });
  return page({ language, title: words.room[room], here, corner, wide: true, main });
}

/** The two rooms, and the trays of this one. */
function trays({ room, tray, trays: all, tenantName, watch }: TrayView): Markup {
  const words = WORDS[watch.language];
  const name = (one: TrayName): string => (one === 'all' ? words.all(tenantName) : words.tray[one]);
  const link = (href: string, text: string, isHere: boolean): Markup =>
    html`<a href="${href}"${isHere && html` aria-current="page"`}>${text}</a>
`;
  return html`<div class="tabs">
${(['held', 'approvals'] as const).map((one) => link(`/${one}`, words.room[one], one === room))}${link(historyPath('mine'), HISTORY_WORDS[watch.language].title, false)}</div>
${
  all.length > 1 &&
  html`<div class="tabs small">
${all.map((one) => link(trayPath(room, one), name(one), one === tray))}</div>`
}`;
}

function list({ room, mails, formToken, watch, tray }: TrayView): Markup {
  const words = WORDS[watch.language];
  const may = BUTTON_ORDER.filter((verb) => VERBS[room].includes(verb) && mails.some((mail) => mayTo(mail, verb)));
  const saysWhy = mails.some(({ recipients }) => recipients.some((one) => one.saysWhy.length > 0));
  return html`<form method="post" action="/held/act">
<input type="hidden" name="form" value="${formToken}">
<input type="hidden" name="back" value="${trayPath(room, tray)}">
<div class="wide"><table class="mails">
<thead><tr><th></th><th scope="col">${words.column.mail}</th><th scope="col">${words.column.to}</th><th scope="col">${words.column.state}</th></tr></thead>
<tbody>
${mails.map((mail) => row(mail, room, watch))}</tbody>
</table></div>
${
  may.length > 0 &&
  html`<fieldset>
<legend>${words.selected}</legend>
<label for="reason">${words.comment}</label>
<input id="reason" name="reason" maxlength="200" aria-describedby="reason-help">
<p class="help" id="reason-help">${words.commentHelp[room]}${saysWhy && ` ${words.commentForOthers}`}</p>
<p class="acts">${buttonsOf(may, (verb) => words.verb[verb])}</p>
</fieldset>`
}
</form>`;
}

function mayTo({ recipients }: HeldMail, verb: HeldVerb): boolean {
  return recipients.some(({ may }) => may.includes(verb));
}

const SHOWN_RECIPIENTS = 3;

function row(mail: HeldMail, room: Room, watch: Watch): Markup {
  const words = WORDS[watch.language];
  const { id, from, recipients } = mail;
  const parts = partsOf(mail);
  const more = recipients.length - SHOWN_RECIPIENTS;
  const canTick = VERBS[room].some((verb) => mayTo(mail, verb));
  return html`<tr>
<td>${canTick && html`<input type="checkbox" name="id" value="${id}" aria-label="${words.select(mail.subject)}">`}</td>
<td><a class="subject" href="/held/${id}">${subjectOf(mail, watch)}</a><br><span class="help">${from === null ? words.nobody : quoted(from)}</span></td>
<td>${recipients.slice(0, SHOWN_RECIPIENTS).map(({ address }) => html`${quoted(address)}<br>`)}${more > 0 && html`<span class="help">${words.more(more)}</span>`}</td>
<td>${parts.map(
    ({ first }) => html`${badgeOf(first, watch)} <span class="help">${endOf(first, watch)}</span>
<p class="reason">${first.why[watch.language]}</p>`,
  )}</td>
</tr>
`;
}
