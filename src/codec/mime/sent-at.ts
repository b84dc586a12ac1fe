/** The moment that a Date field names (RFC 5322 §3.3, §4.3). */

const months: readonly string[] = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');

/** RFC 5322 §4.3; other names, and none, mean UTC (RFC 5256 §2.2). */
const zones: Readonly<Record<string, number>> = {
  edt: -240,
  est: -300,
  cdt: -300,
  cst: -360,
  mdt: -360,
  mst: -420,
  pdt: -420,
  pst: -480,
  jst: 540,
};

const dateTime =
  /^(?:[A-Za-z]{2,9}\.?,? ?)?([0-9]{1,2})[ -]([A-Za-z]{3})[A-Za-z]{0,6}[ -]([0-9]{2,4})(?: ([0-9]{1,2}) ?: ?([0-9]{1,2})(?: ?: ?([0-9]{1,2}))?)? ?([+-][0-9]{4}|[A-Za-z]{1,5})?/;

/** Wall-clock ms; null where no day can be read. A time that is none is 00:00:00, a zone that is none UTC (RFC 5256 §2.2). */
export function parseSentAt(value: string): number | null {
  const text = value
    .slice(0, 200)
    .replace(/\([^()]*\)/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const [, day, monthName = '', year = '', hour = '0', minute = '0', second = '0', zone = ''] =
    dateTime.exec(text) ?? [];
  const month = months.indexOf(monthName.toLowerCase());
  if (day === undefined || month < 0) return null;
  const midnight = Date.UTC(fullYear(year), month, Number(day));
  if (new Date(midnight).getUTCDate() !== Number(day)) return null;
  const isTime = Number(hour) < 24 && Number(minute) < 60 && Number(second) <= 60;
  const seconds = isTime ? (Number(hour) * 60 + Number(minute)) * 60 + Number(second) : 0;
  return midnight + seconds * 1000 - zoneMinutes(zone) * 60_000;
}

/** RFC 5322 §4.3: years of two and three digits. */
function fullYear(year: string): number {
  const number = Number(year);
  if (year.length === 2) return number < 50 ? 2000 + number : 1900 + number;
  return year.length === 3 ? 1900 + number : number;
}

function zoneMinutes(zone: string): number {
  const [, sign, hours, minutes] = /^([+-])([0-9]{2})([0-9]{2})$/.exec(zone) ?? [];
  if (sign === undefined) return zones[zone.toLowerCase()] ?? 0;
  const size = Number(hours) * 60 + Number(minutes);
  return sign === '-' ? -size : size;
}
