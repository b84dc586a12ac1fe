/**
 * USER, PASS (RFC 1939 §7) and AUTH PLAIN (RFC 5034): who reads, and the maildrop of one moment. The judgement is the sign-in port's.
 * Each refusal says by its code whether the password was the reason (RFC 3206).
 */

import { type Command, type Reply, replies } from '#/codec/pop3/index.ts';
import { parsePlain } from '#/codec/sasl/index.ts';
import type { AccountKey } from '#/model/index.ts';
import type { Principal } from '#/ports/index.ts';
import type { Answer, Said } from '../answer.ts';
import { Maildrop } from '../maildrop.ts';
import type { Release } from '../places.ts';
import type { Session } from '../session.ts';
import type { World } from '../world.ts';

export function user({ name }: Extract<Command, { verb: 'USER' }>, session: Session): Answer {
  const refusal = notNow(session);
  if (refusal !== null) return refusal;
  session.name = name;
  return replies.sendPassword;
}

export function pass({ password }: Extract<Command, { verb: 'PASS' }>, session: Session): Answer {
  const refusal = notNow(session);
  if (refusal !== null) return refusal;
  const { name } = session;
  if (name === null) return replies.userFirst;
  session.name = null;
  return prove(name, password, session);
}

export function auth({ mechanism, initial }: Extract<Command, { verb: 'AUTH' }>, session: Session): Answer {
  const refusal = notNow(session);
  if (refusal !== null) return refusal;
  if (mechanism !== 'PLAIN') return replies.mechanismUnknown;
  if (initial !== null) return plain(initial, session);
  // RFC 5034 §4: `*` instead of an answer cancels.
  const next = (line: string): Answer => (line === '*' ? replies.authCancelled : plain(line, session));
  return { kind: 'sasl', challenge: '', next };
}

function notNow(session: Session): Reply | null {
  if (session.open !== null) return replies.signedInAlready;
  return session.maySignIn ? null : replies.tlsFirst;
}

function plain(base64: string, session: Session): Answer {
  const credentials = parsePlain(base64);
  if (credentials === null) return replies.authMalformed;
  const { user: name, password, authorizeAs } = credentials;
  // Nobody reads as another here (RFC 4616 §2).
  if (authorizeAs !== '' && authorizeAs.toLowerCase() !== name.toLowerCase()) return failed(session);
  return prove(name, password, session);
}

async function prove(name: string, password: string, session: Session): Promise<Said> {
  const { world, peer } = session;
  const answer = await world.signIn.password(name, password, peer, session.call(world.settings.limits.signInAnswerMs));
  world.counters.signIns.add(1, { outcome: answer.kind });
  if (answer.kind === 'later') return replies.signInLater;
  return answer.kind === 'proven' ? enter(answer.principal, session) : failed(session);
}

function failed(session: Session): Said {
  const tooOften = ++session.signInFailures >= session.world.settings.limits.signInFailuresMax;
  return tooOften ? { kind: 'end', reply: replies.authTooOften } : replies.wrongPassword;
}

/** A place for the user, then the maildrop of this moment, whole (O5). */
async function enter({ tenant, user: who }: Principal, session: Session): Promise<Said> {
  if (who === null) return replies.noMailbox;
  const { world } = session;
  const account: AccountKey = { tenant: tenant.id, address: who.address };
  const key = `${account.tenant} ${account.address}`;
  const release = takePlaces(key, account.tenant, world);
  if (typeof release !== 'function') return release;
  session.renew(world.settings.limits.storeMs);
  try {
    const drop = await world.openings.run(key, () => read(account, session));
    return drop === null ? replies.overloaded : opened(account, drop, session);
  } catch (fault) {
    world.log.warn('pop3.maildrop-unread', { what: fault instanceof Error ? fault.message : 'unknown' });
    return replies.mailboxLater;
  } finally {
    // From here on the session keeps the place, or nobody does.
    if (session.open === null) release();
    else session.keep(release);
  }
}

/** A place of the user's and one of their tenant's, or why there is none. */
function takePlaces(user: string, tenant: string, world: World): Release | Reply {
  const own = world.sessions.take(user);
  if (own === null) return turnedAway('user', replies.tooManySessions, world);
  if (world.directory.current().tenants.length < 2) return own;
  const theirs = world.tenants.take(tenant);
  if (theirs !== null)
    return () => {
      own();
      theirs();
    };
  own();
  return turnedAway('tenant', replies.tooManyOfTenant, world);
}

function turnedAway(why: string, reply: Reply, world: World): Reply {
  world.counters.turnedAway.add(1, { why });
  return reply;
}

/** Null where there is no memory for it. */
async function read(account: AccountKey, session: Session): Promise<Maildrop | null> {
  const { world } = session;
  if (session.isOver || world.maildropBytes > world.settings.limits.maildropBytesMax) return null;
  return Maildrop.of(await world.mailboxes.maildrop(account, session.call()));
}

function opened(account: AccountKey, drop: Maildrop, session: Session): Said {
  const { world } = session;
  // The peer left while its maildrop was read.
  if (session.isOver) return replies.closing;
  world.maildropBytes += drop.heldBytes;
  session.keep(() => {
    world.maildropBytes -= drop.heldBytes;
  });
  session.open = { account, drop };
  return replies.signedIn(drop.count, drop.bytes);
}
