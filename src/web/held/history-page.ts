/** What became of mail that waited: a row a mail, newest first, with what was done to it and by whom. */
import type { PastMail } from '#/held/index.ts';
import { page } from '../page/frame.ts';
import { html, type Inner, type Markup, quoted } from '../page/markup.ts';
import { timeOf, type Watch } from '../page/times.ts';
import { HISTORY_WORDS, type HistoryTray } from './history-words.ts';
import { subjectOf } from './parts.ts';
import { WORDS } from './words.ts';

export interface HistoryView {
  readonly tray: HistoryTray;
  readonly trays: readonly HistoryTray[];
  readonly tenantName: string;
  readonly mails: readonly PastMail[];
  /** The way to what comes behind. */
  readonly next: string | null;
  readonly corner: Inner;
  readonly watch: Watch;
}

/** Where a tray of it stands. */
export function historyPath(tray: HistoryTray, after: string | null = null): string {
  const query = new URLSearchParams({ tray, ...(after !== null && { after }) });
  return `/held/history?${query.toString()}`;
}

export function historyPage({ tray, trays, tenantName, mails, next, corner, watch }: HistoryView): string {
  const { language } = watch;
  const words = HISTORY_WORDS[language];
  const name = (one: HistoryTray): string => (one === 'all' ? words.all(tenantName) : words.tray[one]);
  const main = html`<h1>${words.title}</h1>
<div class="tabs">
<a href="/held">${WORDS[language].room.held}</a>
<a href="/approvals">${WORDS[language].room.approvals}</a>
<a href="${historyPath('mine')}" aria-current="page">${words.title}</a></div>
<div class="tabs small">
${trays.map(
  (one) => html`<a href="${historyPath(one)}"${one === tray && html` aria-current="page"`}>${name(one)}</a>
`,
)}</div>
<p class="help">${words.about}</p>
${mails.length === 0 ? html`<p class="empty">${words.empty}</p>` : table(mails, watch)}
${next !== null && html`<p><a href="${next}">${words.next}</a></p>`}`;
  return page({ language, title: words.title, here: historyPath(tray), corner, wide: true, main });
}

function table(mails: readonly PastMail[], watch: Watch): Markup {
  const { column } = HISTORY_WORDS[watch.language];
  return html`<div class="wide"><table class="mails">
<thead><tr><th scope="col">${column.mail}</th><th scope="col">${column.to}</th><th scope="col">${column.deeds}</th></tr></thead>
<tbody>
${mails.map((mail) => row(mail, watch))}</tbody>
</table></div>`;
}

const SHOWN_RECIPIENTS = 5;

function row(mail: PastMail, watch: Watch): Markup {
  const { language } = watch;
  const words = HISTORY_WORDS[language];
  const { from, recipients, deeds } = mail;
  const more = recipients.length - SHOWN_RECIPIENTS;
  return html`<tr>
<td>${subjectOf(mail, watch)}<br><span class="help">${from === null ? WORDS[language].nobody : quoted(from)} · <code>${mail.id}</code></span></td>
<td>${recipients
    .slice(0, SHOWN_RECIPIENTS)
    .map(
      ({ address, state }) => html`${quoted(address)} <span class="help">${words.state[state]}</span><br>`,
    )}${more > 0 && html`<span class="help">${WORDS[language].more(more)}</span>`}</td>
<td>${deeds.map((deed) => deedOf(deed, watch))}</td>
</tr>
`;
}

function deedOf({ at, what, by, rule, detail }: PastMail['deeds'][number], watch: Watch): Markup {
  const words = HISTORY_WORDS[watch.language];
  // Of a rule it says why, in the words of the journal; of a person what they said.
  const said = detail === '' ? null : html` <bdi lang="${by === null ? 'en' : 'und'}">${detail}</bdi>`;
  const about = by !== null ? words.by(by) : rule !== null ? words.rule(rule) : '';
  return html`<p class="reason">${timeOf(at, watch)} <b>${words.deed[what]}</b> <span class="help">${about}${said}</span></p>`;
}
