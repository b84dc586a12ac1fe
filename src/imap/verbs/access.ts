/** LOGIN and AUTHENTICATE (RFC 9051 §6.2): who reads. The words are `codec/sasl`, the judgement is the sign-in port's. */
import { type Command, type Reply, reply } from '#/codec/imap/index.ts';
import { parsePlain } from '#/codec/sasl/index.ts';
import { type AccountKey, within } from '#/model/index.ts';
import type { Principal } from '#/ports/index.ts';
import * as answers from '../answers.ts';
import { capabilities } from '../capabilities.ts';
import { placeOf, type Session } from '../session.ts';
import type { Ask } from './verb.ts';

export function login(command: Extract<Command, { name: 'LOGIN' }>, session: Session): Reply | Promise<Reply> {
  return session.mayAuthenticate ? prove(command.user, command.password, session) : answers.tlsFirst;
}

export function authenticate(
  command: Extract<Command, { name: 'AUTHENTICATE' }>,
  session: Session,
): Reply | Promise<Reply> | Ask {
  if (!session.mayAuthenticate) return answers.tlsFirst;
  if (command.mechanism !== 'PLAIN') return answers.mechanismUnknown;
  if (command.initial !== null) return plain(command.initial, session);
  return { challenge: '', next: (line) => plain(line, session) };
}

async function plain(base64: string, session: Session): Promise<Reply> {
  // RFC 9051 §6.2.2: a lone asterisk gives it up.
  if (base64 === '*') return answers.saslCancelled;
  const credentials = parsePlain(base64);
  if (credentials === null) return answers.saslMalformed;
  const { authorizeAs, user, password } = credentials;
  if (authorizeAs !== '' && authorizeAs.toLowerCase() !== user.toLowerCase()) return answers.notForOthers;
  return prove(user, password, session);
}

async function prove(user: string, password: string, session: Session): Promise<Reply> {
  const { world } = session;
  const call = within(world.settings.limits.signInAnswerMs, session.signal ?? undefined);
  const answer = await world.signIn.password(user, password, session.peer, call);
  world.counters.signIns.add(1, { outcome: answer.kind });
  if (answer.kind === 'later') return answers.signInLater;
  return answer.kind === 'proven' ? signedIn(answer.principal, session) : failed(session);
}

function signedIn(principal: Principal, session: Session): Reply {
  const { world } = session;
  if (principal.user === null) return answers.noMailbox;
  const account: AccountKey = { tenant: principal.tenant.id, address: principal.user.address };
  // Who has hung up meanwhile would never give the place back.
  if (session.isOver) return answers.closing;
  const entered = world.admission.userEnters(placeOf(account), world.directory.current().tenants.length < 2);
  if (entered !== 'entered')
    return entered === 'too many of this user' ? answers.tooManyOfUser : answers.tooManyOfTenant;
  session.person = { principal, account, off: world.capabilitiesOff(account) };
  session.directory = world.directory.current();
  return reply('OK', `CAPABILITY ${capabilities(session).join(' ')}`, 'Signed in');
}

function failed(session: Session): Reply {
  session.signInFailures += 1;
  const tooOften = session.signInFailures >= session.world.settings.limits.signInFailuresMax;
  return tooOften ? answers.tooManyFailures : answers.wrongPassword;
}
