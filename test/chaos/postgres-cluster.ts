/** Hosts of a cluster as processes, and what they have promised: the ground on which the chaos of PostgreSQL is judged. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { MailId, Orphan } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import { systemClock } from '#/roles/system-clock.ts';
import type { PostgresCustody } from '#/store/postgres/index.ts';
import { openPostgresCustody } from '#/store/postgres/index.ts';
import { eventually } from '../support/holdfast.ts';
import type { HostPlan } from './postgres-host.ts';

const HOST = join(import.meta.dirname, 'postgres-host.ts');
const READY_MS = 30_000;
const PEER_MS = 150;
const DRAIN_MS = 120_000;
const TRACED_TOGETHER = 200;

export interface ClusterReport {
  /** Recipients that were promised. */
  readonly accepted: number;
  readonly delivered: number;
  readonly bounced: number;
  /** Promised, and not to be found at its end: must be empty. */
  readonly missing: readonly string[];
  /** Taken by the peer more than once without a mark in the trace: must be empty. */
  readonly unexplained: readonly string[];
  readonly duplicates: number;
  readonly balanced: boolean;
  readonly orphans: readonly Orphan[];
  /** What hosts complained of. */
  readonly trouble: readonly string[];
}

/** Hosts on one database, and the lines that they wrote. */
export class Cluster implements AsyncDisposable {
  readonly #url: string;
  readonly #folder: string;
  readonly #seed: number;
  readonly #connections: number;
  readonly #hosts = new Map<string, ChildProcess>();
  readonly #accepted = new Map<string, number>();
  readonly #served = new Map<string, number>();
  readonly #trouble: string[] = [];
  /** Wall-clock ms of the newest promise. */
  lastAcceptedAt = 0;

  private constructor(url: string, folder: string, { seed, connections }: ClusterPlan) {
    this.#url = url;
    this.#folder = folder;
    this.#seed = seed;
    this.#connections = connections;
  }

  static async start(url: string, plan: ClusterPlan): Promise<Cluster> {
    const cluster = new Cluster(url, await mkdtemp(join(tmpdir(), 'holdfast-cluster-')), plan);
    for (let i = 1; i <= plan.hosts; i++) await cluster.launch(`host${i}`);
    return cluster;
  }

  get promised(): number {
    return this.#accepted.size;
  }

