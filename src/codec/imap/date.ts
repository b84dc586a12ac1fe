/** Dates as IMAP writes them (RFC 9051 §9). */
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const date = /^( \d|\d{1,2})-([A-Za-z]{3})-(\d{4})$/;
const dateTime = /^( \d|\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/;
const minuteMs = 60_000;

/** `1-Feb-2026` as the wall-clock ms of its UTC midnight; null where there is no such day. */
export function parseDay(text: string): number | null {
  const found = date.exec(text);
  return found === null ? null : dayOf(found);
}

/** ` 1-Feb-2026 09:00:00 +0900` as wall-clock ms; null where there is no such moment. */
export function parseDateTime(text: string): number | null {
  const found = dateTime.exec(text);
  const day = found === null ? null : dayOf(found);
  if (found === null || day === null) return null;
  const [hour, minute, second, zoneHour, zoneMinute] = [4, 5, 6, 8, 9].map((group) => Number(found[group]));
  if (hour === undefined || minute === undefined || second === undefined) return null;
  if (zoneHour === undefined || zoneMinute === undefined) return null;
  // A leap second counts as the begin of the next one.
  if (hour > 23 || minute > 59 || second > 60 || zoneHour > 23 || zoneMinute > 59) return null;
  const zone = (zoneHour * 60 + zoneMinute) * (found[7] === '-' ? -1 : 1);
  return day + (hour * 60 + minute - zone) * minuteMs + second * 1000;
}

/** Wall-clock ms as INTERNALDATE and SAVEDATE write them, in UTC, quoted. */
export function formatDateTime(ms: number): string {
  const at = new Date(ms);
  const day = String(at.getUTCDate()).padStart(2, ' ');
  const year = String(at.getUTCFullYear()).padStart(4, '0');
  const time = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()].map((part) => String(part).padStart(2, '0'));
  return `"${day}-${months[at.getUTCMonth()]}-${year} ${time.join(':')} +0000"`;
}

function dayOf(found: RegExpExecArray): number | null {
  const [day, year] = [Number(found[1]), Number(found[3])];
  const month = months.findIndex((name) => name.toLowerCase() === found[2]?.toLowerCase());
  // `setUTCFullYear` takes years below 100 as they are.
  const at = new Date(0);
  at.setUTCFullYear(year, month, day);
  return month >= 0 && at.getUTCDate() === day ? at.getTime() : null;
}
