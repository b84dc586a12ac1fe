/** What a webhook is told: an update and its incident, in the shapes that programs for status pages know (products.md 2F). */
import { type Incident, type IncidentUpdate, inLanguage, type Wording } from '#/model/index.ts';

/** `id` names this telling: one that comes twice, since an answer was lost, has the same. */
export function hookBody(id: string, incident: Incident, update: IncidentUpdate, unsubscribe: string): string {
  const time = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
  const said = (wording: Wording): string => inLanguage(wording, 'en');
  return JSON.stringify({
    meta: { id, unsubscribe },
    incident: {
      id: incident.id,
      name: said(incident.title),
      name_ja: inLanguage(incident.title, 'ja'),
      status: incident.phase,
      impact: incident.kind === 'maintenance' ? 'maintenance' : incident.impact,
      created_at: time(incident.createdAt),
      updated_at: time(incident.updatedAt),
      started_at: time(incident.startedAt),
      resolved_at: time(incident.resolvedAt),
      scheduled_for: time(incident.scheduledFor),
      scheduled_until: time(incident.scheduledUntil),
      components: incident.components.map(({ id: name, state }) => ({ id: name, name, status: state })),
      incident_updates: [
        {
          id: `${incident.id}-${update.n}`,
          incident_id: incident.id,
          status: update.phase,
          body: said(update.text),
          body_ja: inLanguage(update.text, 'ja'),
          created_at: time(update.writtenAt),
          display_at: time(update.at),
        },
      ],
    },
  });
}
