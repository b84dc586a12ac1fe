/** A private Dovecot on ports of the loopback, with users of its own: the peer that mail clients know best. Nothing of the system is touched. */
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DOVECOT_USERS, type DovecotMail, type DovecotPorts, dovecotConf } from './dovecot-settings.ts';
import { freePort } from './free-port.ts';
import { greets } from './greets.ts';
import { findPeer, type Peer } from './peers.ts';
import { type Inside, startInside, whyNotPrivate } from './private-root.ts';

/** A running instance. */
export interface Dovecot extends AsyncDisposable {
  readonly ports: DovecotPorts;
  readonly version: string;
  /** Ends it and starts it again on the same mail. */
  restart(): Promise<void>;
  /** The folder of a user's mail. */
  mailOf(user: string): string;
  /** What it logged so far. */
  log(): string;
  /** The root of its processes. */
  pid(): number;
}

/** Passwords by user name. */
export type DovecotUsers = Readonly<Record<string, string>>;

const START_DEADLINE_MS = 20_000;
const CERTIFICATE = fileURLToPath(new URL('../../fixtures/tls/', import.meta.url));

/** Starts one that serves these users, or says why there can be none here. */
export async function startDovecot(
  users: DovecotUsers,
  mail: DovecotMail = 'sdbox',
): Promise<Dovecot | { missing: string }> {
  const peer = await findPeer('dovecot');
  if ('missing' in peer) return peer;
  const missing = await whyNotPrivate();
  if (missing !== null) return { missing: `dovecot wants users and places of its own, and ${missing}` };
  const ports = await fivePorts();
  const base = layOut(users, ports, mail);
  await using parts = new AsyncDisposableStack();
  parts.defer(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }));
  let running = await startOn(peer, base, ports);
  parts.defer(() => running[Symbol.asyncDispose]());
  const version = (await running.run('dovecot', ['--version'])).split(' ')[0] ?? 'of unknown version';
  const all = parts.move();
  return {
    ports,
    version,
    restart: async () => {
      await running[Symbol.asyncDispose]();
      running = await startOn(peer, base, ports);
    },
    mailOf: (user) => join(base, 'mail', user, 'mail'),
    log: () => running.output(),
    pid: () => running.pid,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function startOn(peer: Peer, base: string, ports: DovecotPorts): Promise<Inside> {
  const unpacked = peer.unpackedIn;
  const root = {
    base,
    users: Object.entries(DOVECOT_USERS).map(([name, id]) => ({ name, id, home: base })),
    empty: [],
    shown: [],
    ...(unpacked === undefined ? {} : { over: unpacked }),
    libraries: unpacked === undefined ? [] : (peer.env.LD_LIBRARY_PATH ?? '').split(delimiter),
    env: peer.env,
  };
  const server = startInside(root, '/usr/sbin/dovecot', ['-F', '-c', join(base, 'dovecot.conf')]);
  for (const deadline = Date.now() + START_DEADLINE_MS; Date.now() < deadline; await sleep(100)) {
    if (server.ended()) break;
    if (await greets(ports.lmtp)) return server;
  }
  const said = server.output();
  await server[Symbol.asyncDispose]();
  throw new Error(`dovecot did not start: ${said}`);
}

async function fivePorts(): Promise<DovecotPorts> {
  const found = new Set<number>();
  while (found.size < 5) found.add(await freePort());
  const [imap = 0, imaps = 0, pop3 = 0, pop3s = 0, lmtp = 0] = found;
  return { imap, imaps, pop3, pop3s, lmtp };
}

function layOut(users: DovecotUsers, ports: DovecotPorts, mail: DovecotMail): string {
  const base = mkdtempSync(join(tmpdir(), 'holdfast-dovecot-'));
  chmodSync(base, 0o755);
  for (const name of ['run', 'state', 'mail']) mkdirSync(join(base, name), { mode: 0o755 });
  chownSync(join(base, 'mail'), DOVECOT_USERS.vmail, DOVECOT_USERS.vmail);
  for (const name of ['cert.pem', 'key.pem']) cpSync(join(CERTIFICATE, name), join(base, name));
  const lines = Object.entries(users).map(([user, password]) => `${user}:${password}`);
  writeFileSync(join(base, 'users'), `${lines.join('\n')}\n`, { mode: 0o644 });
  writeFileSync(join(base, 'dovecot.conf'), dovecotConf(base, ports, mail));
  return base;
}
