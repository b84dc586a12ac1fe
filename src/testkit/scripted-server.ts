/**
 * An SMTP or LMTP server that does as it is told, step by step, and remembers what it heard: the other end in tests of delivery.
 * Left alone it takes all mail. It reads what is pipelined, answers a turn in one write, and never judges.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';

/** Where a session stands when the script is asked. */
export type ScriptStep = 'connect' | 'hello' | 'starttls' | 'auth' | 'mail' | 'rcpt' | 'data' | 'content' | 'reset';

/** A reply; or `hang`: says nothing for ever; or `drop`: hangs up; null does the usual. */
export type ScriptAnswer = string | null;

export interface Script {
  readonly lmtp?: boolean;
  /** EHLO keywords; STARTTLS is added where there is a certificate. */
  readonly keywords?: readonly string[];
  readonly tls?: { readonly cert: string; readonly key: string };
  /** PLAIN and LOGIN take only these. */
  readonly credentials?: { readonly username: string; readonly password: string };
  readonly address?: string;
  /** Asked at every step with the line, and how often this step was reached in this session (from 1). */
  answer?: (step: ScriptStep, line: string, count: number, session: HeardSession) => ScriptAnswer;
}

export interface HeardMail {
  readonly sender: string;
  /** Whole RCPT and MAIL lines stand in the session's `lines`. */
  readonly recipients: readonly string[];
  /** Unstuffed, as octets in latin1. */
  readonly content: string;
  readonly tls: boolean;
}

export interface HeardSession {
  /** Command lines without CRLF. */
  readonly lines: string[];
  /** What came in one read, in latin1: shows what was written together. */
  readonly reads: string[];
  tls: boolean;
}

export const usualKeywords: readonly string[] = [
  'PIPELINING',
  '8BITMIME',
  'SMTPUTF8',
  'ENHANCEDSTATUSCODES',
  'SIZE 10000000',
];

export class ScriptedServer implements AsyncDisposable {
  readonly sessions: HeardSession[] = [];
  readonly mails: HeardMail[] = [];
  readonly script: Script;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(script: Script) {
    this.script = script;
    this.#server = createServer((socket) => this.#welcome(socket));
  }

  /** Listens on a free port of the loopback. */
  static async start(script: Script = {}): Promise<ScriptedServer> {
    const server = new ScriptedServer(script);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.#server.once('error', reject);
    server.#server.listen(0, script.address ?? '127.0.0.1', resolve);
    await promise;
    return server;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#sockets.size;
  }

  /** Hangs up on everyone. */
  hangUp(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.hangUp();
    await promise;
  }

  #welcome(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    const heard: HeardSession = { lines: [], reads: [], tls: false };
    this.sessions.push(heard);
    new ScriptedSession(this, heard, socket).begin();
  }
}

class ScriptedSession {
  readonly #server: ScriptedServer;
  readonly #heard: HeardSession;
  readonly #counts = new Map<ScriptStep, number>();
  #socket: Socket;
  #input = '';
  #output = '';
  #mode: 'command' | 'content' | 'user' | 'password' | 'deaf' = 'command';
  #user = '';
  #sender = '';
  #recipients: string[] = [];

  constructor(server: ScriptedServer, heard: HeardSession, socket: Socket) {
    this.#server = server;
    this.#heard = heard;
    this.#socket = socket;
  }

  begin(): void {
    this.#attach(this.#socket);
    this.#step('connect', '', () => '220 scripted.test ESMTP');
    this.#flush();
  }

  #attach(socket: Socket): void {
    this.#socket = socket;
    socket.on('error', () => socket.destroy());
    socket.on('data', this.#onData);
  }

  readonly #onData = (chunk: Buffer): void => {
    const text = chunk.toString('latin1');
    this.#heard.reads.push(text);
    this.#input += text;
    while (this.#mode !== 'deaf' && this.#readOne());
    this.#flush();
  };

  #readOne(): boolean {
    const end = this.#mode === 'content' ? this.#endOfContent() : this.#input.indexOf('\r\n');
    if (end < 0) return false;
    const text = this.#input.slice(0, end);
    if (this.#mode === 'content') this.#input = this.#input.slice(end + (end === 0 ? 3 : 5));
    else this.#input = this.#input.slice(end + 2);
    if (this.#mode === 'content') this.#content(text);
    else this.#line(text);
    return true;
  }

  #endOfContent(): number {
    return this.#input.startsWith('.\r\n') ? 0 : this.#input.indexOf('\r\n.\r\n');
  }

