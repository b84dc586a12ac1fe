/**
 * From a told mail to custody: the header is read, a cloud's sender is proven, the message is made, one per tenant, and the reply is
 * known when the commit is.
 *
 * What must never happen: 250 without a commit (H3); mail for the world from somebody unknown; the mails of one transaction
 * committed apart.
 */
import { type Reply, replies } from '#/codec/smtp/index.ts';
import {
  type ArrivedMail,
  type BlobRef,
  type Body,
  Fault,
  isFault,
  type MailId,
  newMailId,
  PROBE_TENANT,
  type TenantId,
  within,
} from '#/model/index.ts';
import { knownStamp, prove, ROUNDS_MAX } from './cloud.ts';
import type { LargeContent } from './content.ts';
import { readHeader, rewrite } from './header.ts';
import type { FinalRecipient, Prepared } from './prepared.ts';
import { replyForRoom } from './room.ts';
import type { Session } from './session.ts';
import type { Transaction } from './transaction.ts';

/** Ends a transaction whose body is whole. One reply, or for LMTP one per accepted RCPT (RFC 2033 §4.2). Never rejects. */
export function complete(session: Session, transaction: Transaction): readonly Reply[] | Promise<readonly Reply[]> {
  const refusal = closedDoor(session, transaction) ?? transaction.content?.fault ?? null;
  if (refusal !== null) return refuse(session, transaction, refusal);
  const prepared = transaction.prepared ?? prepare(session, transaction, true);
  if (prepared === null || 'code' in prepared) return refuse(session, transaction, prepared ?? replies.headerTooLarge);
  return commit(session, transaction, prepared);
}

/** Reads the header of what has come and decides whose mail it is; null where the header isn't whole yet. */
export function prepare(session: Session, transaction: Transaction, whole: boolean): Prepared | Reply | null {
  const { content } = transaction;
  const chunks = content?.chunks ?? [];
  const header = readHeader(chunks, content?.size ?? 0, whole);
  if (header === 'not yet') return null;
  if (header === 'too large') return replies.headerTooLarge;
  // RFC 5321 §6.3.
  if (header.hops > session.world.settings.limits.hopsMax) return replies.loopFound;
  const refusal = session.cloud ? prove(session, transaction, header.connectors) : null;
  if (refusal !== null) return refusal;
  const stamp = session.cloud ? knownStamp(session, transaction, header.stamps) : null;
  if (stamp !== null && stamp.hop >= ROUNDS_MAX) return replies.goesRound;
  const receivedAt = session.world.clock.now();
  const id = newMailId(receivedAt);
  const recipient = transaction.named.length === 1 ? (transaction.named[0]?.address ?? null) : null;
  const kept = rewrite(chunks, header, session, {
    id,
    receivedAt,
    recipient,
    stamp: stamp?.value ?? null,
    smtpUtf8: transaction.needs.smtpUtf8,
  });
  return { id, receivedAt, ...kept, hops: header.hops + 1, groups: groupsOf(transaction) };
}

/** Moves a large content to the blob store: once for each tenant, for blobs are never shared across tenants. */
export async function openLarge(session: Session, transaction: Transaction): Promise<LargeContent | Reply | null> {
  const prepared = prepare(session, transaction, false);
  if (prepared === null || 'code' in prepared) return prepared;
  const writers: LargeContent['writers'][number][] = [];
  try {
    for (const tenant of prepared.groups.keys()) {
      const writer = await session.world.blobs.create(tenant, within(session.world.settings.limits.commitMs));
      writers.push({ tenant, writer });
    }
  } catch (fault) {
    for (const { writer } of writers) writer.abort().catch(() => undefined);
    throw fault;
  }
  transaction.prepared = { ...prepared, chunks: [] };
  return { writers, head: prepared.chunks };
}

function closedDoor(session: Session, transaction: Transaction): Reply | null {
  const [recipient] = transaction.final.values();
  const room = session.world.intake.room(transaction.principal?.tenant.id ?? recipient?.tenant);
  return room.open ? null : replyForRoom(room);
}

/** Mail of somebody known belongs to them, whoever gets it; a stranger's to the tenant of each recipient (design 1, Doors). */
function groupsOf(transaction: Transaction): ReadonlyMap<TenantId, readonly FinalRecipient[]> {
  const groups = new Map<TenantId, FinalRecipient[]>();
  for (const recipient of transaction.final.values()) {
    const group = groups.get(recipient.tenant);
    if (group === undefined) groups.set(recipient.tenant, [recipient]);
    else group.push(recipient);
  }
  return groups;
}

