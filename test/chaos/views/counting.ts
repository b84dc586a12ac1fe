/**
 * A number in the flags of one message, bit by bit, which clients raise by STORE UNCHANGEDSINCE (RFC 7162 §3.1.3): the classic way to see a
 * lost update.
 */
const BITS = 12;

const bitOf = (at: number): string => `bit${at}`;

/** The number in flags. */
export function numberIn(flags: string): number {
  const set = flags.split(' ');
  return Array.from({ length: BITS }, (_, at) => (set.includes(bitOf(at)) ? 2 ** at : 0)).reduce(
    (sum, bit) => sum + bit,
    0,
  );
}

/** The flags that say a number. */
export function flagsOf(value: number): readonly string[] {
  return Array.from({ length: BITS }, (_, at) => at)
    .filter((at) => (value >> at) % 2 === 1)
    .map(bitOf);
}
