/** So long a name has room for two slips. */
const TWO_SLIPS_CHARS = 9;
/** A label of DNS (RFC 1035 §2.3.4). */
const LABEL_CHARS_MAX = 63;

/** Whether one name is the other with a slip of the fingers: a letter added, lost or changed, two neighbours swapped; two slips in long names. */
export function isNear(one: string, other: string): boolean {
  const slips = Math.min(one.length, other.length) >= TWO_SLIPS_CHARS ? 2 : 1;
  if (Math.abs(one.length - other.length) > slips || Math.max(one.length, other.length) > LABEL_CHARS_MAX) return false;
  return distance(one, other) <= slips;
}

function distance(one: string, other: string): number {
  let [before, last]: [number[], number[]] = [[], Array.from({ length: other.length + 1 }, (_, i) => i)];
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      const swap = swapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min((last[j - 1] ?? 0) + same, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, swap));
    }
    [before, last] = [last, row];
  }
  return last[other.length] ?? 0;
}
