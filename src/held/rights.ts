/**
 * Who may do what with one recipient that waits by a verdict. The one place that says so: lists, acts and, later, pages and links ask here.
 *
 * The sender acts on what is their own: stops and deletes it, and lets it go where the rule lets it go by itself in the end. So do those who are in
 * the group whose address it was sent from: it is the team's. Who was asked
 * approves or rejects. Administrators of the tenant act for anybody of it but themselves, and say why; so do operators, for everybody.
 */
import type { Directory, Group, HeldVerb, Identity, MailAddress, Verdict, Wording } from '#/model/index.ts';
import { addressKey, changesContent, isNeighbour, isProven } from '#/model/index.ts';
import type { Trace, TracedRecipient } from '#/ports/index.ts';
import { type Actor, type Person, personKey } from './actor.ts';
import {
  ADMINS_ALONE,
  ASKED_UNKNOWN,
  adminsAre,
  approvedAlready,
  askedWere,
  both,
  NOT_WITHOUT_CHANGES,
  NOTHING_CHANGED_BY_RULE,
  NOTHING_TO_STOP,
  notAsked,
  notOnesOwn,
  notReleasedBySender,
  notTheirs,
  STOPPED,
  WAITS_FOR_APPROVAL,
  WAITS_FOR_NOBODY,
} from './why-not.ts';

/** `forAll` is an approval that stands for all who were asked; `needsReason` where somebody acts on other people's mail. */
export type Right =
  | { readonly kind: 'may'; readonly forAll: boolean; readonly needsReason: boolean }
  | { readonly kind: 'mayNot'; readonly why: Wording };

export type WaitingMail = Pick<Trace, 'id' | 'tenant' | 'from' | 'identity'>;
export type WaitingRecipient = Pick<TracedRecipient, 'state' | 'reason' | 'releaseAt' | 'verdict'>;
type ApprovalVerdict = Verdict & { readonly kind: 'approve' };

const OWN = { kind: 'may', forAll: false, needsReason: false } as const;
const FOR_OTHERS = { kind: 'may', forAll: true, needsReason: true } as const;

/** Whether this actor may do this to this recipient, and where not, why and who may. */
export function rightOf(
  verb: HeldVerb,
  mail: WaitingMail,
  recipient: WaitingRecipient,
  actor: Actor,
  directory: Directory,
): Right {
  const misfit = misfitOf(verb, recipient);
  if (misfit !== null) return mayNot(misfit);
  if (actor.kind === 'operator') return FOR_OTHERS;
  const { verdict } = recipient;
  if (verb === 'approve' || verb === 'reject') return rightToDecide(verb, mail, verdict, actor, directory);
  if (isSender(mail, actor, directory) || isTeams(mail, actor, directory)) {
    if (verb !== 'release' || goesByItself(verdict)) return OWN;
    return mayNot(notReleasedBySender(verdict), adminsOf(mail, actor, directory));
  }
  if (actor.isAdmin) return FOR_OTHERS;
  return mayNot(notTheirs(actor.address, verb), adminsOf(mail, actor, directory));
}

/** Whether this actor may let it go without the changes that its rule asks for: nobody whose own mail it is. */
export function rightToSkip(mail: WaitingMail, recipient: WaitingRecipient, actor: Actor, directory: Directory): Right {
  const misfit = misfitOf('release', recipient);
  if (misfit !== null) return mayNot(misfit);
  if (recipient.verdict === null || !changesContent(recipient.verdict.changes)) return mayNot(NOTHING_CHANGED_BY_RULE);
  if (actor.kind === 'operator') return FOR_OTHERS;
  if (isOwn(mail, actor, directory)) return mayNot(NOT_WITHOUT_CHANGES);
  return actor.isAdmin ? FOR_OTHERS : mayNot(ADMINS_ALONE, adminsOf(mail, actor, directory));
}

/** Whether a person sent it: who signed in; of a server of the tenant, whom it says. */
export function isSender({ tenant, from, identity }: WaitingMail, person: Person, directory: Directory): boolean {
  if (tenant !== person.tenant || isNeighbour(identity, tenant)) return false;
  const name = senderName(identity, from);
  return name !== null && personKey(name, directory) === addressKey(person.address);
}

/** Whether it was sent from the address of a group that this person is in, by somebody who may. */
export function isTeams({ tenant, from, identity }: WaitingMail, person: Person, directory: Directory): boolean {
  if (from === null || tenant !== person.tenant || isNeighbour(identity, tenant) || !isProven(identity)) return false;
  const found = directory.group(from);
  return found?.tenant.id === tenant && isIn(found.group, person, directory, 0);
}

