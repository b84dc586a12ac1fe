/**
 * A throwaway installation: the real program, run as an operator would, on free ports of the loopback and a data directory of its own.
 * Nothing of the operator's is touched: not the data, not the ports, not the settings in the environment.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';

const LAUNCHER = fileURLToPath(new URL('../../../bin/holdfast.js', import.meta.url));
const LISTENERS = ['smtp', 'submission', 'submissions', 'lmtp', 'admin'] as const;
const MAIL_LISTENERS = ['imap', 'imaps', 'pop3', 'pop3s'] as const;
const WEB_LISTENERS = ['http', 'https'] as const;

type Listener = (typeof LISTENERS)[number] | (typeof MAIL_LISTENERS)[number] | (typeof WEB_LISTENERS)[number];
/** A bound for hangs: on a machine that does much else, a start takes a minute. */
const READY_DEADLINE_MS = 180_000;
const STOP_DEADLINE_MS = 60_000;
const ANSWER_DEADLINE_MS = 5_000;
const VERB_DEADLINE_MS = 15 * 60_000;

export interface InstallationOptions {
  /** YAML lines of holdfast.yaml beside hostname, data, listen and tls. */
  readonly settings?: string;
  /** Whether it has mailboxes, with IMAP and POP3; without, local mail is held, or goes where a route says. */
  readonly mailboxes?: boolean;
  /** Whether it serves pages. */
  readonly web?: boolean;
  /** Resources that are applied before the first start. */
  readonly resources?: string;
  /** More environment; may depend on the folder of the installation. */
  readonly env?: NodeJS.ProcessEnv | ((folder: string) => NodeJS.ProcessEnv);
  readonly args?: readonly string[];
  /** For one verb of the command line, ms. */
  readonly verbMs?: number;
  /** Where its output goes instead of `output`: the writing end of a reader that the caller holds. */
  readonly reader?: Writable;
}

export interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running installation. */
export class Installation implements AsyncDisposable {
  readonly folder: string;
  /** Those of mail programs where it has mailboxes. */
  readonly ports: Readonly<Record<Listener, number>>;
  readonly #options: InstallationOptions;
  #steward: ChildProcess | null = null;
  /** What it printed, the last 64 KiB. */
  output = '';

  private constructor(folder: string, ports: Installation['ports'], options: InstallationOptions) {
    this.folder = folder;
    this.ports = ports;
    this.#options = options;
  }

  /** Writes the configuration, applies the resources and starts; ready when `/readyz` says 200. */
  static async start(options: InstallationOptions = {}): Promise<Installation> {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-'));
    const ports = {} as Record<Listener, number>;
    for (const name of servedBy(options)) ports[name] = await portBeside(Object.values(ports));
    const installation = new Installation(folder, ports, options);
    await using starting = new AsyncDisposableStack();
    starting.use(installation);
    await installation.#install();
    await installation.launch();
    starting.move();
    return installation;
  }

