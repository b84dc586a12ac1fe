/** Signing in to a smarthost (RFC 4954 §4): the strongest of SCRAM-SHA-256, PLAIN and LOGIN that both sides know. */
import { pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { decodeBase64, encodeBase64, formatPlain, prepareText, ScramClient } from '#/codec/sasl/index.ts';
import { formatAuth, type ServerReply } from '#/codec/smtp/index.ts';
import type { PeerReply } from '#/model/index.ts';
import { localReply, peerReply } from './local-reply.ts';
import type { Credentials } from './routes.ts';

/** Says a line and waits for the answer; `what` names the step. */
type Say = (line: string, what: string) => Promise<ServerReply>;
type Mechanism = (credentials: Credentials, say: Say) => Promise<ServerReply | string>;

const derive = promisify(pbkdf2);

const mechanisms: readonly (readonly [string, Mechanism])[] = [
  ['SCRAM-SHA-256', byScram],
  ['PLAIN', byPlain],
  ['LOGIN', byLogin],
];

/** Null once we are signed in; else why not, never with the password. */
export async function authenticate(
  credentials: Credentials,
  offered: readonly string[],
  say: Say,
): Promise<PeerReply | null> {
  const mechanism = mechanisms.find(([name]) => offered.includes(name));
  if (mechanism === undefined) return refusal('offers no way of signing in that we know (SCRAM-SHA-256, PLAIN, LOGIN)');
  const answer = await mechanism[1](credentials, say);
  if (typeof answer === 'string') return refusal(answer);
  if (answer.code === 235) return null;
  const reply = peerReply(answer, '');
  return { ...reply, text: `The smarthost refused our user name or password: ${reply.text}` };
}

async function byPlain({ username, password }: Credentials, say: Say): Promise<ServerReply> {
  return say(formatAuth('PLAIN', formatPlain({ authorizeAs: '', user: username, password })), 'AUTH');
}

async function byLogin({ username, password }: Credentials, say: Say): Promise<ServerReply> {
  const asksUser = await say(formatAuth('LOGIN', null), 'AUTH');
  if (asksUser.code !== 334) return asksUser;
  const asksPassword = await say(`${encodeBase64(username)}\r\n`, 'the user name');
  return asksPassword.code === 334 ? say(`${encodeBase64(password)}\r\n`, 'the password') : asksPassword;
}

async function byScram({ username, password }: Credentials, say: Say): Promise<ServerReply | string> {
  const client = new ScramClient(username, randomBytes(24).toString('base64'));
  const first = await say(formatAuth('SCRAM-SHA-256', encodeBase64(client.first())), 'AUTH');
  if (first.code !== 334) return first;
  const challenge = client.challenge(textOf(first));
  if (challenge === null) return cancel(say, 'asked for a SCRAM exchange that is malformed or unsafe');
  const salted = await derive(prepareText(password) ?? password, challenge.salt, challenge.iterations, 32, 'sha256');
  const last = await say(`${encodeBase64(client.final(salted))}\r\n`, 'the proof');
  // RFC 5802 §5: the server's proof comes as a challenge (RFC 4954 §4), or with the 235 from servers that skip it.
  if (last.code !== 334) return last;
  if (!client.verify(textOf(last))) return cancel(say, 'could not prove by SCRAM that it knows our password');
  return say('\r\n', 'the end of AUTH');
}

async function cancel(say: Say, why: string): Promise<string> {
  await say('*\r\n', 'the end of AUTH');
  return why;
}

function textOf(reply: ServerReply): string {
  return decodeBase64(reply.lines[0] ?? '')?.toString('utf8') ?? '';
}

function refusal(why: string): PeerReply {
  return localReply(0, '4.7.0', `The smarthost ${why}.`);
}
