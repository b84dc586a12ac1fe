/** Times and sizes as people read them. */
import type { Language } from './language.ts';
import { html, type Markup } from './markup.ts';

export interface Watch {
  readonly language: Language;
  /** IANA name. */
  readonly timezone: string;
  /** Wall-clock ms. */
  readonly now: number;
}

const LOCALES: Readonly<Record<Language, string>> = { en: 'en-GB', ja: 'ja-JP' };
const DAY_MS = 86_400_000;
const CLOCK = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;

/** Of today the time, of the week around it the day and the time, else the date; the whole of it in `datetime` and on hover. */
export function timeOf(rfc3339: string, watch: Watch): Markup {
  const at = Date.parse(rfc3339);
  const full = formatted(at, watch, {
    ...{ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' },
    ...CLOCK,
    timeZoneName: 'short',
  });
  return html`<time datetime="${new Date(at).toISOString()}" title="${full}">${shortTime(at, watch)}</time>`;
}

/** Day, time and zone, for what may be read on another day. */
export function fullTimeOf(at: number, watch: Watch): Markup {
  const date = { day: 'numeric', month: 'short', year: 'numeric' } as const;
  const text = formatted(at, watch, { ...date, ...CLOCK, timeZoneName: 'short' });
  return html`<time datetime="${new Date(at).toISOString()}">${text}</time>`;
}

/** The same as text. */
export function shortTime(at: number, watch: Watch): string {
  const day = (ms: number): string => formatted(ms, watch, { day: 'numeric', month: 'numeric', year: 'numeric' });
  if (day(at) === day(watch.now)) return formatted(at, watch, CLOCK);
  const date = Math.abs(at - watch.now) < 6 * DAY_MS ? { weekday: 'short' } : { day: 'numeric', month: 'short' };
  const words = formatted(at, watch, date as Intl.DateTimeFormatOptions);
  const isWeekday = 'weekday' in date && watch.language === 'ja';
  return `${isWeekday ? `${words}曜` : words} ${formatted(at, watch, CLOCK)}`;
}

const UNITS = ['KB', 'MB', 'GB'] as const;

/** Octets, in the unit that needs the fewest figures. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length);
  const value = bytes / 1_000 ** power;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${UNITS[power - 1]}`;
}

function formatted(at: number, { language, timezone }: Watch, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(LOCALES[language], { ...options, timeZone: timezone }).format(at);
}