  get hosts(): readonly string[] {
    return [...this.#hosts.keys()];
  }

  /** Starts a host; comes back when it takes mail. */
  async launch(name: string): Promise<void> {
    const seed = this.#seed + Number(name.replace(/\D/g, ''));
    const secretsKeyFile = join(this.#folder, 'secrets.key');
    const plan: HostPlan = {
      url: this.#url,
      name,
      secretsKeyFile,
      seed,
      connections: this.#connections,
      peerMs: PEER_MS,
    };
    const child = spawn(process.execPath, [HOST, JSON.stringify(plan)], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#hosts.set(name, child);
    child.stdin.on('error', () => {});
    child.stderr.on('data', (text: Buffer) => this.#trouble.push(`${name}: ${text.toString().trim()}`));
    const ready = Promise.withResolvers<void>();
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('ready')) ready.resolve();
      else this.#note(name, line);
    });
    child.once('exit', () => ready.reject(new Error(`${name} ended: ${this.#trouble.join('; ')}`)));
    const late = setTimeout(
      () => ready.reject(new Error(`${name} is not ready: ${this.#trouble.join('; ')}`)),
      READY_MS,
    );
    await ready.promise.finally(() => clearTimeout(late));
  }

  /** As a crash of the machine would end it. */
  async kill(name: string): Promise<void> {
    const child = this.#hosts.get(name);
    this.#hosts.delete(name);
    if (child === undefined || child.exitCode !== null) return;
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
  }

  /** Ends the intake, waits until nothing is left to do, and looks at every promise. */
  async report(): Promise<ClusterReport> {
    for (const child of this.#hosts.values()) child.stdin?.write('steady\n');
    await using custody = await this.open();
    await this.#drained(custody);
    const recounts = await custody.recount(within(READY_MS));
    const orphans = await custody.sweep(within(READY_MS));
    return {
      ...(await this.#look(custody)),
      balanced: recounts.length > 0 && recounts.every(({ balanced }) => balanced),
      orphans,
      trouble: this.#trouble,
    };
  }

  /** Custody as a host of its own sees it. */
  open(): Promise<PostgresCustody> {
    const settings = { url: this.#url, secretsKeyFile: join(this.#folder, 'secrets.key'), host: 'judge', release: '0' };
    return openPostgresCustody(settings, { clock: systemClock, blobs: null });
  }

  /** Whether all that was promised before now has ended. */
  async ended(ids: readonly MailId[], custody: PostgresCustody): Promise<boolean> {
    for (let from = 0; from < ids.length; from += TRACED_TOGETHER) {
      const some = ids.slice(from, from + TRACED_TOGETHER);
      const traces = await custody.trace({ ids: some }, some.length, within(READY_MS));
      if (traces.length < some.length) return false;
      if (traces.some(({ recipients }) => recipients.some(({ state }) => !ENDED.includes(state)))) return false;
    }
    return true;
  }

  /** Ids that were promised so far. */
  get ids(): readonly MailId[] {
    return [...this.#accepted.keys()] as MailId[];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#hosts.keys()].map((name) => this.kill(name)));
    await rm(this.#folder, { recursive: true, force: true });
  }

  #note(name: string, line: string): void {
    const [what, id = '', number = ''] = line.split(' ');
    if (what === 'accepted') {
      this.#accepted.set(id, Number(number));
      this.lastAcceptedAt = Date.now();
    } else if (what === 'served') this.#served.set(`${id} ${number}`, (this.#served.get(`${id} ${number}`) ?? 0) + 1);
    else this.#trouble.push(`${name}: ${line}`);
  }

  async #drained(custody: PostgresCustody): Promise<void> {
    await eventually(
      'nothing waits any more',
      async () => (await custody.books(within(READY_MS))).every(({ queued }) => queued === 0),
      DRAIN_MS,
    );
  }

  async #look(custody: PostgresCustody): Promise<Omit<ClusterReport, 'balanced' | 'orphans' | 'trouble'>> {
    const missing: string[] = [];
    const marked = new Set<string>();
    let [accepted, delivered, bounced] = [0, 0, 0];
    const { ids } = this;
    for (let from = 0; from < ids.length; from += TRACED_TOGETHER) {
      const some = ids.slice(from, from + TRACED_TOGETHER);
      const traces = await custody.trace({ ids: some }, some.length, within(READY_MS));
      const byId = new Map(traces.map((trace) => [trace.id, trace]));
      for (const id of some) {
        for (let n = 1; n <= (this.#accepted.get(id) ?? 0); n++) {
          accepted++;
          const found = byId.get(id)?.recipients.find((recipient) => recipient.n === n);
          if (found?.possiblyDuplicate) marked.add(`${id} ${n}`);
          if (found?.state === 'delivered' && this.#served.has(`${id} ${n}`)) delivered++;
          else if (found?.state === 'bounced') bounced++;
          else missing.push(`${id} ${n} ${found?.state ?? 'unknown'}`);
        }
      }
    }
    const twice = [...this.#served].filter(([key, times]) => times > 1 && this.#accepted.has(key.split(' ')[0] ?? ''));
    const unexplained = twice.map(([key]) => key).filter((key) => !marked.has(key));
    return { accepted, delivered, bounced, missing, unexplained, duplicates: twice.length };
  }
}

export interface ClusterPlan {
  readonly hosts: number;
  readonly connections: number;
  readonly seed: number;
}

const ENDED: readonly string[] = ['delivered', 'bounced', 'discarded', 'expired'];
