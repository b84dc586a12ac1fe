/** One PostgreSQL server on a port and a folder of its own: started, killed, started again, and gone at the end. fsync is always on. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, globSync, openSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort } from './free-port.ts';
import type { PostgresPrograms } from './postgres-programs.ts';
import { newCluster, RUN_AS, serverFolder } from './postgres-programs.ts';

const START_MS = 60_000;
const STOP_MS = 20_000;
const STANDSTILL_MS = 5;
const HOST = '127.0.0.1';

/** What every server of ours is told, beside its port. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: HOST,
  unix_socket_directories: '',
  fsync: 'on',
  synchronous_commit: 'on',
  wal_level: 'replica',
  max_connections: '200',
  shared_buffers: '64MB',
  hot_standby: 'on',
  wal_keep_size: '512MB',
  wal_retrieve_retry_interval: '200ms',
};

export class PostgresServer implements AsyncDisposable {
  readonly programs: PostgresPrograms;
  readonly port: number;
  readonly folder: string;
  readonly #settings: Readonly<Record<string, string>>;
  #process: ChildProcess | null = null;

  /** Use `PostgresServer.make`. */
  constructor(programs: PostgresPrograms, port: number, folder: string, settings: Readonly<Record<string, string>>) {
    this.programs = programs;
    this.port = port;
    this.folder = folder;
    this.#settings = { ...SETTINGS, ...settings, port: String(port) };
  }

  /** A server with a new cluster, not yet started. Clusters are copies of one: a second one may follow a first that never ran. */
  static async make(
    programs: PostgresPrograms,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<PostgresServer> {
    const folder = await serverFolder();
    await newCluster(programs, join(folder, 'data'));
    return new PostgresServer(programs, await freePort(HOST), folder, settings);
  }

  get host(): string {
    return `${HOST}:${this.port}`;
  }

  /** Of the postmaster; null while it does not run. */
  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  urlFor(database: string): string {
    return `postgres://postgres@${this.host}/${database}`;
  }

  log(): string {
    return readFileSync(join(this.folder, 'log'), 'utf8');
  }

  /** Starts, and comes back when it answers. After a kill it recovers first. */
  async start(): Promise<void> {
    const deadline = Date.now() + START_MS;
    while (!(await this.#answers())) {
      if (Date.now() > deadline) throw new Error(`PostgreSQL does not start:\n${this.log().slice(-2000)}`);
      // What its predecessor left (a socket, shared memory) may keep it from starting for a moment.
      if (this.#process === null) this.#spawn();
      await sleep(50);
    }
  }

  /** As a power cut ends it: every process of it at once, none of which learns of it. */
  async kill9(): Promise<void> {
    const postmaster = this.#process;
    if (postmaster === null) return;
    const ended = once(postmaster, 'exit');
    // A child that it makes while the list is read would outlive it, and keep the next one from starting.
    postmaster.kill('SIGSTOP');
    await sleep(STANDSTILL_MS);
    for (const pid of this.#pids()) killIfThere(pid, 'SIGKILL');
    await ended;
  }

  /** All of it stands still: connections stay open and nobody answers. `thaw` lets it go on. */
  freeze(): void {
    for (const pid of this.#pids()) killIfThere(pid, 'SIGSTOP');
  }

  thaw(): void {
    for (const pid of this.#pids()) killIfThere(pid, 'SIGCONT');
  }

  /** An orderly end: connections are closed, everything is written. */
  async stop(): Promise<void> {
    const postmaster = this.#process;
    if (postmaster === null) return;
    const ended = once(postmaster, 'exit');
    postmaster.kill('SIGINT');
    const inTime = await Promise.race([ended.then(() => true), sleep(STOP_MS, false, { ref: false })]);
    if (!inTime) await this.kill9();
  }

  /** Follows `primary` from its very first record; call it before either has started. */
  async follow(primary: PostgresServer, name: string): Promise<void> {
    await writeFile(join(this.folder, 'data', 'standby.signal'), '');
    const info = `host=${HOST} port=${primary.port} user=postgres application_name=${name}`;
    await writeFile(join(this.folder, 'data', 'postgresql.auto.conf'), `primary_conninfo = '${info}'\n`);
  }

  /** Rows of one statement, as the superuser. */
  async query(sql: string, database = 'postgres'): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: this.urlFor(database), connectionTimeoutMillis: 5_000 });
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }

  // What it has is thrown away: no need to write it down in order.
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill9();
    await rm(this.folder, { recursive: true, force: true });
  }

  #pids(): number[] {
    const { pid } = this;
    return pid === null ? [] : [pid, ...childrenOf(pid)];
  }

  #spawn(): void {
    const log = openSync(join(this.folder, 'log'), 'a');
    const words = Object.entries(this.#settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const { postgres, env } = this.programs;
    const child = spawn(postgres, ['-D', join(this.folder, 'data'), ...words], {
      ...RUN_AS,
      env,
      cwd: this.folder,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const endWithUs = (): void => void child.kill('SIGQUIT');
    process.on('exit', endWithUs);
    child.on('error', () => {});
    child.once('exit', () => {
      process.off('exit', endWithUs);
      if (this.#process === child) this.#process = null;
    });
    this.#process = child;
  }

  async #answers(): Promise<boolean> {
    if (this.#process === null) return false;
    return await this.query('SELECT 1').then(
      () => true,
      () => false,
    );
  }
}

function childrenOf(parent: number): number[] {
  return globSync('/proc/[0-9]*/stat').flatMap((file) => {
    try {
      // `pid (name) state parent …`, and the name may hold anything.
      const [, ppid] = readFileSync(file, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      return Number(ppid) === parent ? [Number(file.split('/')[2])] : [];
    } catch {
      return [];
    }
  });
}

function killIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}
