/**
 * A private Postfix on a port of the loopback: as a real second server that takes mail for domains and keeps it in a
 * maildir, or as a relay to another server. Its queue, settings and log lie in a folder that goes when it is disposed.
 */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { greets } from './greets.ts';
import type { Peer } from './peers.ts';
import { findPeer } from './peers.ts';
import { mainCf, masterCf } from './postfix-settings.ts';

/** What the instance is for. Without `relayTo` and `acceptFor` it refuses every recipient. */
export type PostfixOptions = {
  /** Default: a free one. */
  port?: number;
  /** Port of the loopback to which it relays everything, at once. */
  relayTo?: number;
  /** Domains whose mail it keeps; read it with `messages()`. */
  acceptFor?: readonly string[];
  /** Further lines of main.cf, `name = value`. */
  settings?: readonly string[];
  /** Further lines of master.cf. */
  services?: readonly string[];
  /** More environment of its master; what its other programs shall see stands in `import_environment` too. */
  env?: NodeJS.ProcessEnv;
};

/** A running instance. */
export type Postfix = AsyncDisposable & {
  readonly port: number;
  /** Pid of its master; all its processes are of that group. */
  readonly pid: number;
  /** Where its `etc` and its `spool` lie. */
  readonly folder: string;
  /** Contents of the mails it has kept, oldest first, as it wrote them (LF, with its own trace fields). */
  messages: () => string[];
  /** The maildir's folder in which they are, one file each. */
  readonly maildir: string;
  /** Waits until it has kept `count` mails; throws, with its log, when `deadlineMs` has passed. */
  waitForMessages: (count: number, deadlineMs?: number) => Promise<string[]>;
  /** Its own log so far. */
  log: () => string;
};

const START_DEADLINE_MS = 15_000;
const STOP_DEADLINE_MS = 5_000;
const QUEUES = 'active bounce corrupt defer deferred flush hold incoming private maildrop public saved trace pid';

/** Starts one, ready to take mail, or says why there can be none here. */
export async function startPostfix(options: PostfixOptions = {}): Promise<Postfix | { missing: string }> {
  const peer = await findPeer('postfix');
  if ('missing' in peer) return peer;
  if (process.getuid?.() !== 0) return { missing: 'postfix runs only for root' };
  const users = findUsers();
  if (users === undefined) return { missing: 'this system has no users under which postfix could run' };
  return startWith(peer, users, options);
}

async function startWith(peer: Peer, users: Users, options: PostfixOptions): Promise<Postfix> {
  const port = options.port ?? (await freePort());
  const base = layOut(peer, users, { ...options, port });
  const master = spawn(peer.path('master'), ['-c', join(base, 'etc'), '-d'], {
    env: { ...peer.env, ...options.env, MAIL_CONFIG: join(base, 'etc') },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  const complaints: Buffer[] = [];
  master.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
  const log = (): string => Buffer.concat(complaints).toString('utf8') + textIn(join(base, 'mail.log'));
  const stop = (): Promise<void> => stopAndRemove(master, base);
  try {
    await untilItGreets(port, master);
  } catch (error) {
    const said = log();
    await stop();
    throw new Error(`postfix did not start: ${said}`, { cause: error });
  }
  const maildir = join(base, 'mail', 'kept', 'new');
  const messages = (): string[] => readMaildir(maildir);
  return {
    port,
    pid: master.pid ?? 0,
    folder: base,
    messages,
    maildir,
    log,
    waitForMessages: (count, deadlineMs = 20_000) => waitFor(messages, log, count, deadlineMs),
    [Symbol.asyncDispose]: stop,
  };
}

type Users = { owner: Account; group: string };
type Account = { name: string; uid: number; gid: number };

// Postfix wants a user and a group of its own; where its package is not installed, those of idle services serve.
function findUsers(): Users | undefined {
  const owner = ['postfix', 'mail', 'news', 'uucp'].map(account).find((found) => found !== undefined);
  const groups = ['postdrop', 'games', 'list', 'irc', 'nogroup'].filter((name) => entry('group', name) !== undefined);
  const group = groups.find((name) => name !== owner?.name);
  return owner === undefined || group === undefined ? undefined : { owner, group };
}

function account(name: string): Account | undefined {
  const fields = entry('passwd', name);
  return fields === undefined ? undefined : { name, uid: Number(fields[2]), gid: Number(fields[3]) };
}

function entry(database: 'passwd' | 'group', name: string): string[] | undefined {
  const lines = readFileSync(`/etc/${database}`, 'utf8').split('\n');
  return lines.find((line) => line.startsWith(`${name}:`))?.split(':');
}

function layOut(peer: Peer, { owner, group }: Users, options: PostfixOptions & { port: number }): string {
  const base = mkdtempSync(join(tmpdir(), 'holdfast-postfix-'));
  chmodSync(base, 0o755);
  for (const name of ['etc', 'spool', 'data', 'mail']) mkdirSync(join(base, name));
  for (const queue of QUEUES.split(' ')) layOutQueue(join(base, 'spool', queue), queue, owner);
  for (const name of ['data', 'mail']) chownSync(join(base, name), owner.uid, owner.gid);
  const root = peer.unpackedIn ?? '';
  writeFileSync(join(base, 'etc', 'main.cf'), mainCf({ base, root, owner, group, ...options }));
  writeFileSync(join(base, 'etc', 'master.cf'), masterCf(options.port, options.services));
  if (existsSync(`${root}/etc/postfix/dynamicmaps.cf`)) writeFileSync(join(base, 'etc', 'dynamicmaps.cf'), '');
  return base;
}

function layOutQueue(path: string, queue: string, owner: Account): void {
  mkdirSync(path, { mode: 0o700 });
  if (queue !== 'pid') chownSync(path, owner.uid, owner.gid);
  if (queue === 'public' || queue === 'pid') chmodSync(path, 0o755);
}

async function untilItGreets(port: number, master: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_DEADLINE_MS;
  while (Date.now() < deadline) {
    if (master.exitCode !== null) throw new Error(`master ended with ${master.exitCode}`);
    if (await greets(port)) return;
    await sleep(100);
  }
  throw new Error('no greeting');
}

async function stopAndRemove(master: ChildProcess, base: string): Promise<void> {
  if (master.pid !== undefined && master.exitCode === null && master.signalCode === null) {
    const ended = once(master, 'exit');
    signalGroup(master.pid, 'SIGTERM');
    await Promise.race([ended, sleep(STOP_DEADLINE_MS, undefined, { ref: false })]);
  }
  if (master.pid !== undefined) signalGroup(master.pid, 'SIGKILL');
  master.stderr?.destroy();
  rmSync(base, { recursive: true, force: true, maxRetries: 5 });
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is empty already.
  }
}

async function waitFor(
  messages: () => string[],
  log: () => string,
  count: number,
  deadlineMs: number,
): Promise<string[]> {
  const deadline = Date.now() + deadlineMs;
  while (messages().length < count) {
    if (Date.now() > deadline) throw new Error(`postfix has ${messages().length} of ${count} mails:\n${log()}`);
    await sleep(50);
  }
  return messages();
}

function readMaildir(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8'));
}

function textIn(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
