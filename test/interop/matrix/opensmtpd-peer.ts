/** OpenSMTPD for the matrix: Debian's, with its users and its fixed places in private roots. */
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { greets } from '../../support/greets.ts';
import { findPeer, type Peer } from '../../support/peers.ts';
import { type Inside, type PrivateRoot, startInside, whyNotPrivate } from '../../support/private-root.ts';
import { maildirOf } from './maildir.ts';
import { opensmtpdConfiguration } from './opensmtpd-settings.ts';
import type { ForeignServer, Surroundings } from './peer.ts';

/** Numbers that no users of the system have. */
const IDS = { opensmtpd: 64_991, opensmtpq: 64_992, keeper: 64_993 } as const;
const START_DEADLINE_MS = 15_000;

/** Starts it, or says why there is none. It has one size limit for all its listeners, so the small one is a second instance. */
export async function startOpensmtpd(around: Surroundings): Promise<ForeignServer | { missing: string }> {
  const peer = await findPeer('opensmtpd');
  if ('missing' in peer) return peer;
  const missing = await whyNotPrivate();
  if (missing !== null) return { missing: `opensmtpd wants users and places of its own, and ${missing}` };
  await using parts = new AsyncDisposableStack();
  const main = parts.use(await startOne(peer, around, 'main'));
  const old = parts.use(await startOne(peer, around, 'old'));
  const all = parts.move();
  const control = peer.path('smtpctl');
  return {
    name: 'opensmtpd',
    version: `OpenSMTPD ${/OpenSMTPD (\S+) starting/.exec(main.server.output())?.[1] ?? 'of unknown version'}`,
    kept: () => [...main.kept(), ...old.kept()],
    recover: async () => {
      for (const table of ['moody', 'rude']) {
        writeFileSync(join(main.base, table), 'nobody@nowhere.test\n');
        await main.server.run(control, ['update', 'table', table], IDS.opensmtpq);
      }
    },
    flush: (sender) => flush(main.server, control, sender),
    log: () => main.server.output(),
    ended: () => main.server.ended() || old.server.ended(),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** One envelope after the other: `schedule all` now and then meets a report in the making, and the whole server falls (`tree_get`). */
async function flush(server: Inside, control: string, sender: string): Promise<void> {
  const queue = await server.run(control, ['show', 'queue'], IDS.opensmtpq);
  for (const line of queue.split('\n').filter((one) => one.includes(`|${sender}|`))) {
    const [envelope = ''] = line.split('|');
    await server.run(control, ['schedule', envelope], IDS.opensmtpq);
  }
}

async function startOne(peer: Peer, around: Surroundings, part: 'main' | 'old') {
  await using parts = new AsyncDisposableStack();
  const base = layOut(around, part);
  parts.defer(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }));
  const server = parts.use(startInside(rootOf(peer, base), peer.path('smtpd'), ['-d', '-f', join(base, 'smtpd.conf')]));
  await untilUp(server, part === 'main' ? around.ports.plain : around.ports.old);
  const all = parts.move();
  return { base, server, kept: maildirOf(join(base, 'keep', 'new')), [Symbol.asyncDispose]: () => all.disposeAsync() };
}

function rootOf(peer: Peer, base: string): PrivateRoot {
  const home = '/var/lib/opensmtpd/empty';
  const delivery =
    peer.unpackedIn === undefined ? [] : [{ at: '/usr/libexec', from: join(peer.unpackedIn, 'usr/libexec') }];
  return {
    base,
    users: [
      { name: 'opensmtpd', id: IDS.opensmtpd, home },
      { name: 'opensmtpq', id: IDS.opensmtpq, home },
      { name: 'keeper', id: IDS.keeper, home: join(base, 'keep') },
    ],
    empty: ['/var/spool', '/var/lib', '/run'],
    shown: [
      { at: '/var/spool/smtpd', from: join(base, 'spool') },
      { at: home, from: join(base, 'empty') },
      ...delivery,
    ],
    libraries: [],
    env: peer.env,
  };
}

function layOut(around: Surroundings, part: 'main' | 'old'): string {
  const base = mkdtempSync(join(tmpdir(), 'holdfast-opensmtpd-'));
  chmodSync(base, 0o755);
  for (const name of ['spool', 'keep', 'empty']) mkdirSync(join(base, name));
  chmodSync(join(base, 'spool'), 0o711);
  chownSync(join(base, 'keep'), IDS.keeper, IDS.keeper);
  writeFileSync(join(base, 'cert.pem'), around.certificate.cert);
  writeFileSync(join(base, 'key.pem'), around.certificate.key, { mode: 0o600 });
  writeFileSync(join(base, 'moody'), 'later@opensmtpd.test\n');
  writeFileSync(join(base, 'rude'), 'busy@opensmtpd.test\n');
  writeFileSync(join(base, 'smtpd.conf'), opensmtpdConfiguration(base, around, part), { mode: 0o600 });
  return base;
}

async function untilUp(server: Inside, port: number): Promise<void> {
  for (const deadline = Date.now() + START_DEADLINE_MS; Date.now() < deadline; await sleep(100)) {
    if (server.ended()) break;
    if (await greets(port)) return;
  }
  throw new Error(`opensmtpd did not start: ${server.output()}`);
}
