/** What an owner says about mail that comes, as keepers take it. */
import { Fault } from '#/model/index.ts';
import { rulesBytesMax } from '#/ports/index.ts';

/** The text as it is; fault `mailbox.refused` where it is too large or what no store can hold. */
export function checkedRules(rules: string | null): string | null {
  if (rules === null) return null;
  if (Buffer.byteLength(rules) > rulesBytesMax || rules.includes('\0') || !rules.isWellFormed())
    throw new Fault('mailbox.refused', `Rules are text of at most ${rulesBytesMax} octets.`);
  return rules;
}
