/** A small SMTP client for drills and tests: sends many mails and remembers which recipients it got a 250 for. */
import { connect, type Socket } from 'node:net';

export interface TestMail {
  /** Goes into X-Test-Id. */
  readonly id: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly bodyBytes: number;
}

export interface Answered {
  readonly mail: TestMail;
  /** Final reply to DATA, or null when the connection went. */
  readonly reply: string | null;
  /** Recipients whose RCPT was taken. */
  readonly taken: readonly string[];
  /** From `queued as`. */
  readonly queueId: string | null;
}

/** One connection. Every wait ends after `timeoutMs` or when the connection goes; then `send` answers with a null reply. */
export class TestClient {
  readonly #socket: Socket;
  readonly #timeoutMs: number;
  #text = '';
  #wake: () => void = () => {};
  #gone = false;

  private constructor(socket: Socket, timeoutMs: number) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      this.#text += chunk;
      this.#wake();
    });
    const leave = () => {
      this.#gone = true;
      this.#wake();
    };
    socket.on('close', leave).on('error', leave).on('end', leave);
  }

  /** Connects and says EHLO; null when nobody answers. `localAddress` chooses the relay network. */
  static async open(port: number, localAddress: string, timeoutMs = 10_000): Promise<TestClient | null> {
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    const client = new TestClient(socket, timeoutMs);
    if (!(await client.#reply())?.startsWith('220')) return client.#giveUp();
    if (!(await client.say('EHLO load.test'))?.startsWith('250')) return client.#giveUp();
    return client;
  }

  /** Sends a line and waits for its reply, or the last one of `replies`. */
  async say(line: string): Promise<string | null> {
    if (!this.#gone) this.#socket.write(`${line}\r\n`);
    return this.#reply();
  }

  /** One transaction, pipelined as far as DATA. */
  async send(mail: TestMail): Promise<Answered> {
    const nothing = { mail, reply: null, taken: [], queueId: null };
    if (this.#gone) return nothing;
    this.#socket.write(
      [`MAIL FROM:<${mail.from}>`, ...mail.to.map((to) => `RCPT TO:<${to}>`), 'DATA', ''].join('\r\n'),
    );
    const from = await this.#reply();
    const taken: string[] = [];
    for (const to of mail.to) if ((await this.#reply())?.startsWith('250')) taken.push(to);
    const go = await this.#reply();
    if (!go?.startsWith('354')) return { ...nothing, reply: go ?? from };
    this.#socket.write(content(mail));
    const reply = await this.#reply();
    return { mail, reply, taken, queueId: /queued as (\S+)/.exec(reply ?? '')?.[1] ?? null };
  }

  get gone(): boolean {
    return this.#gone;
  }

  close(): void {
    this.#socket.destroy();
  }

  #giveUp(): null {
    this.#socket.destroy();
    return null;
  }

  async #reply(): Promise<string | null> {
    const until = performance.now() + this.#timeoutMs;
    for (;;) {
      const found = /^(?:\d{3}-.*\r\n)*\d{3}(?: .*)?\r\n/.exec(this.#text);
      if (found !== null) {
        this.#text = this.#text.slice(found[0].length);
        return found[0];
      }
      if (this.#gone || performance.now() > until) return null;
      await new Promise<void>((done) => {
        const timer = setTimeout(done, Math.max(1, until - performance.now()));
        this.#wake = () => {
          clearTimeout(timer);
          done();
        };
      });
    }
  }
}

function content(mail: TestMail): string {
  const head = `From: <${mail.from}>\r\nTo: ${mail.to.map((to) => `<${to}>`).join(', ')}\r\nSubject: Test ${mail.id}\r\nMessage-ID: <${mail.id}@load.test>\r\nDate: Sat, 21 Nov 2026 12:00:00 +0000\r\nX-Test-Id: ${mail.id}\r\n\r\n`;
  const line = `${'holdfast '.repeat(8)}\r\n`;
  return `${head}${line.repeat(Math.max(1, Math.ceil((mail.bodyBytes - head.length) / line.length)))}.\r\n`;
}
