/** Taking a recipient into a transaction: whom the address reaches, whether the sender's limits allow it. Used at RCPT, and for a cloud when its header is known. */
import { type RcptCommand, type Reply, replies } from '#/codec/smtp/index.ts';
import { type Directory, domainOf, LOCAL_DESTINATION, localPartOf, type MailAddress } from '#/model/index.ts';
import type { Principal } from '#/ports/index.ts';
import { type Expansion, expand, expandPostmaster, type Reached, type Returning } from './expand.ts';
import { replyForRoom } from './room.ts';
import type { Transaction } from './transaction.ts';
import type { World } from './world.ts';

/** The reply that the recipient earns; it is in the transaction only when that is 250. */
export function takeRecipient(
  transaction: Transaction,
  address: MailAddress,
  command: RcptCommand,
  world: World,
): Reply {
  const expansion = reach(transaction, address, command, world);
  if (expansion.kind !== 'reached') return UNREACHED[expansion.kind];
  const elsewhere = transaction.principal === null ? otherCell(transaction, expansion.recipients, world) : null;
  if (elsewhere !== null) return elsewhere;
  // A cloud heard at RCPT what there was to hear: by now one full mailbox would refuse the mail of all.
  const noRoom = transaction.provisional.length > 0 ? null : withoutRoom(transaction, expansion.recipients, world);
  if (noRoom !== null) return noRoom;
  const fresh = transaction.fresh(expansion.recipients);
  if (transaction.final.size + fresh.length > world.settings.limits.expandedRecipientsMax)
    return replies.tooManyRecipients;
  const limit = transaction.take(world.usage, fresh.length);
  if (limit !== 'ok') return overLimit(limit, transaction.principal);
  transaction.add(address, command, expansion.recipients);
  return replies.recipientOk;
}

const UNREACHED = {
  unknown: replies.unknownUser,
  stale: replies.directoryStale,
  foreign: replies.relayDenied,
  'too many': replies.tooManyRecipients,
} as const;

/**
 * Design 1, Doors: a stranger's mail is of its recipients' tenants, and committed together; so all of them are of one cell, which is that of
 * the first. The reply for a recipient of another one, or of a cell that is away; null for one that may come along, and is remembered.
 */
export function otherCell(transaction: Transaction, reached: readonly Reached[], { intake }: World): Reply | null {
  const [first] = reached;
  const cell = first === undefined ? null : (transaction.directory.tenant(first.tenant)?.cell ?? null);
  if (first === undefined || cell === null) return null;
  if (transaction.cell !== null && transaction.cell !== cell) return replies.anotherTransaction;
  const room = intake.room(first.tenant);
  if (!room.open) return replyForRoom(room);
  transaction.cell = cell;
  return null;
}

/** Whom an address reaches for this sender. A postmaster of ours is always somebody (RFC 5321 §4.5.1). */
export function reach(transaction: Transaction, address: MailAddress, command: RcptCommand, world: World): Expansion {
  const { directory, principal } = transaction;
  const { hostname, limits } = world.settings;
  const owner = principal?.tenant.id ?? null;
  if (command.recipient === 'postmaster') return expandPostmaster(hostname, owner, directory);
  const returned = principal === null ? null : returnedTo(address, principal, directory);
  if (returned !== null) return { kind: 'reached', recipients: [returned] };
  const expansion = expand(address, owner, directory, limits.expandedRecipientsMax, returning(transaction, world));
  const orphaned = expansion.kind === 'unknown' && localPartOf(address).toLowerCase() === 'postmaster';
  return orphaned ? expandPostmaster(hostname, owner, directory) : expansion;
}

/** Who gets mail that goes back to its cloud: names are followed there, and may be of people whom only the cloud knows. Null where it doesn't go back. */
function returnedTo(address: MailAddress, { relay, tenant }: Principal, directory: Directory): Reached | null {
  if (relay === null || relay.returnsTo === null) return null;
  const isOwn = directory.domain(domainOf(address))?.tenant.id === tenant.id;
  return { address, tenant: tenant.id, direction: isOwn ? 'internal' : 'outbound' };
}

/**
 * The reply for a mailbox that can't take this mail, now or ever; null where it may, or where nothing is known. Where a name stands for
 * several people, the mail is accepted and waits for the one who has no room: the others must not go without. A postmaster's mail waits
 * so too (RFC 5321 §4.5.1).
 */
export function withoutRoom(transaction: Transaction, reached: readonly Reached[], world: World): Reply | null {
  const [only, another] = reached;
  if (only === undefined || another !== undefined) return null;
  const found = transaction.directory.user(only.address);
  if (found === undefined || localPartOf(only.address).toLowerCase() === 'postmaster') return null;
  const { destination, held } = world.routing.plan(only.address, 'mail', null);
  if (destination !== LOCAL_DESTINATION || held !== null) return null;
  const { quotaBytes, address } = found.user;
  const { announced } = transaction;
  const left = world.mailboxRoom.left({ tenant: found.tenant.id, address });
  // A quota alone says nothing: its owner's rules may send the mail on without a copy, which the door can't know. Delivery does.
  if (left === null || quotaBytes === null) return null;
  // RFC 1870 §6.1.
  if (announced !== null && announced > quotaBytes) return replies.tooLargeForMailbox;
  return left < (announced ?? world.settings.limits.unannouncedBytes) ? replies.mailboxFull : null;
}

/** RFC 5321 §4.5.5: what comes back to a sender whose mail was forwarded has the null reverse-path; anything else has no business there. */
function returning({ sender }: Transaction, { returnPaths }: World): Returning {
  if (sender === null) return (address) => returnPaths.original(address);
  return (address) => (returnPaths.original(address) === null ? null : 'forged');
}

/** Contract: server relays only ever hear 450, since a 550 would bounce other people's mail; people and devices learn it for good. */
function overLimit(limit: 'over per10m' | 'over perDay', principal: Principal | null): Reply {
  if (limit === 'over per10m') return replies.sendingTooFast;
  const kind = principal?.relay?.kind;
  const isServer = kind === 'server' || kind === 'microsoft365' || kind === 'google';
  return isServer ? replies.dailyLimitDeferred : replies.sentTooMuchToday;
}
