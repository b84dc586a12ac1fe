import { Fault } from '#/model/index.ts';

/** A whole number from 0; fault `mailbox.refused` for what is none. */
export function checkedCount(value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new Fault('mailbox.refused', 'A number is out of range.');
  return value;
}