async function commit(session: Session, transaction: Transaction, prepared: Prepared): Promise<readonly Reply[]> {
  const { world } = session;
  try {
    const content = transaction.content;
    const call = within(world.settings.limits.commitMs);
    const refs = content?.large ? await content.finish() : null;
    // A peer that had to wait so long has heard 451 and sends the mail again: it must not be accepted any more.
    if (performance.now() > call.deadlineAt) throw new Fault('call.late');
    const mails = mailsOf(session, transaction, prepared, refs);
    await world.intake.accept(mails, call);
    accepted(session, transaction, mails);
    return spoken(session, transaction, (tenants) => replies.accepted(idsOf(mails, tenants)));
  } catch (fault) {
    world.log.warn('gate.not-accepted', { listener: session.kind, fault: fault instanceof Error ? fault.message : '' });
    return refuse(session, transaction, isFault(fault, 'disk.full') ? replies.diskShort : replies.tryLater);
  }
}

function accepted(session: Session, transaction: Transaction, mails: readonly ArrivedMail[]): void {
  const { world } = session;
  transaction.keep();
  transaction.content?.release();
  transaction.content = null;
  if (transaction.principal !== null) world.usage.seen(transaction.principal, null);
  world.counters.messages.add(mails.length, session.labels);
  world.counters.recipients.add(transaction.final.size);
}

function refuse(session: Session, transaction: Transaction, reply: Reply): readonly Reply[] {
  const { world } = session;
  if (transaction.principal !== null) world.usage.seen(transaction.principal, reply.lines.join(' '));
  transaction.abandon(world.usage);
  return spoken(session, transaction, () => reply);
}

/** RFC 2033 §4.2: LMTP answers once for each RCPT that was accepted, in order. */
function spoken(
  session: Session,
  transaction: Transaction,
  say: (tenants: ReadonlySet<TenantId> | null) => Reply,
): readonly Reply[] {
  return session.rules.protocol === 'lmtp' ? transaction.named.map(({ tenants }) => say(tenants)) : [say(null)];
}

function mailsOf(
  session: Session,
  transaction: Transaction,
  prepared: Prepared,
  refs: ReadonlyMap<TenantId, BlobRef> | null,
): ArrivedMail[] {
  const several = prepared.groups.size > 1;
  const identity = transaction.principal?.identity ?? STRANGER;
  return [...prepared.groups].map(([tenant, recipients], i) => {
    const body = bodyOf(prepared, refs?.get(tenant));
    const purpose = tenant === PROBE_TENANT ? 'probe' : 'mail';
    return {
      id: several ? (`${prepared.id}-${i + 1}` as MailId) : prepared.id,
      parent: null,
      tenant,
      origin: 'received',
      purpose,
      sender: transaction.sender,
      identity,
      receivedAt: prepared.receivedAt,
      needs: transaction.needs,
      facts: prepared.facts,
      hops: prepared.hops,
      size: body.size,
      body,
      recipients: recipients.map(({ address, original, orcpt, notify, direction }, j) => ({
        n: j + 1,
        address,
        original,
        orcpt,
        notify,
        direction,
        ...session.world.routing.enter({ address, direction }, tenant, purpose, identity),
      })),
    };
  });
}

const STRANGER: ArrivedMail['identity'] = { kind: 'peer', tenant: null, name: '' };

function bodyOf(prepared: Prepared, ref: BlobRef | undefined): Body {
  if (ref !== undefined) return { kind: 'blob', ref, size: ref.size };
  const size = prepared.chunks.reduce((sum, { length }) => sum + length, 0);
  return { kind: 'memory', chunks: prepared.chunks, size };
}

/** Ids named in one reply; a mail to more tenants than this can be traced by the first part of any. */
const IDS_SAID_MAX = 20;

function idsOf(mails: readonly ArrivedMail[], tenants: ReadonlySet<TenantId> | null): string {
  const told = tenants === null ? mails : mails.filter(({ tenant }) => tenants.has(tenant));
  return told
    .slice(0, IDS_SAID_MAX)
    .map(({ id }) => id)
    .join(' ');
}
