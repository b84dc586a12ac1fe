/** Moments as people of a tenant read them. */
import { type Language, wordsFor } from './words.ts';

/** Formats are dear to make, and few: one for each language and zone. */
const FORMATS = new Map<string, Intl.DateTimeFormat>();
const FORMATS_MAX = 200;
const DAY_MS = 24 * 3_600_000;
const WEEK_DAYS = 6;

/** `Mon 30 Nov 14:32`, with the zone where `whole`; today alone `14:32`, within the week `Mon 14:32`. */
export function when(
  at: number,
  {
    now,
    language,
    timezone,
    whole,
  }: { readonly now: number; readonly language: Language; readonly timezone: string; readonly whole: boolean },
): string {
  const parts = partsOf(at, language, timezone);
  const time = `${parts.hour}:${parts.minute}`;
  if (whole) return `${dayOf(parts, language)} ${time} (${timezone})`;
  const today = partsOf(now, language, timezone);
  if (parts.day === today.day && Math.abs(at - now) < DAY_MS) return time;
  if (at > now && at - now < WEEK_DAYS * DAY_MS && language === 'en') return `${parts.weekday} ${time}`;
  return `${dayOf(parts, language)} ${time}`;
}

function dayOf({ weekday, day, month }: Parts, language: Language): string {
  return language === 'ja' ? `${month}月${day}日(${weekday})` : `${weekday} ${day} ${month}`;
}

type Parts = Readonly<Record<'weekday' | 'day' | 'month' | 'hour' | 'minute', string>>;

function partsOf(at: number, language: Language, timezone: string): Parts {
  const parts = formatOf(language, timezone).formatToParts(at);
  const one = (type: keyof Parts): string => parts.find((part) => part.type === type)?.value ?? '';
  const [weekday, day, month, hour, minute] = (['weekday', 'day', 'month', 'hour', 'minute'] as const).map(one);
  return { weekday, day, month, hour, minute } as Parts;
}

function formatOf(language: Language, timezone: string): Intl.DateTimeFormat {
  if (FORMATS.size > FORMATS_MAX) FORMATS.clear();
  return FORMATS.getOrInsertComputed(`${language} ${timezone}`, () => {
    const month = language === 'ja' ? 'numeric' : 'short';
    return new Intl.DateTimeFormat(wordsFor(language).locale, {
      ...{ timeZone: timezone, weekday: 'short', day: 'numeric', month },
      ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
    });
  });
}
