/** What an account of the model says about mail that comes, and whom it has answered by itself. */
import { addressKey } from '#/model/index.ts';
import type { AutomaticAnswer } from '#/ports/index.ts';
import { answersMax, checkedRules } from '../mailbox/index.ts';
import type { MemoryRows } from './mailbox-rows.ts';

export function setRules(rows: MemoryRows, rules: string | null): void {
  rows.rules = checkedRules(rules);
}

export function mayAnswer({ answers }: MemoryRows, { key, to, about, at, since }: AutomaticAnswer): boolean {
  const name = JSON.stringify([about, addressKey(to)]);
  const delivery = `${key.message} ${key.recipient}`;
  const last = answers.get(name);
  if (last !== undefined && last.at > since) return last.key === delivery;
  answers.delete(name);
  answers.set(name, { at, key: delivery });
  const [oldest] = [...answers].sort(([, a], [, b]) => a.at - b.at);
  if (answers.size > answersMax && oldest !== undefined) answers.delete(oldest[0]);
  return true;
}
