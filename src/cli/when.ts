/** Times and durations as people read them: today 14:32, this week Tue 14:32, else 21 Nov 14:32; durations `4 min`. */

export type Language = 'en' | 'ja';

/** How moments are written: in which language, in which zone, and what "now" is. */
export interface Calendar {
  readonly language: Language;
  /** IANA name. */
  readonly zone: string;
  /** Wall-clock ms. */
  readonly now: number;
}

interface Parts {
  readonly year: string;
  readonly month: string;
  readonly monthName: string;
  readonly day: string;
  readonly weekday: string;
  readonly time: string;
  readonly seconds: string;
}

const DAY_MS = 86_400_000;

/** A moment, wall-clock ms, as short as it stays clear. */
export function formatMoment(at: number, calendar: Calendar): string {
  const [then, now] = [partsOf(at, calendar), partsOf(calendar.now, calendar)];
  if (sameDay(then, now)) return then.time;
  if (Math.abs(at - calendar.now) < 6 * DAY_MS) return `${then.weekday} ${then.time}`;
  return `${formatDay(at, calendar)} ${then.time}`;
}

/** The day of a moment, with its year where that is not this one. */
export function formatDay(at: number, calendar: Calendar): string {
  const then = partsOf(at, calendar);
  const thisYear = then.year === partsOf(calendar.now, calendar).year;
  if (calendar.language === 'ja') return `${thisYear ? '' : `${then.year}年`}${then.month}月${then.day}日`;
  return `${then.day} ${then.monthName}${thisYear ? '' : ` ${then.year}`}`;
}

/** Time of day with seconds, for time lines. */
export function formatClock(at: number, calendar: Calendar): string {
  return partsOf(at, calendar).seconds;
}

/** Whether two moments lie in one day of the calendar's zone. */
export function isSameDay(a: number, b: number, calendar: Calendar): boolean {
  return sameDay(partsOf(a, calendar), partsOf(b, calendar));
}

/** A duration in at most two units. */
export function formatSpan(ms: number, language: Language): string {
  const u = UNITS[language];
  if (ms < 0) return formatSpan(0, language);
  if (ms < 100) return u.ms(Math.round(ms));
  if (ms < 9_950) return u.s((ms / 1_000).toFixed(1).replace(/\.0$/, ''));
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return u.s(String(seconds));
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return u.min(minutes);
  if (minutes < 48 * 60) return joined(u.h(Math.floor(minutes / 60)), u.min(minutes % 60), minutes % 60);
  const hours = Math.round(minutes / 60);
  return joined(u.d(Math.floor(hours / 24)), u.h(hours % 24), hours % 24);
}

/** A number with separators. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

const UNITS = {
  en: {
    ms: (n: number) => `${n} ms`,
    s: (n: string) => `${n} s`,
    min: (n: number) => `${n} min`,
    h: (n: number) => `${n} h`,
    d: (n: number) => `${n} d`,
  },
  ja: {
    ms: (n: number) => `${n}ミリ秒`,
    s: (n: string) => `${n}秒`,
    min: (n: number) => `${n}分`,
    h: (n: number) => `${n}時間`,
    d: (n: number) => `${n}日`,
  },
} as const;

function joined(large: string, small: string, rest: number): string {
  return rest === 0 ? large : `${large} ${small}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function partsOf(at: number, { language, zone }: Calendar): Parts {
  const format = formats.getOrInsertComputed(`${language} ${zone}`, () => formatFor(language, zone));
  const found = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const get = (type: Intl.DateTimeFormatPartTypes): string => found.get(type) ?? '';
  const time = `${get('hour')}:${get('minute')}`;
  const monthName = get('month');
  return {
    year: get('year'),
    month: monthName.replace('月', ''),
    monthName,
    day: get('day'),
    weekday: get('weekday'),
    time,
    seconds: `${time}:${get('second')}`,
  };
}

function formatFor(language: Language, zone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(language === 'ja' ? 'ja-JP' : 'en-GB', {
    timeZone: zone,
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
}

function sameDay(a: Parts, b: Parts): boolean {
  return a.year === b.year && a.monthName === b.monthName && a.day === b.day;
}

/** Octets in words: kB, MB or GB. */
export function formatSize(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.ceil(bytes / 1_000)} kB`;
  return bytes < 1_000_000_000 ? `${(bytes / 1_000_000).toFixed(1)} MB` : `${(bytes / 1_000_000_000).toFixed(1)} GB`;
}
