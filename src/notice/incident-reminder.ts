/** Reminds an operator that an update of an incident was promised (C3); in English, as all that operators read. */
import { componentName } from '#/model/index.ts';
import type { IncidentReminding } from '#/ports/index.ts';
import type { Block } from './page.ts';
import { when } from './when.ts';

/** What stands in it. */
export function reminderOf(
  { incident, at, promisedAt }: Pick<IncidentReminding, 'incident' | 'at' | 'promisedAt'>,
  timezone: string,
): { readonly subject: string; readonly blocks: readonly Block[] } {
  const { id, title, affected } = incident;
  const time = when(promisedAt, { now: at, language: 'en', timezone, whole: true });
  const late = at > promisedAt;
  const names = [...new Set(affected.map((one) => componentName(one, 'en')))].join(', ');
  const told = late
    ? `People were promised to hear more of this incident by ${time}, and have not. The status page says so.`
    : `People were promised to hear more of this incident by ${time}. From then on the status page shows it as overdue.`;
  return {
    subject: `${late ? 'Overdue' : 'Reminder'}: say more of ${id} (${title.en === '' ? title.ja : title.en})`,
    blocks: [
      { kind: 'text', text: told },
      {
        kind: 'facts',
        rows:
          names === ''
            ? [['Incident', id]]
            : [
                ['Incident', id],
                ['Affected', names],
              ],
      },
      { kind: 'text', text: 'Say what is known now, even if it is nothing new:' },
      { kind: 'text', text: `holdfast incident update ${id} --text "…"` },
      { kind: 'text', text: 'Or promise another time:' },
      { kind: 'text', text: `holdfast incident promise ${id} --next 30m` },
    ],
  };
}