  #line(line: string): void {
    if (this.#mode === 'user' || this.#mode === 'password') {
      this.#login(line);
      return;
    }
    this.#heard.lines.push(line);
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === 'EHLO' || verb === 'LHLO') this.#step('hello', line, () => this.#hello());
    else if (verb === 'HELO') this.#step('hello', line, () => '250 scripted.test');
    else if (verb === 'STAR') this.#startTls(line);
    else if (verb === 'AUTH') this.#auth(line);
    else if (verb === 'MAIL') this.#step('mail', line, () => this.#mail(line));
    else if (verb === 'RCPT') this.#step('rcpt', line, () => this.#rcpt(line));
    else if (verb === 'DATA') this.#step('data', line, () => this.#data());
    else if (verb === 'RSET') this.#step('reset', line, () => this.#reset());
    else if (verb === 'QUIT') this.#socket.end(`${this.#output}221 2.0.0 bye\r\n`);
    else this.#say('500 5.5.1 what?');
  }

  /** Does what the script says, or the usual. */
  #step(step: ScriptStep, line: string, usual: () => string): void {
    const count = (this.#counts.get(step) ?? 0) + 1;
    this.#counts.set(step, count);
    const answer = this.#server.script.answer?.(step, line, count, this.#heard) ?? null;
    if (answer === 'hang') this.#mode = 'deaf';
    else if (answer === 'drop') this.#drop();
    else if (answer === null) this.#say(usual());
    else this.#say(answer);
  }

  #drop(): void {
    this.#mode = 'deaf';
    this.#flush();
    this.#socket.destroy();
  }

  #hello(): string {
    const { keywords, tls, credentials } = this.#server.script;
    const words = [...(keywords ?? usualKeywords)];
    if (tls !== undefined && !this.#heard.tls) words.push('STARTTLS');
    if (credentials !== undefined) words.push('AUTH PLAIN LOGIN');
    return ['scripted.test', ...words]
      .map((word, i, all) => `250${i < all.length - 1 ? '-' : ' '}${word}`)
      .join('\r\n');
  }

  #startTls(line: string): void {
    const { tls } = this.#server.script;
    this.#step('starttls', line, () => (tls === undefined ? '502 5.5.1 no TLS here' : '220 2.0.0 go on'));
    if (tls === undefined || !this.#output.endsWith('220 2.0.0 go on\r\n')) return;
    this.#flush();
    const plain = this.#socket;
    plain.off('data', this.#onData);
    const secure = new TLSSocket(plain, { isServer: true, secureContext: createSecureContext(tls) });
    this.#heard.tls = true;
    this.#attach(secure);
  }

  #auth(line: string): void {
    const [, mechanism = '', initial] = line.split(' ');
    if (mechanism === 'LOGIN') {
      this.#mode = 'user';
      this.#say('334 VXNlcm5hbWU6');
      return;
    }
    const [, user = '', password = ''] = decode(initial ?? '').split('\0');
    this.#step('auth', line, () => this.#checked(user, password));
  }

  #login(line: string): void {
    if (this.#mode === 'user') {
      this.#user = decode(line);
      this.#mode = 'password';
      this.#say('334 UGFzc3dvcmQ6');
      return;
    }
    this.#mode = 'command';
    this.#step('auth', line, () => this.#checked(this.#user, decode(line)));
  }

  #checked(username: string, password: string): string {
    const { credentials } = this.#server.script;
    const right = credentials?.username === username && credentials.password === password;
    return right ? '235 2.7.0 welcome' : '535 5.7.8 wrong';
  }

  #mail(line: string): string {
    this.#sender = between(line);
    this.#recipients = [];
    return '250 2.1.0 ok';
  }

  #rcpt(line: string): string {
    this.#recipients.push(between(line));
    return '250 2.1.5 ok';
  }

  #data(): string {
    if (this.#recipients.length === 0) return '503 5.5.1 no recipients';
    this.#mode = 'content';
    return '354 go on';
  }

  #reset(): string {
    this.#recipients = [];
    return '250 2.0.0 forgotten';
  }

  #content(text: string): void {
    this.#mode = 'command';
    const recipients = this.#recipients;
    const content = `${text}\r\n`.replace(/^\.\./gm, '.');
    const mail = { sender: this.#sender, recipients, content, tls: this.#heard.tls };
    for (const recipient of this.#server.script.lmtp === true ? recipients : [recipients.join(' ')]) {
      this.#step('content', recipient, () => {
        if (!this.#server.mails.some((one) => one.recipients === recipients)) this.#server.mails.push(mail);
        return '250 2.0.0 taken';
      });
    }
    this.#recipients = [];
  }

  #say(text: string): void {
    this.#output += `${text}\r\n`;
  }

  #flush(): void {
    if (this.#output !== '') this.#socket.write(this.#output, 'latin1');
    this.#output = '';
  }
}

function between(line: string): string {
  return line.slice(line.indexOf('<') + 1, line.lastIndexOf('>'));
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
