/** The line that parts the messages of an mbox file (RFC 4155 appendix A), as it is met. */
import { fromLineBytesMax } from './limits.ts';

const days: readonly string[] = 'Sun Mon Tue Wed Thu Fri Sat'.split(' ');
const months: readonly string[] = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

const day = `(?:${days.join('|')})`;
const month = `(${months.join('|')})`;
const time = '(\\d{1,2}):(\\d\\d)(?::(\\d\\d))?';
const zone = '([+-]\\d{4}|[A-Z]{1,5})';
/** `Mon Nov 30 10:31:21 2026`, a zone before or behind the year. */
const asctime = new RegExp(`^From .* ?${day},? +${month} +(\\d{1,2}) +${time}(?: +${zone})? +(\\d{4})(?: +${zone})?`);
/** `Mon, 30 Nov 2026 10:31:21 +0900`. */
const mailDate = new RegExp(`^From .* ?${day}, +(\\d{1,2}) +${month} +(\\d{4}) +${time}(?: +${zone})?`);

/** The moment that a `From ` line names, wall-clock ms; null where the line is none. Zones by letters, and none, are UTC. */
export function parseFromLine(line: string): number | null {
  if (line.length > fromLineBytesMax || !line.startsWith('From ')) return null;
  const first = asctime.exec(line);
  if (first !== null) {
    const [, name, date, hour, minute, second, before, year, behind] = first;
    return moment([year, name, date, hour, minute, second], before ?? behind);
  }
  const second = mailDate.exec(line);
  if (second === null) return null;
  const [, date, name, year, hour, minute, seconds, offset] = second;
  return moment([year, name, date, hour, minute, seconds], offset);
}

/** RFC 4155 appendix A: sender, and the time in UTC. */
export function formatFromLine(sender: string, ms: number): string {
  const at = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()].map(two).join(':');
  const date = `${days[at.getUTCDay()]} ${months[at.getUTCMonth()]} ${String(at.getUTCDate()).padStart(2)}`;
  return `From ${sender} ${date} ${clock} ${String(at.getUTCFullYear()).padStart(4, '0')}`;
}

function moment(parts: readonly (string | undefined)[], offset: string | undefined): number | null {
  const [year, name = '', date, hour, minute, second = '0'] = parts;
  const [h, m, s] = [Number(hour), Number(minute), Number(second)];
  const at = Date.UTC(Number(year), months.indexOf(name), Number(date), h, m, s);
  const isDay = new Date(Date.UTC(Number(year), months.indexOf(name), Number(date))).getUTCDate() === Number(date);
  return isDay && h < 24 && m < 60 && s <= 60 ? at - offsetMs(offset) : null;
}

function offsetMs(offset: string | undefined): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d)(\d\d)$/.exec(offset ?? '') ?? [];
  if (sign === undefined) return 0;
  return (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1);
}
