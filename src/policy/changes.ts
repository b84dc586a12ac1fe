/** The changes of a rule, with the attachments that they are for. */
import type { Change } from '#/model/index.ts';
import { addressKey, isCopy } from '#/model/index.ts';
import type { Condition, PlannedChange, Rule, Which } from './rule.ts';
import type { Scene } from './scene.ts';

/** What a rule that holds does to this mail; changes of attachments that it does not have are none. */
export function plannedChanges(rule: Rule, scene: Scene): Change[] {
  return rule.action.changes.flatMap((change): Change[] => {
    if (change.kind === 'addBcc' || change.kind === 'archiveCopy') return copiesTo(change, scene);
    if (!('which' in change)) return [change];
    const parts = partsOf(change.which, rule, scene);
    return parts.length === 0 ? [] : [onParts(change, parts)];
  });
}

/** A copy is not copied again, or two rules would feed each other for ever; and who gets the mail needs no copy of what they get. */
function copiesTo(change: Extract<Change, { kind: 'addBcc' | 'archiveCopy' }>, { facts }: Scene): Change[] {
  if (isCopy(facts.identity)) return [];
  if (change.kind === 'archiveCopy') return [change];
  const reached = new Set(facts.recipients.map(({ address }) => addressKey(address)));
  const to = change.to.filter((address) => !reached.has(addressKey(address)));
  return to.length === 0 ? [] : [{ ...change, to }];
}

function onParts(change: Extract<PlannedChange, { which: Which }>, parts: readonly string[]): Change {
  const { which: _, ...rest } = change;
  return { ...rest, parts };
}

function partsOf(which: Which, rule: Rule, scene: Scene): string[] {
  const attachments = scene.facts.parts.filter(({ role }) => role === 'attachment').map(({ path }) => path);
  if (which === 'all') return attachments;
  const found = rule.when.flatMap((condition) => foundIn(condition, scene));
  // A finding inside of a file is the file's; what could not be read counts as found.
  return attachments.filter((path) => found.some((part) => part === path || part.startsWith(`${path}/`)));
}

function foundIn(condition: Condition, scene: Scene): string[] {
  if (condition.kind === 'any') return condition.of.flat().flatMap((one) => foundIn(one, scene));
  if (condition.kind === 'unread')
    return scene.facts.unread.filter(({ why }) => condition.why.includes(why)).map(({ part }) => part);
  if (condition.kind !== 'ask') return [];
  const answer = scene.answer(condition.ask);
  if (answer.kind === 'absent') return [];
  const unread = answer.unread ? scene.facts.unread.map(({ part }) => part) : [];
  return [...answer.findings.map(({ part }) => part), ...unread];
}
