/** Incidents and planned work on the status pages: what runs now stands first, what is over in the history. Texts are people's, and escaped. */
import { type Incident, inLanguage, isOver, isOverdue } from '#/model/index.ts';
import { html, type Markup } from '../page/markup.ts';
import { timeOf, type Watch } from '../page/times.ts';
import { nameOf } from './changes.ts';
import { MARKS } from './whole.ts';
import type { Words } from './words.ts';

const UPDATES_SHOWN = 3;

/** What is not over: trouble, and work that is planned or under way. */
export function openIncidents(incidents: readonly Incident[]): readonly Incident[] {
  return incidents.filter((one) => !isOver(one));
}

/** One as a card: its title and phase, what it touches, advice, promise, and the last that was told. */
export function incidentCard(incident: Incident, watch: Watch, words: Words): Markup {
  const { language, now } = watch;
  const {
    title,
    phase,
    components,
    affected,
    startedAt,
    endedAt,
    resolvedAt,
    advice,
    tail,
    nextUpdateAt,
    scheduledFor,
    scheduledUntil,
    updates,
  } = incident;
  const look = scheduledFor === null ? incident.impact : 'maintenance';
  const say = (at: number): Markup => timeOf(new Date(at).toISOString(), watch);
  const isEnded = isOver(incident);
  // Where all is well again, what it touched is what was named at any time.
  const ids = isEnded ? affected : components.map(({ id }) => id);
  const names = ids.map((id) => nameOf(id, words)).join(', ');
  const mark = isEnded ? 'none' : look;
  const end = endedAt ?? resolvedAt;
  return html`<section class="incident ${look}" id="${incident.id}">
<h3>${inLanguage(title, language)} <span class="state ${mark}">${MARKS[mark]} ${words.phase[phase]}</span></h3>
${names !== '' && html`<p class="quiet">${names}</p>`}
${scheduledFor !== null && html`<p>${say(scheduledFor)}${scheduledUntil !== null && html` – ${say(scheduledUntil)}`}</p>`}
${scheduledFor === null && isEnded && end !== null && html`<p>${say(startedAt)} – ${say(end)}</p>`}
${advice !== null && !isEnded && html`<p><b>${words.advice}</b> ${inLanguage(advice, language)}</p>`}
${updates
  .slice(-UPDATES_SHOWN)
  .reverse()
  .map(
    (
      one,
    ) => html`<p><span class="quiet">${say(one.at)} ${words.phase[one.phase]}</span><br>${inLanguage(one.text, language)}</p>
`,
  )}
${tail !== null && isEnded && html`<p>${inLanguage(tail, language)}</p>`}
${nextUpdateAt !== null && !isEnded && html`<p class="quiet">${isOverdue(incident, now) ? words.overdue : words.nextUpdate} ${say(nextUpdateAt)}</p>`}
</section>
`;
}