  async #install(): Promise<void> {
    const { settings: more = '', resources } = this.#options;
    await this.configure(more);
    if (resources === undefined) return;
    await writeFile(join(this.folder, 'resources.yaml'), resources);
    const applied = await this.cli('apply', '-f', join(this.folder, 'resources.yaml'));
    if (applied.code !== 0) throw new Error(`apply: ${applied.stdout}${applied.stderr}`);
  }

  get config(): string {
    return join(this.folder, 'holdfast.yaml');
  }

  get data(): string {
    return join(this.folder, 'data');
  }

  /** The process that `holdfast serve` is; 0 when it is not running. */
  get pid(): number {
    return this.#steward?.pid ?? 0;
  }

  /** Starts it again after a stop or a kill. */
  async launch(): Promise<void> {
    const args = [LAUNCHER, 'serve', '--config', this.config, ...(this.#options.args ?? [])];
    const to = this.#options.reader ?? 'pipe';
    const child = spawn(process.execPath, args, { env: this.#env(), stdio: ['ignore', to, to] });
    this.#steward = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output = (this.output + chunk.toString()).slice(-65_536);
      });
    }
    await this.ready();
  }

  /** Waits for `/readyz`. */
  async ready(): Promise<void> {
    const until = performance.now() + READY_DEADLINE_MS;
    for (;;) {
      const { status } = await this.admin('/readyz');
      if (status === 200) return;
      if (this.#steward?.exitCode !== null) throw new Error(`serve ended: ${this.output}`);
      if (performance.now() > until) throw new Error(`not ready: ${status} ${this.output}`);
      await pause(100);
    }
  }

  /** GET on the admin port; status 0 when nobody answers within `withinMs`. */
  async admin(
    path: string,
    withinMs = ANSWER_DEADLINE_MS,
  ): Promise<{ readonly status: number; readonly text: string }> {
    try {
      const signal = AbortSignal.timeout(withinMs);
      const answer = await fetch(`http://127.0.0.1:${this.ports.admin}${path}`, { signal });
      return { status: answer.status, text: await answer.text() };
    } catch {
      return { status: 0, text: '' };
    }
  }

  /** A figure of `/metrics`: the sum of its series whose labels contain all of `labels` (`call="accept"`). */
  async metric(name: string, ...labels: readonly string[]): Promise<number> {
    const { text } = await this.admin('/metrics');
    let sum = 0;
    for (const [, given = '', value] of text.matchAll(new RegExp(`^${name}(?:\\{(.*)\\})? (\\S+)$`, 'gm')))
      if (labels.every((label) => given.includes(label))) sum += Number(value);
    return sum;
  }

  /** Writes new settings, which count from the next start or `reload`. */
  async configure(more: string): Promise<void> {
    await writeFile(this.config, settings(this, more, this.#options));
  }

  /** Writes a file into its folder; its path. */
  async write(name: string, text: string): Promise<string> {
    const path = join(this.folder, name);
    await writeFile(path, text);
    return path;
  }

  /** SIGHUP: reads the settings again. */
  reload(): void {
    this.#steward?.kill('SIGHUP');
  }

  /** Runs one verb of the command line against this installation. */
  async cli(...words: string[]): Promise<Answer> {
    const [verb = 'help', ...rest] = words;
    const child = spawn(process.execPath, [LAUNCHER, verb, ...rest, '--config', this.config], {
      env: this.#env(),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: this.#options.verbMs ?? VERB_DEADLINE_MS,
    });
    const said = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, ...said };
  }

  /** The same with `--json`, parsed. */
  async json<T>(...words: string[]): Promise<T> {
    const answer = await this.cli(...words, '--json');
    if (answer.stdout === '') throw new Error(`${words.join(' ')} answered nothing: ${answer.code} ${answer.stderr}`);
    return JSON.parse(answer.stdout) as T;
  }

  /** Processes of this installation by role, from their environment. */
  async pids(): Promise<ReadonlyMap<string, number>> {
    return new Map(await this.#processes());
  }

  /** All that have one role: inspection has as many as the work asks for. */
  async pidsOf(role: string): Promise<readonly number[]> {
    return (await this.#processes()).filter(([its]) => its === role).map(([, pid]) => pid);
  }

  async #processes(): Promise<(readonly [role: string, pid: number])[]> {
    const found: [string, number][] = [];
    for (const name of await readdir('/proc')) {
      if (!/^[0-9]+$/.test(name)) continue;
      const environment = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '');
      if (!environment.includes(`HOLDFAST_TEST=${this.folder}\0`)) continue;
      const role = /(?:^|\0)HOLDFAST_ROLE=([^\0]*)/.exec(environment)?.[1];
      if (role !== undefined && role !== '') found.push([role, Number(name)]);
    }
    return found;
  }

  /** SIGTERM, and its exit code. */
  async stop(): Promise<number | null> {
    const child = this.#steward;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const gone = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill('SIGTERM');
    const late = setTimeout(() => void this.killAll(), STOP_DEADLINE_MS);
    const [code] = (await gone) as [number | null];
    clearTimeout(late);
    return code;
  }

  /** SIGKILL to the steward alone. */
  async killSteward(): Promise<void> {
    const child = this.#steward;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** SIGKILL to every process of it at once. */
  async killAll(): Promise<void> {
    this.#steward?.kill('SIGKILL');
    for (const [, pid] of await this.#processes()) kill(pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.killAll();
    await rm(this.folder, { recursive: true, force: true });
  }

  #env(): NodeJS.ProcessEnv {
    const { env } = this.#options;
    const more = typeof env === 'function' ? env(this.folder) : env;
    // What an operator has set for the own installation must not reach this one.
    const given = Object.entries(process.env).filter(([name]) => !name.startsWith('HOLDFAST_'));
    // Figures and lists are those of the mail that a drill or a test sends itself.
    const own = { HOLDFAST_ROLE: '', HOLDFAST_TEST: this.folder, HOLDFAST_STATUS_PROBES: 'off' };
    return { ...Object.fromEntries(given), ...own, ...more };
  }
}

/** A free port that is none of these: the system may give one twice that was only looked at. */
async function portBeside(taken: readonly number[]): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (!taken.includes(port)) return port;
  }
}

/** SIGKILL; false when it was gone already. */
export function kill(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}

function servedBy({ mailboxes = false, web = false }: InstallationOptions): readonly Listener[] {
  return [...LISTENERS, ...(mailboxes ? MAIL_LISTENERS : []), ...(web ? WEB_LISTENERS : [])];
}

/** Resolves after `ms`. */
export function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

/** Asks until the answer is true; throws with `what` when it has not come in time. */
export async function eventually(
  what: string,
  ask: () => Promise<boolean> | boolean,
  withinMs = 60_000,
): Promise<void> {
  const until = performance.now() + withinMs;
  while (!(await ask())) {
    if (performance.now() > until) throw new Error(`never came true: ${what}`);
    await pause(50);
  }
}

function settings({ data, ports }: Installation, more: string, options: InstallationOptions): string {
  const { mailboxes = false, web = false } = options;
  const served = servedBy(options);
  const listen = served.map((name) => `  ${name}: ["127.0.0.1:${ports[name]}"]`);
  const unserved = mailboxes ? [] : MAIL_LISTENERS.map((name) => `  ${name}: []`);
  return [
    'hostname: mx.holdfast.test',
    `data: ${data}`,
    'listen:',
    ...listen,
    ...unserved,
    '  sieve: []',
    ...(web ? [] : ['  http: []']),
    'tls: { selfSigned: true }',
    ...(/^roles:/m.test(more)
      ? []
      : [`roles: [[gate, deliver], ${mailboxes ? 'mail, ' : ''}${web ? 'web, ' : ''}janitor]`]),
    more,
    '',
  ].join('\n');
}
