/**
 * Who may do what with one recipient that waits by a verdict. The one place that says so: lists, acts and, later, pages and links ask here.
 *
 * The sender acts on what is their own: stops and deletes it, and lets it go where the rule lets it go by itself in the end. Who was asked
 * approves or rejects. Administrators of the tenant act for anybody of it but themselves, and say why; so do operators, for everybody.
 */
import type { ApprovalAsk, Directory, HeldVerb, Identity, MailAddress, Verdict } from '#/model/index.ts';
import { addressKey, changesContent, isNeighbour } from '#/model/index.ts';
import type { Trace, TracedRecipient } from '#/ports/index.ts';
import { type Actor, type Person, personKey } from './actor.ts';

/** `forAll` is an approval that stands for all who were asked; `needsReason` where somebody acts on other people's mail. */
export type Right =
  | { readonly kind: 'may'; readonly forAll: boolean; readonly needsReason: boolean }
  | { readonly kind: 'mayNot'; readonly why: string };

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
  if (isSender(mail, actor, directory)) {
    if (verb !== 'release' || goesByItself(verdict)) return OWN;
    return mayNot(`The rule ${named(verdict)} does not let its sender release it. ${adminsOf(mail, actor, directory)}`);
  }
  if (actor.isAdmin) return FOR_OTHERS;
  return mayNot(`${actor.address} did not send it. Its sender may ${verb} it. ${adminsOf(mail, actor, directory)}`);
}

/** Whether this actor may let it go without the changes that its rule asks for: nobody whose own mail it is. */
export function rightToSkip(mail: WaitingMail, recipient: WaitingRecipient, actor: Actor, directory: Directory): Right {
  const misfit = misfitOf('release', recipient);
  if (misfit !== null) return mayNot(misfit);
  if (recipient.verdict === null || !changesContent(recipient.verdict.changes))
    return mayNot('Its rule asks for no change of it: release it as it is with a plain release.');
  if (actor.kind === 'operator') return FOR_OTHERS;
  if (isOwn(mail, actor, directory)) return mayNot('Nobody lets their own mail go without what its rule asks for.');
  return actor.isAdmin ? FOR_OTHERS : mayNot(`Only administrators do that. ${adminsOf(mail, actor, directory)}`);
}

/** Whether a person sent it: who signed in; of a server of the tenant, whom it says. */
export function isSender({ tenant, from, identity }: WaitingMail, person: Person, directory: Directory): boolean {
  if (tenant !== person.tenant || isNeighbour(identity, tenant)) return false;
  const name = senderName(identity, from);
  return name !== null && personKey(name, directory) === addressKey(person.address);
}

/** Whether a person was asked to approve, and it counts. */
export function isAsked(mail: WaitingMail, verdict: Verdict | null, person: Person, directory: Directory): boolean {
  if (verdict?.kind !== 'approve') return false;
  if (isOwn(mail, person, directory) && !verdict.selfApproval) return false;
  const key = addressKey(person.address);
  return [...verdict.by, ...verdict.deputies].some((asked) => personKey(asked, directory) === key);
}

// What fits the state at all, whoever asks.
function misfitOf(verb: HeldVerb, { state, reason, releaseAt, verdict }: WaitingRecipient): string | null {
  const isApproval = state === 'approval';
  if ((verb === 'approve' || verb === 'reject') && !isApproval)
    return 'It is held and waits for nobody’s approval: release or delete it.';
  // A store of an older release may hold it without its verdict: nobody was named then.
  if (verb === 'approve' && verdict?.kind !== 'approve')
    return 'Who may approve it is not known any more: reject or delete it.';
  if (isApproval && (verb === 'release' || verb === 'stop'))
    return 'It waits for approval: it can be approved, rejected or deleted.';
  if (verb !== 'stop' || releaseAt !== null) return null;
  return reason === 'stopped by sender'
    ? 'It is stopped already.'
    : 'It does not go on by itself, so there is nothing to stop.';
}

function rightToDecide(
  verb: 'approve' | 'reject',
  mail: WaitingMail,
  verdict: Verdict | null,
  person: Person,
  directory: Directory,
): Right {
  const ask = verdict?.kind === 'approve' ? verdict : null;
  if (isOwn(mail, person, directory) && ask?.selfApproval !== true) {
    const way = isSender(mail, person, directory) ? ' As its sender you may delete it.' : '';
    return mayNot(`Nobody ${verb}s their own mail.${way} ${askedOf(ask)}`);
  }
  if (isOwnOfProxy(mail, person, directory)) return mayNot(`Nobody ${verb}s their own mail. ${askedOf(ask)}`);
  if (isAsked(mail, verdict, person, directory)) {
    if (verb === 'approve' && hasAgreed(ask, person)) return mayNot(`You have approved it already. ${tallyOf(ask)}`);
    return OWN;
  }
  if (person.isAdmin) return FOR_OTHERS;
  return mayNot(`${person.address} was not asked. ${askedOf(ask)}`);
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

function hasAgreed(ask: ApprovalVerdict | null, { address }: Person): boolean {
  return ask?.agreed?.some((one) => addressKey(one) === addressKey(address)) === true;
}

function named(verdict: Verdict | null): string {
  return verdict?.rule === null || verdict === null ? 'that holds it' : `“${verdict.rule}”`;
}

/** How many have agreed, of how many that must. */
export function tallyOf(ask: Pick<ApprovalAsk, 'agreed' | 'least'> | null): string {
  return ask === null ? '' : `${ask.agreed?.length ?? 0} of ${ask.least} have approved it.`;
}

const NAMED_MAX = 5;

function askedOf(ask: ApprovalVerdict | null): string {
  if (ask === null) return 'An administrator may decide.';
  return `Asked were: ${listOf([...ask.by, ...ask.deputies])}.`;
}

function adminsOf({ tenant }: WaitingMail, person: Person, directory: Directory): string {
  const admins = (directory.tenant(tenant)?.users ?? []).filter(
    ({ roles, disabled, address }) => roles.includes('admin') && !disabled && address !== person.address,
  );
  if (admins.length === 0) return 'The operator of this mail system may act for you.';
  return `An administrator may act for you: ${listOf(admins.map(({ address }) => address))}.`;
}

function listOf(addresses: readonly string[]): string {
  const more = addresses.length - NAMED_MAX;
  return [...addresses.slice(0, NAMED_MAX), ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

function mayNot(why: string): Right {
  return { kind: 'mayNot', why: why.trim() };
}
