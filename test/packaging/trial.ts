/**
 * What somebody does who has just installed Holdfast: start the demo, wait for readiness, send the first mail as the scanner, ask where
 * it is, stop. The program under trial is a command line; it knows nothing of this checkout.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createTransport } from 'nodemailer';
import { freePort } from '../support/free-port.ts';

const READY_MS = 60_000;
const STOP_MS = 60_000;
const VERB_MS = 60_000;
const SAID_MAX = 64 * 1024;
const LISTENERS = [
  'smtp',
  'submission',
  'submissions',
  'lmtp',
  'imap',
  'imaps',
  'pop3',
  'pop3s',
  'admin',
  'http',
] as const;

const start = promisify(execFile);

export interface TrialOptions {
  /** What `holdfast` is: the program and words that come before the verb. */
  readonly command: readonly string[];
  /** Empty folder to start in; `data` comes into being there. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

/** What the exercise found, for reports. */
export interface Tried {
  readonly version: string;
  readonly id: string;
  readonly state: string;
  readonly exitCode: number | null;
}

/** The whole exercise; throws where a step fails, with what the program said. */
export async function tryOut(options: TrialOptions): Promise<Tried> {
  await using trial = await Trial.start(options);
  const version = await trial.holdfast('version');
  const id = await trial.sendAsScanner();
  const [mail] = JSON.parse(await trial.holdfast('trace', id, '--json')) as [{ recipients: { state: string }[] }];
  assert.match(await trial.holdfast('try'), /went through everything/);
  assert.match(await trial.holdfast('audit'), /books balance/);
  return { version: version.trim(), id, state: mail.recipients[0]?.state ?? '', exitCode: await trial.stop() };
}

class Trial implements AsyncDisposable {
  readonly #options: TrialOptions;
  readonly #ports: Readonly<Record<string, number>>;
  readonly #child: ChildProcess;
  #said = '';

  private constructor(options: TrialOptions, ports: Readonly<Record<string, number>>) {
    this.#options = options;
    this.#ports = ports;
    const [program = '', ...words] = options.command;
    this.#child = spawn(program, [...words, 'serve', '--demo'], {
      cwd: options.folder,
      env: this.#env(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.#said = (this.#said + chunk.toString()).slice(-SAID_MAX);
      });
  }

  static async start(options: TrialOptions): Promise<Trial> {
    const ports: Record<string, number> = {};
    for (const name of LISTENERS) ports[name] = await freePort();
    await using starting = new AsyncDisposableStack();
    const trial = starting.use(new Trial(options, ports));
    await trial.#ready();
    starting.move();
    return trial;
  }

  async #ready(): Promise<void> {
    const until = performance.now() + READY_MS;
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${this.#ports.admin}/readyz`).catch(() => null);
      await answer?.arrayBuffer();
      if (answer?.status === 200 && this.#said.includes('scanner ')) return;
      assert.equal(this.#child.exitCode, null, `serve ended: ${this.#said}`);
      assert.ok(performance.now() < until, `not ready in time: ${this.#said}`);
      await sleep(100);
    }
  }

  /** Runs a verb; its standard output. */
  async holdfast(...words: readonly string[]): Promise<string> {
    const [program = '', ...before] = this.#options.command;
    const how = { cwd: this.#options.folder, env: this.#env(), timeout: VERB_MS };
    return (await start(program, [...before, ...words], how)).stdout;
  }

  /** The queue ID of a mail that the scanner sent by another program's SMTP, with the password that the first start printed. */
  async sendAsScanner(): Promise<string> {
    const pass = /^ *scanner +(\S+)$/m.exec(this.#said)?.[1];
    assert.ok(pass, `no password of the scanner: ${this.#said}`);
    const transport = createTransport({
      host: '127.0.0.1',
      port: this.#ports.submission,
      requireTLS: true,
      tls: { rejectUnauthorized: false },
      auth: { user: 'scanner', pass },
    });
    const { response } = await transport.sendMail({
      from: 'scanner@demo.test',
      to: 'somebody@example.com',
      subject: 'Hello from the scanner',
      text: 'One page.',
    });
    transport.close();
    const id = /queued as (\S+)/.exec(response)?.[1];
    assert.ok(id, `no queue ID in ${response}`);
    return id;
  }

  /** SIGTERM to the program that was started; its exit code. */
  async stop(): Promise<number | null> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const gone = once(child, 'exit') as Promise<[number | null]>;
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    const [code] = await gone;
    clearTimeout(late);
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #env(): NodeJS.ProcessEnv {
    const listen = LISTENERS.map((name) => [`HOLDFAST_LISTEN_${name.toUpperCase()}`, `127.0.0.1:${this.#ports[name]}`]);
    return { ...this.#options.env, ...Object.fromEntries(listen) };
  }
}