/** Groups stand in groups, perhaps in a circle. */
const NESTED_MAX = 5;

function isIn({ members }: Group, person: Person, directory: Directory, depth: number): boolean {
  return members.some((member) => {
    if (personKey(member, directory) === addressKey(person.address)) return true;
    const inner = depth < NESTED_MAX ? directory.group(member) : undefined;
    return inner?.tenant.id === person.tenant && isIn(inner.group, person, directory, depth + 1);
  });
}

/** Whether a person was asked to approve, and it counts. */
export function isAsked(mail: WaitingMail, verdict: Verdict | null, person: Person, directory: Directory): boolean {
  if (verdict?.kind !== 'approve') return false;
  if (isOwn(mail, person, directory) && !verdict.selfApproval) return false;
  const key = addressKey(person.address);
  return [...verdict.by, ...verdict.deputies].some((asked) => personKey(asked, directory) === key);
}

// What fits the state at all, whoever asks.
function misfitOf(verb: HeldVerb, { state, reason, releaseAt, verdict }: WaitingRecipient): Wording | null {
  const isApproval = state === 'approval';
  if ((verb === 'approve' || verb === 'reject') && !isApproval) return WAITS_FOR_NOBODY;
  // A store of an older release may hold it without its verdict: nobody was named then.
  if (verb === 'approve' && verdict?.kind !== 'approve') return ASKED_UNKNOWN;
  if (isApproval && (verb === 'release' || verb === 'stop')) return WAITS_FOR_APPROVAL;
  if (verb !== 'stop' || releaseAt !== null) return null;
  return reason === 'stopped by sender' ? STOPPED : NOTHING_TO_STOP;
}

function rightToDecide(
  verb: 'approve' | 'reject',
  mail: WaitingMail,
  verdict: Verdict | null,
  person: Person,
  directory: Directory,
): Right {
  const ask = verdict?.kind === 'approve' ? verdict : null;
  if (isOwn(mail, person, directory) && ask?.selfApproval !== true)
    return mayNot(notOnesOwn(verb, isSender(mail, person, directory)), askedOf(ask));
  if (isOwnOfProxy(mail, person, directory)) return mayNot(notOnesOwn(verb, false), askedOf(ask));
  if (isAsked(mail, verdict, person, directory)) {
    return verb === 'approve' && ask !== null && hasAgreed(ask, person) ? mayNot(approvedAlready(ask)) : OWN;
  }
  if (person.isAdmin) return FOR_OTHERS;
  return mayNot(notAsked(person.address), askedOf(ask));
}

// Also by the reverse-path alone: it may be said on somebody's behalf.
function isOwn(mail: WaitingMail, person: Person, directory: Directory): boolean {
  if (isSender(mail, person, directory)) return true;
  return mail.from !== null && personKey(mail.from, directory) === addressKey(person.address);
}

// Nor does who acts for somebody else: an administrator would have others’ votes on their own mail.
function isOwnOfProxy(mail: WaitingMail, person: Person, directory: Directory): boolean {
  const proxy = person.through === null ? undefined : directory.user(person.through as MailAddress)?.user;
  return proxy !== undefined && isOwn(mail, { ...person, address: proxy.address }, directory);
}

function senderName({ kind, name }: Identity, from: MailAddress | null): string | null {
  if (kind === 'user') return name;
  return kind === 'relay' ? from : null;
}

function goesByItself(verdict: Verdict | null): boolean {
  return verdict?.kind === 'hold' && verdict.atEnd === 'send';
}

function hasAgreed({ agreed = [] }: ApprovalVerdict, { address }: Person): boolean {
  return agreed.some((one) => addressKey(one) === addressKey(address));
}

function askedOf(ask: ApprovalVerdict | null): Wording {
  return askedWere(ask === null ? null : [...ask.by, ...ask.deputies]);
}

function adminsOf({ tenant }: WaitingMail, person: Person, directory: Directory): Wording {
  const admins = (directory.tenant(tenant)?.users ?? []).filter(
    ({ roles, disabled, address }) => roles.includes('admin') && !disabled && address !== person.address,
  );
  return adminsAre(admins.map(({ address }) => address));
}

function mayNot(...why: readonly Wording[]): Right {
  return { kind: 'mayNot', why: both(...why) };
}
