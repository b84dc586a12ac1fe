/**
 * A mail program's side of submission, for `holdfast try` and for test mail: TLS, AUTH PLAIN, one mail; each step with its time. It speaks to our
 * own server only, and believes nothing more than any client would.
 */
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { formatPlain } from '#/codec/sasl/index.ts';
import {
  type Capabilities,
  endOfData,
  formatAuth,
  formatHello,
  formatMail,
  formatRcpt,
  parseCapabilities,
  ReplyParser,
  type ServerReply,
  stuff,
} from '#/codec/smtp/index.ts';
import type { MailAddress, TransportNeeds } from '#/model/index.ts';

export interface Submission {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly content: Buffer;
  /** TLS comes first (RFC 8314 §3.3), instead of STARTTLS. */
  readonly beginsWithTls?: boolean;
  /** Whether the host is known to be this one, whatever its certificate says. */
  readonly isOurs?: boolean;
}

/** A step of the conversation and what it took. */
export interface Step {
  readonly name: 'connect' | 'STARTTLS' | 'AUTH' | 'MAIL' | 'DATA';
  readonly ms: number;
}

export interface Submitted {
  readonly queueId: string;
  readonly steps: readonly Step[];
}

/** The server did not take it; the sentence holds its answer. */
export class NotTaken extends Error {
  override name = 'NotTaken';
}

/** Sends one mail; rejects with `NotTaken`, or with what the network or `signal` said. */
export async function submit(submission: Submission, signal: AbortSignal): Promise<Submitted> {
  const { host, port, beginsWithTls = false } = submission;
  const steps = new Steps();
  const socket = connect({ host, port, signal });
  await using first = new Conversation(beginsWithTls ? secure(socket, submission) : socket);
  expect(await first.reply(), 220, 'greeted');
  steps.add('connect');
  await using secured = beginsWithTls ? first : await startTls(first, submission);
  const peer = await hello(secured);
  steps.add('STARTTLS');
  await signIn(secured, submission);
  steps.add('AUTH');
  return { queueId: await send(secured, submission, peer, steps), steps: steps.all };
}

async function startTls(plain: Conversation, submission: Submission): Promise<Conversation> {
  const offered = await hello(plain);
  if (!offered.startTls) throw new NotTaken('The server offers no STARTTLS on its submission port.');
  expect(await plain.ask('STARTTLS\r\n'), 220, 'answered STARTTLS');
  return new Conversation(secure(plain.detach(), submission));
}

class Steps {
  readonly all: Step[] = [];
  #from = performance.now();

  add(name: Step['name']): void {
    const now = performance.now();
    this.all.push({ name, ms: Math.round((now - this.#from) * 10) / 10 });
    this.#from = now;
  }
}

async function hello(conversation: Conversation): Promise<Capabilities> {
  return parseCapabilities(expect(await conversation.ask(formatHello('EHLO', 'localhost')), 250, 'answered EHLO'));
}

async function signIn(conversation: Conversation, { username, password }: Submission): Promise<void> {
  const message = formatPlain({ authorizeAs: '', user: username, password });
  expect(await conversation.ask(formatAuth('PLAIN', message)), 235, 'answered AUTH');
}

const NEEDS: TransportNeeds = { eightBit: false, smtpUtf8: false, requireTls: false, ret: null, envid: null };

async function send(
  conversation: Conversation,
  { sender, recipients, content }: Submission,
  peer: Capabilities,
  steps: Steps,
): Promise<string> {
  const mail = { sender: sender as MailAddress, size: content.length, needs: NEEDS };
  expect(await conversation.ask(formatMail(mail, peer)), 250, 'answered MAIL');
  for (const recipient of recipients) {
    const to = { address: recipient as MailAddress, notify: null, originalRecipient: null };
    expect(await conversation.ask(formatRcpt(to, peer)), 250, 'answered RCPT');
  }
  expect(await conversation.ask('DATA\r\n'), 354, 'answered DATA');
  steps.add('MAIL');
  const taken = expect(
    await conversation.ask(Buffer.concat([...stuff([content]), endOfData])),
    250,
    'answered the mail',
  );
  steps.add('DATA');
  conversation.say('QUIT\r\n');
  // Contract: `250 2.0.0 Ok: queued as ID`.
  const id = /queued as (\S+)/.exec(taken.lines.join(' '))?.[1];
  if (id === undefined) throw new NotTaken(`The server took it without naming its queue ID: ${formatAnswer(taken)}`);
  return id;
}

// The certificate of a trial is self-signed; on the loopback nobody else can answer.
function secure(socket: Socket, { host, isOurs = false }: Submission): Socket {
  const loopback = host === 'localhost' || host === '::1' || host.startsWith('127.');
  const rejectUnauthorized = !loopback && !isOurs;
  return connectTls({ socket, rejectUnauthorized, ...(isIP(host) === 0 ? { servername: host } : {}) });
}

function expect(answer: ServerReply, code: number, what: string): ServerReply {
  if (answer.code === code) return answer;
  throw new NotTaken(`The server ${what} with "${formatAnswer(answer)}".`);
}

function formatAnswer({ code, enhanced, lines }: ServerReply): string {
  return [code, enhanced, ...lines].filter((part) => part !== null && part !== '').join(' ');
}

/** Questions and answers on one socket, one at a time. */
class Conversation implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #parser = new ReplyParser();
  #waiting: PromiseWithResolvers<ServerReply> | null = null;
  #failure: Error | null = null;
  #detached = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', this.#onData);
    socket.on('error', this.#onError);
    socket.on('close', this.#onClose);
  }

  /** Sends a command and resolves with its answer. */
  ask(command: string | Buffer): Promise<ServerReply> {
    this.say(command);
    return this.reply();
  }

  say(command: string | Buffer): void {
    this.#socket.write(command);
  }

  reply(): Promise<ServerReply> {
    this.#waiting = Promise.withResolvers<ServerReply>();
    this.#step();
    return this.#waiting?.promise ?? Promise.reject(new NotTaken('The server said nothing.'));
  }

  /** Gives the socket away, for TLS. */
  detach(): Socket {
    this.#detached = true;
    this.#socket.off('data', this.#onData);
    this.#socket.off('close', this.#onClose);
    return this.#socket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#detached) this.#socket.destroy();
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#parser.feed(chunk);
    this.#step();
  };

  readonly #onError = (error: Error): void => this.#fail(error);

  readonly #onClose = (): void => this.#fail(new NotTaken('The server closed the connection.'));

  #step(): void {
    if (this.#waiting === null) return;
    if (this.#failure !== null) {
      this.#waiting.reject(this.#failure);
      return;
    }
    const step = this.#parser.next();
    if (step.kind === 'hungry') return;
    if (step.kind === 'reply') this.#waiting.resolve(step.reply);
    else this.#waiting.reject(new NotTaken(`The server's answer can't be read: ${step.why}.`));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#step();
  }
}
