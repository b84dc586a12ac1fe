/** Durations as people read them. */
import type { Language } from '../page/language.ts';

const UNITS: Readonly<Record<Language, readonly [string, string, string, string]>> = {
  en: [' s', ' min', ' h', ' d'],
  ja: ['秒', '分', '時間', '日'],
};

/** In the unit that needs the fewest figures. */
export function formatSpan(ms: number, language: Language): string {
  const [second, minute, hour, day] = UNITS[language];
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds}${second}`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes}${minute}`;
  const hours = Math.round(minutes / 60);
  return hours < 72 ? `${hours}${hour}` : `${Math.round(hours / 24)}${day}`;
}
