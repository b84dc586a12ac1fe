/** Taking a recipient into a transaction: whom the address reaches, whether the sender's limits allow it. Used at RCPT, and for a cloud when its header is known. */
import { type RcptCommand, type Reply, replies } from '#/codec/smtp/index.ts';
import { localPartOf, type MailAddress } from '#/model/index.ts';
import type { Principal } from '#/ports/index.ts';
import { type Expansion, expand, expandPostmaster } from './expand.ts';
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

/** Whom an address reaches for this sender. A postmaster of ours is always somebody (RFC 5321 §4.5.1). */
export function reach(transaction: Transaction, address: MailAddress, command: RcptCommand, world: World): Expansion {
  const { directory, principal } = transaction;
  const { hostname, limits } = world.settings;
  const owner = principal?.tenant.id ?? null;
  if (command.recipient === 'postmaster') return expandPostmaster(hostname, owner, directory);
  const expansion = expand(address, owner, directory, limits.expandedRecipientsMax);
  const orphaned = expansion.kind === 'unknown' && localPartOf(address).toLowerCase() === 'postmaster';
  return orphaned ? expandPostmaster(hostname, owner, directory) : expansion;
}

/** Contract: server relays only ever hear 450, since a 550 would bounce other people's mail; people and devices learn it for good. */
function overLimit(limit: 'over per10m' | 'over perDay', principal: Principal | null): Reply {
  if (limit === 'over per10m') return replies.sendingTooFast;
  const kind = principal?.relay?.kind;
  const isServer = kind === 'server' || kind === 'microsoft365' || kind === 'google';
  return isServer ? replies.dailyLimitDeferred : replies.sentTooMuchToday;
}
