import type { Range } from './rule.ts';

/** Whether a figure lies between the ends of a range. */
export function isWithin(figure: number, { min, max }: Range): boolean {
  return (min === null || figure >= min) && (max === null || figure <= max);
}
