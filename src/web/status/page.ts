/** The status page: the answer first, then each component, what waits, how long it takes, what changed; who runs it last. */
import type { ComponentView, FlowView, StatusView } from '#/model/index.ts';
import { uptimeOf } from '#/status/index.ts';
import { html, type Markup, quoted } from '../page/markup.ts';
import { fullTimeOf, timeOf, type Watch } from '../page/times.ts';
import { barsOf, SHOWN_DAYS } from './bars.ts';
import { changesList } from './changes.ts';
import { type Places, statusFrame } from './frame.ts';
import { incidentCard, openIncidents } from './incidents.ts';
import { formatMs, plotOf } from './plots.ts';
import { formatSpan } from './spans.ts';
import { indicatorOf, isIll, MARKS } from './whole.ts';
import { WORDS, type Words } from './words.ts';

export interface PageParts {
  readonly view: StatusView;
  readonly watch: Watch;
  readonly places: Places;
  /** Whom to ask. */
  readonly contact: string;
}

const WEEK_MS = 7 * 86_400_000;
const RECENT_MAX = 8;
/** What is older than some looks was not measured of late. */
const STALE_MS = 90_000;
const AGAIN_SECONDS = 60;

/** The page of now. */
export function statusPage(parts: PageParts): string {
  const { view, watch, places } = parts;
  const words = WORDS[watch.language];
  const main = html`${whole(parts, words)}
${openIncidents(view.incidents).map((one) => incidentCard(one, watch, words))}
<h2>${words.components}</h2>
<ul class="parts">
${view.components.map((one) => component(one, watch, words))}
</ul>
<h2>${words.flow}</h2>
${flow(view.flow, watch, words)}
${view.stages.length > 0 && stages(view, watch, words)}
<h2>${words.recent}</h2>
${changesList(recent(view, watch), watch, words) ?? html`<p class="quiet">${words.quietDays}</p>`}`;
  const { language } = watch;
  return statusFrame({
    ...{ language, places, main, name: view.name, title: words.title(view.name), again: AGAIN_SECONDS },
    foot: html`<p><a href="${places.page('history')}">${words.history}</a><a href="${places.subscribe}">${words.subscribe}</a>${feedLinks(places)}</p>
${whoRuns(parts, words)}`,
  });
}

/** Links for programs. */
export function feedLinks({ base }: Places): Markup {
  return html`<a href="${base}history.rss">RSS</a><a href="${base}history.atom">Atom</a><a href="${base}api/v2/summary.json">JSON</a>`;
}

/** Who makes the page, and whom to ask. */
export function whoRuns({ view, contact }: Pick<PageParts, 'view' | 'contact'>, words: Words): Markup {
  return html`<p>${words.runBy(view.name)} ${words.reach}: ${quoted(contact)}</p>`;
}

function whole({ view, watch }: PageParts, words: Words): Markup {
  const indicator = indicatorOf(view.components);
  const ageMs = watch.now - view.at;
  const stale = ageMs > STALE_MS && html`<p class="told warn">${words.stale(Math.round(ageMs / 60_000))}</p>`;
  return html`<div class="whole ${indicator}"><span class="mark">${MARKS[indicator]}</span><div>
<h1>${words.indicator[indicator]}</h1>
<p>${words.measured} ${fullTimeOf(view.at, watch)}</p>
</div></div>
${stale}`;
}

function component({ kind, state, since, reasons, days }: ComponentView, watch: Watch, words: Words): Markup {
  const up = uptimeOf(days);
  const uptime = up === null ? words.unwatched : words.uptime(formatPercent(up));
  const name = words.kind[kind];
  const from = isIll(state) && html` · ${words.since} ${momentOf(since, watch)}`;
  return html`<li>
<div class="line"><b>${name}</b><span>${words.about[kind]}</span><span class="state ${state}">${MARKS[state]} ${words.state[state]}${from}</span></div>
${reasons.map(({ text }) => html`<p class="why">${text[watch.language]}</p>`)}
${barsOf({ days, state }, watch.now, words.bars(name, uptime), words)}
<div class="scale"><span>${words.daysAgo(SHOWN_DAYS)}</span><span>${uptime}</span><span>${words.today}</span></div>
</li>
`;
}

function flow(view: FlowView | null, watch: Watch, words: Words): Markup {
  if (view === null) return html`<p class="quiet">${words.unknown}</p>`;
  const { waiting, oldestMs, drainMs, arrivedPerMinute, leftPerMinute } = view;
  const through = waiting === 0 ? '–' : drainMs === null ? words.noForecast : throughBy(drainMs, watch, words);
  return html`<dl class="flow">
<div><dt>${words.waiting}</dt><dd>${waiting === 0 ? words.nothingWaits : formatCount(waiting)}</dd></div>
<div><dt>${words.oldest}</dt><dd>${oldestMs === null ? words.nothingDue : formatSpan(oldestMs, watch.language)}</dd></div>
<div><dt>${words.forecast}</dt><dd>${through}</dd></div>
</dl>
<p class="quiet">${words.pace(formatPace(arrivedPerMinute), formatPace(leftPerMinute))}</p>`;
}

function throughBy(drainMs: number, watch: Watch, words: Words): string {
  return words.throughBy(formatSpan(drainMs, watch.language), clockOf(watch.now + drainMs, watch));
}

function stages({ stages: all }: StatusView, watch: Watch, words: Words): Markup {
  const rows = all.map(({ stage, points }) => {
    const last = points.at(-1);
    const worst = Math.max(...points.map(({ p95 }) => p95));
    return html`<tr><td>${words.stage[stage]}</td><td>${formatMs(last?.p50 ?? 0)}</td><td>${formatMs(last?.p95 ?? 0)}</td><td>${formatMs(worst)}</td></tr>
`;
  });
  return html`<h2>${words.seconds}</h2>
<p class="quiet">${words.secondsAbout}</p>
<div class="plots">
${all.map((one) => plotOf(one, watch.now, words))}
</div>
<details><summary>${words.figures}</summary>
<div class="wide"><table><thead><tr><th></th><th scope="col">${words.usual}</th><th scope="col">${words.slowest}</th><th scope="col">${words.worst}</th></tr></thead>
<tbody>${rows}</tbody></table></div>
</details>`;
}

function recent({ changes }: StatusView, { now }: Watch) {
  return changes.filter(({ at }) => now - at < WEEK_MS).slice(0, RECENT_MAX);
}

function momentOf(at: number, watch: Watch): Markup {
  return timeOf(new Date(at).toISOString(), watch);
}

function clockOf(at: number, { language, timezone }: Watch): string {
  const form = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: timezone } as const;
  return new Intl.DateTimeFormat(language === 'ja' ? 'ja-JP' : 'en-GB', form).format(at);
}

/** As many figures as the difference needs; never 100 where something was out. */
export function formatPercent(part: number): string {
  if (part === 1) return '100';
  return (Math.floor(part * 100_000) / 1_000).toFixed(part > 0.999 ? 3 : 2);
}

function formatPace(perMinute: number): string {
  return perMinute < 10 ? String(Math.round(perMinute * 10) / 10) : formatCount(Math.round(perMinute));
}

function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
