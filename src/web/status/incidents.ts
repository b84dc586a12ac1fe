/** Incidents and planned work on the status pages: what runs now stands first, what is over in the history. Texts are people's, and escaped. */
import { type Incident, inLanguage, isOver, isOverdue } from '#/model/index.ts';
import { html, type Markup } from '../page/markup.ts';
import { timeOf, type Watch } from '../page/times.ts';
import { nameOf } from './changes.ts';
import type { Words } from './words.ts';

const UPDATES_SHOWN = 3;

/** What is not over: trouble, and work that is planned or under way. */
export function openIncidents(incidents: readonly Incident[]): readonly Incident[] {
  return incidents.filter((one) => !isOver(one));
}

/** One as a card: its title and phase, what it touches, advice, promise, and the last that was told. */
export function incidentCard(incident: Incident, watch: Watch, words: Words): Markup {
  const { language, now } = watch;
  const { title, phase, components, advice, tail, nextUpdateAt, scheduledFor, scheduledUntil, updates } = incident;
  const look = scheduledFor === null ? incident.impact : 'maintenance';
  const say = (at: number): Markup => timeOf(new Date(at).toISOString(), watch);
  const names = components.map(({ id }) => nameOf(id, words)).join(', ');
  return html`<section class="incident ${look}" id="${incident.id}">
<h3>${inLanguage(title, language)} <span class="state ${look}">${words.phase[phase]}</span></h3>
${names !== '' && html`<p class="quiet">${names}</p>`}
${scheduledFor !== null && html`<p>${say(scheduledFor)}${scheduledUntil !== null && html` – ${say(scheduledUntil)}`}</p>`}
${advice !== null && html`<p><b>${words.advice}</b> ${inLanguage(advice, language)}</p>`}
${updates
  .slice(-UPDATES_SHOWN)
  .reverse()
  .map(
    (
      one,
    ) => html`<p><span class="quiet">${say(one.at)} ${words.phase[one.phase]}</span><br>${inLanguage(one.text, language)}</p>
`,
  )}
${tail !== null && isOver(incident) && html`<p>${inLanguage(tail, language)}</p>`}
${nextUpdateAt !== null && !isOver(incident) && html`<p class="quiet">${isOverdue(incident, now) ? words.overdue : words.nextUpdate} ${say(nextUpdateAt)}</p>`}
</section>
`;
}
