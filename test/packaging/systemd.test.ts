/** What the units promise, by systemd's own programs: they run without systemd as the first process. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Pop3Peer, SmtpPeer } from '#/testkit/index.ts';
import { program } from '../../tools/package/program.ts';
import { freePort } from '../support/free-port.ts';
import { otherNode } from './installed.ts';

const HOME = join(import.meta.dirname, '..', '..');
const UNITS = join(HOME, 'packaging/deb/usr/lib/systemd/system');
const SETTINGS = join(HOME, 'packaging/deb/etc/holdfast/holdfast.yaml');
const ASK_MS = 30_000;
/** What `systemd-analyze security` may find at most, of 10; 1.6 when this was written. */
const EXPOSURE_MAX = 2;

/** Path of a program of systemd, or undefined after marking the test as skipped. */
function orSkipWithout(t: TestContext, name: string): string | undefined {
  const found = ['/usr/bin', '/bin'].map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found === undefined) t.skip(`${name} is not installed (Debian package systemd)`);
  return found;
}

/** The units in a folder of their own, with a program that exists here. */
function unitsHere(): { readonly folder: string; readonly files: string[] } & Disposable {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-units-'));
  cpSync(UNITS, folder, { recursive: true });
  const service = join(folder, 'holdfast.service');
  writeFileSync(service, readFileSync(service, 'utf8').replaceAll('/usr/lib/holdfast/bin/node', process.execPath));
  const files = readdirSync(folder).map((name) => join(folder, name));
  return { folder, files, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

test('house: systemd takes the units without a word', async (t) => {
  const analyze = orSkipWithout(t, 'systemd-analyze');
  if (analyze === undefined) return;
  using units = unitsHere();
  // What it only warns of, it says on the error stream and ends with 0.
  const words = ['-c', 'exec "$0" "$@" 2>&1', analyze, 'verify', '--man=no', ...units.files];
  assert.equal(await program('/bin/sh', words, { deadlineMs: ASK_MS }), '');
});

test('house: the service is as closed as systemd can make it', async (t) => {
  const analyze = orSkipWithout(t, 'systemd-analyze');
  if (analyze === undefined) return;
  using units = unitsHere();
  const words = ['security', '--offline=true', '--no-pager', join(units.folder, 'holdfast.service')];
  const said = await program(analyze, words, { deadlineMs: ASK_MS });
  const exposure = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(said)?.[1]);
  t.diagnostic(`exposure ${exposure} of 10`);
  assert.ok(exposure <= EXPOSURE_MAX, said);
});

test('house: each socket is named as the settings name it, and the service waits behind all of them', () => {
  const sockets = readdirSync(UNITS).filter((name) => name.endsWith('.socket'));
  const service = readFileSync(join(UNITS, 'holdfast.service'), 'utf8');
  const settings = readFileSync(SETTINGS, 'utf8');
  assert.equal(sockets.length, 5);
  assert.deepEqual(/^Sockets=(.+)$/m.exec(service)?.[1]?.split(' ').sort(), sockets.toSorted());
  for (const name of sockets) {
    const kind = /^FileDescriptorName=(.+)$/m.exec(readFileSync(join(UNITS, name), 'utf8'))?.[1];
    assert.ok(settings.includes(`\n  ${kind}: ["systemd:${kind}"]\n`), `${kind} is not in holdfast.yaml`);
  }
});

test('design 3: sockets that systemd binds are served; who connects first, before anything runs, is answered', async (t) => {
  const activate = orSkipWithout(t, 'systemd-socket-activate');
  if (activate === undefined) return;
  await using activated = await activateSockets(activate);
  for (const [name, port] of Object.entries(activated.ports)) {
    if (name in GREETINGS) continue;
    using peer = await SmtpPeer.connect(port, { tls: name === 'submissions' });
    await peer.hears('220');
    await peer.asks('EHLO client.test', '250');
    await peer.asks('QUIT', '221');
  }
  for (const [name, greeting] of Object.entries(GREETINGS)) {
    using peer = await Pop3Peer.connect(activated.ports[name] ?? 0, { tls: true });
    await peer.hears(greeting);
  }
});

/** How those begin that people read mail by; in TLS. */
const GREETINGS: Readonly<Record<string, string>> = { imaps: '* OK', pop3s: '+OK' };

interface Activated extends AsyncDisposable {
  readonly ports: Readonly<Record<string, number>>;
}

/**
 * systemd's own program binds, waits for a first connection, and becomes Holdfast with the settings of the Debian package: by the machine's
 * Node, so that the launcher has to hand the sockets on to the pinned one.
 */
async function activateSockets(activate: string): Promise<Activated> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-activated-'));
  const ports: Record<string, number> = {};
  for (const name of ['smtp', 'submission', 'submissions', 'imaps', 'pop3s']) ports[name] = await freePort();
  const listen = Object.values(ports).flatMap((port) => ['-l', `127.0.0.1:${port}`]);
  const serve = [join(HOME, 'bin/holdfast.js'), 'serve', '--config', SETTINGS, '--data', join(folder, 'data')];
  const words = [...listen, '--fdname', Object.keys(ports).join(':'), otherNode(), ...serve];
  const env = { PATH: process.env.PATH, HOLDFAST_LISTEN_ADMIN: `127.0.0.1:${await freePort()}` };
  const child = spawn(activate, [...passedOn(env), ...words], { env, stdio: 'ignore' });
  const end = async (): Promise<void> => {
    await stopped(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await firstConnection(ports.smtp ?? 0);
  } catch (error) {
    await end();
    throw error;
  }
  return { ports, [Symbol.asyncDispose]: end };
}

/** systemd-socket-activate hands on only the variables that it is told. */
function passedOn(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(env).flatMap(([name, value]) => ['-E', `${name}=${value}`]);
}

// Its greeting comes when the program that it called into being is ready.
async function firstConnection(port: number): Promise<void> {
  const until = performance.now() + ASK_MS;
  for (;;) {
    try {
      using peer = await SmtpPeer.connect(port);
      await peer.hears('220');
      return;
    } catch (error) {
      if (performance.now() > until) throw error;
      await new Promise((done) => setTimeout(done, 200));
    }
  }
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), ASK_MS);
  await gone;
  clearTimeout(late);
}
