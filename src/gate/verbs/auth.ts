/** AUTH (RFC 4954): who sends. The words are `codec/sasl`, the judgement is the sign-in port's. */
import { randomBytes } from 'node:crypto';
import {
  decodeBase64,
  encodeBase64,
  LoginExchange,
  type LoginStep,
  parsePlain,
  ScramServer,
} from '#/codec/sasl/index.ts';
import { type Command, type Reply, replies } from '#/codec/smtp/index.ts';
import { within } from '#/model/index.ts';
import type { Principal, SignInAnswer } from '#/ports/index.ts';
import type { Answer, Turned } from '../answer.ts';
import { mayAuthenticate, mechanisms } from '../capabilities.ts';
import type { Session } from '../session.ts';

type Auth = Extract<Command, { verb: 'AUTH' }>;

export function auth(command: Auth, session: Session): Answer {
  const refusal = notNow(session);
  if (refusal !== null) return refusal;
  if (!mechanisms(session).includes(command.mechanism)) return replies.mechanismUnknown;
  return EXCHANGES[command.mechanism]?.(command.initial, session) ?? replies.mechanismUnknown;
}

function notNow(session: Session): Reply | null {
  if (session.rules.auth === 'no') return replies.commandNotOffered;
  if (session.signedIn) return replies.signedInAlready;
  if (session.transaction !== null) return replies.authDuringMail;
  if (session.hello === null) return replies.helloFirst;
  return mayAuthenticate(session) ? null : replies.tlsBeforeAuth;
}

const EXCHANGES: Readonly<Record<string, (initial: string | null, session: Session) => Answer>> = {
  PLAIN: plain,
  LOGIN: login,
  'SCRAM-SHA-256': scram,
};

/** Sends a challenge; `*` instead of an answer cancels (RFC 4954 §4). */
function ask(challenge: string, next: (line: string) => Answer): Turned {
  const follows = {
    kind: 'sasl',
    next: (line: string) => (line === '*' ? replies.authCancelled : next(line)),
  } as const;
  return { reply: replies.challenge(challenge), follows };
}

function plain(initial: string | null, session: Session): Answer {
  if (initial === null) return ask('', (line) => plain(line, session));
  const credentials = parsePlain(initial);
  if (credentials === null) return replies.authMalformed;
  const { user, password, authorizeAs } = credentials;
  // Nobody acts for another here (RFC 4616 §2).
  if (authorizeAs !== '' && authorizeAs.toLowerCase() !== user.toLowerCase()) return failed(session);
  return prove(user, password, session);
}

function login(initial: string | null, session: Session): Answer {
  const exchange = new LoginExchange();
  const follow = (step: LoginStep): Answer => {
    if (step.kind === 'ask') return ask(step.challenge, (line) => follow(exchange.answer(line)));
    return step.kind === 'malformed' ? replies.authMalformed : prove(step.user, step.password, session);
  };
  return follow(exchange.begin(initial));
}

async function prove(user: string, password: string, session: Session): Promise<Reply> {
  const { world } = session;
  const call = within(world.settings.limits.signInAnswerMs);
  return concluded(await world.signIn.password(user, password, session.peer, call), session);
}

function scram(initial: string | null, session: Session): Answer {
  if (initial === null) return ask('', (line) => scram(line, session));
  const server = new ScramServer();
  const first = server.first(decodeBase64(initial)?.toString('utf8') ?? '');
  if (first === null) return replies.authMalformed;
  const keys = session.world.signIn.scramKeys(first.user, session.peer);
  if (keys === null) return replies.authBusy;
  const challenge = server.challenge(keys, randomBytes(18).toString('base64'));
  const itself = first.authorizeAs === '' || first.authorizeAs === first.user;
  return ask(encodeBase64(challenge), (line) => {
    const proof = server.final(decodeBase64(line)?.toString('utf8') ?? '');
    const answer = session.world.signIn.scramDone(first.user, proof !== null && keys.real && itself, session.peer);
    if (proof === null || answer.kind !== 'proven') return concluded(answer, session);
    // RFC 4954 §4: our own proof goes out as a last challenge, which the client answers with nothing.
    return ask(encodeBase64(proof), () => concluded(answer, session));
  });
}

function concluded(answer: SignInAnswer, session: Session): Reply {
  session.world.counters.signIns.add(1, { outcome: answer.kind });
  if (answer.kind === 'later') return replies.authBusy;
  return answer.kind === 'proven' ? succeeded(answer.principal, session) : failed(session);
}

function succeeded(principal: Principal, session: Session): Reply {
  session.becomes(principal);
  session.world.usage.seen(principal, null);
  return replies.signedIn;
}

function failed(session: Session): Reply {
  const tooOften = ++session.signInFailures >= session.world.settings.limits.signInFailuresMax;
  return tooOften ? replies.authTooOften : replies.wrongPassword;
}
