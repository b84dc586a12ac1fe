/** A time as people read it, in the zone of the company that sent the mail, and as programs do. */
import type { Language } from '../page/language.ts';

export function timeText(
  ms: number,
  language: Language,
  timeZone: string,
): { readonly text: string; readonly datetime: string } {
  const format = new Intl.DateTimeFormat(language === 'ja' ? 'ja-JP' : 'en-GB', {
    ...{ timeZone, day: 'numeric', month: 'short', year: 'numeric', weekday: 'short' },
    ...{ hour: '2-digit', minute: '2-digit', timeZoneName: 'short' },
  });
  return { text: format.format(ms), datetime: new Date(ms).toISOString() };
}
