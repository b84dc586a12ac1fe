/** Mail from a shared cloud: until its header is known, nobody knows whose it is, so RCPT was provisional (design 6, Shared clouds). */
import { type Reply, replies } from '#/codec/smtp/index.ts';
import { stampedBytesMax } from '#/codec/stamp/index.ts';
import { domainOf, type MailAddress } from '#/model/index.ts';
import type { KnownStamp, Principal } from '#/ports/index.ts';
import { canBe } from './clouds.ts';
import { takeRecipient } from './recipients.ts';
import type { Session } from './session.ts';
import type { Transaction } from './transaction.ts';

/**
 * Decides whose mail it is by the secret of the transport rule, and takes the recipients that waited. Without a valid secret the
 * peer is a stranger: our own people may get the mail, the world not. A reply where the mail must be refused.
 */
export function prove(session: Session, transaction: Transaction, secrets: readonly string[]): Reply | null {
  const { world } = session;
  transaction.principal = proven(session, transaction, secrets);
  const { principal, provisional } = transaction;
  if (principal !== null && !world.usage.maySend(principal, transaction.sender)) return replies.senderNotYours;
  for (const { address, command } of provisional) {
    const reply = takeRecipient(transaction, address, command, world);
    if (reply.code === 250) continue;
    const isUnproven = principal === null && reply === replies.relayDenied;
    return isUnproven ? unproven(session, transaction, secrets) : reply;
  }
  provisional.length = 0;
  return null;
}

/** Whether a recipient could be one whom only the cloud knows: the connection and the sender fit a relay of theirs whose mail goes back. */
export function mayGoBack(session: Session, { directory, sender }: Transaction, address: MailAddress): boolean {
  const { connectors, usage } = session.world;
  const home = directory.domain(domainOf(address))?.tenant.id;
  return connectors
    .all(directory)
    .some(
      (one) =>
        one.tenant.id === home &&
        one.relay !== null &&
        one.relay.returnsTo !== null &&
        isPossible(one, session) &&
        usage.maySend(one, sender),
    );
}

/** The secret and the connection must be of one relay: a secret that leaked is worth nothing elsewhere. */
function proven(session: Session, transaction: Transaction, secrets: readonly string[]): Principal | null {
  const [secret, ...more] = secrets;
  // Two secrets could be a sender's own beside the rule's: then neither counts.
  if (secret === undefined || more.length > 0) return null;
  const found = session.world.connectors.find(secret, transaction.directory);
  return found !== null && isPossible(found, session) ? found : null;
}

function isPossible({ relay }: Principal, { certified, peer }: Session): boolean {
  return relay !== null && canBe(relay, { certified, address: peer.address });
}

/** Design 6: how often a mail may go back to its cloud and come here again. */
export const ROUNDS_MAX = 3;

/** The loop stamp of a mail that has been here before; it counts from the tenant's own connector alone. */
export function knownStamp({ world }: Session, transaction: Transaction, stamps: readonly string[]): KnownStamp | null {
  const { principal, content } = transaction;
  if (principal === null || stamps.length === 0) return null;
  return world.loopStamps.known(stamps, principal.tenant.id, headOf(content?.chunks ?? [], stampedBytesMax));
}

function headOf(chunks: readonly Buffer[], bytesMax: number): Buffer {
  const [first] = chunks;
  if (first !== undefined && (chunks.length === 1 || first.length >= bytesMax)) return first.subarray(0, bytesMax);
  const size = chunks.reduce((sum, { length }) => sum + length, 0);
  return Buffer.concat(chunks, Math.min(size, bytesMax));
}

/** Refuses, and tells the administrators of the relays that this could have been: the connection fits, and so does the sender. */
function unproven(session: Session, transaction: Transaction, secrets: readonly string[]): Reply {
  const { connectors, usage } = session.world;
  const error = `refused: ${WHY[Math.min(secrets.length, 2)] ?? ''} X-Holdfast-Connector header`;
  for (const one of connectors.all(transaction.directory)) {
    const isTheirs = transaction.sender !== null && usage.maySend(one, transaction.sender);
    if (isTheirs && isPossible(one, session)) usage.failed(one, error);
  }
  return replies.connectorUnproven;
}

/** By the number of secrets in the header. */
const WHY = ['a mail came without the', 'a mail came with a wrong secret in the', 'a mail came with more than one'];
