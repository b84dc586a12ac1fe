/** Who is asked, once the directory has said who that is. A mail never waits for nobody, nor for its own sender alone. */
import type { Decision, MailAddress, Wording } from '#/model/index.ts';
import type { PlannedDecision } from './rule.ts';
import type { Scene } from './scene.ts';

type Planned = Extract<PlannedDecision, { kind: 'approve' }>;

/** The approval that a rule asks for; where nobody could give it, the administrators'; where there is none, a hold until an operator acts. */
export function planApproval(
  planned: Planned,
  scene: Scene,
): { readonly decision: Decision; readonly notes: readonly Wording[] } {
  const { deputies, least, expireMs, selfApproval } = planned;
  const personOf = (address: MailAddress) => scene.directory.personOf(address);
  const own = senders(scene);
  const may = (address: MailAddress) => selfApproval || !own.has(personOf(address));
  const once = (addresses: readonly MailAddress[]) => [
    ...new Map(addresses.filter(may).map((one) => [personOf(one), one])).values(),
  ];
  const without = (addresses: readonly MailAddress[], others: readonly MailAddress[]) =>
    addresses.filter((one) => !others.some((other) => personOf(other) === personOf(one)));
  const by = once(approvers(planned, scene));
  const others = without(once(deputies), by);
  const ask = { deputies: others, expireMs, selfApproval };
  if (by.length + others.length >= least && by.length > 0)
    return { decision: { kind: 'approve', by, least, ...ask }, notes: [] };
  const admins = once([...by, ...scene.directory.admins]);
  const left = without(others, admins);
  if (admins.length > 0) {
    const enough = Math.min(least, admins.length + left.length);
    return { decision: { kind: 'approve', by: admins, least: enough, ...ask, deputies: left }, notes: [TO_ADMINS] };
  }
  return { decision: { kind: 'hold', forMs: expireMs, atEnd: 'expire' }, notes: [NOBODY] };
}

const TO_ADMINS: Wording = {
  en: 'the approvers of the rule could not be found, so the administrators are asked',
  ja: 'ルールの承認者が見つからないため管理者に依頼した',
};
const NOBODY: Wording = {
  en: 'nobody can be found who may approve it, so it waits for an operator',
  ja: '承認できる人が見つからないため運用担当者を待っている',
};

function approvers({ by }: Planned, { facts, directory }: Scene): MailAddress[] {
  return by.flatMap((person): readonly MailAddress[] => {
    if (person === 'admins') return directory.admins;
    if (person === 'manager') {
      const names =
        facts.identity.kind === 'user'
          ? [facts.identity.name]
          : facts.sender === null || facts.identity.kind === 'peer'
            ? []
            : [facts.sender];
      return names.flatMap((name) => directory.managerOf(name) ?? []);
    }
    return person === 'sender' ? [] : [person];
  });
}

// The sender may go by several names: who signed in, the reverse-path, the author.
function senders({ facts: { identity, sender, from }, directory }: Scene): ReadonlySet<string> {
  const names = [identity.kind === 'user' ? identity.name : null, sender, ...from.map(({ address }) => address)];
  return new Set(names.filter((name) => name !== null).map((name) => directory.personOf(name)));
}
