/** Sockets from systemd: the program is started as systemd does it, by a parent that has bound them and keeps them. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bindSocket } from '#/net/index.ts';
import { SmtpPeer } from '#/testkit/index.ts';
import { eventually } from '../support/holdfast.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/holdfast.js', import.meta.url));
const SETTINGS = `hostname: mx.holdfast.test
data: ./data
listen:
  smtp: ["systemd:smtp"]
  submission: ["systemd:submission"]
  submissions: []
  lmtp: []
  imap: []
  imaps: []
  pop3: []
  pop3s: []
  http: []
  admin: ["systemd:admin"]
tls: { selfSigned: true }
`;

/** What systemd does: the descriptors from 3 on, their names, and the number of the process that they are for. */
function startAsSystemd(folder: string, fds: readonly number[], names: string) {
  const given = Object.entries(process.env).filter(([name]) => !name.startsWith('HOLDFAST_'));
  const child = spawn('/bin/sh', ['-c', 'LISTEN_PID=$$ exec "$@"', 'sh', process.execPath, LAUNCHER, 'serve'], {
    cwd: folder,
    env: { ...Object.fromEntries(given), LISTEN_FDS: String(fds.length), LISTEN_FDNAMES: names },
    stdio: ['ignore', 'pipe', 'pipe', ...fds],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { child, said: () => text };
}

async function greets(port: number): Promise<void> {
  using peer = await SmtpPeer.connect(port);
  await peer.hears('220 mx.holdfast.test');
}

test('contract: systemd:NAME listens on every socket that systemd gives under that name, admin included', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-systemd-'));
  await using closing = new AsyncDisposableStack();
  closing.defer(() => rm(folder, { recursive: true }));
  const sockets = ['127.0.0.1:0', '[::1]:0', '127.0.0.1:0', '127.0.0.1:0'].map(bindSocket);
  for (const socket of sockets) closing.defer(() => socket.close());
  await writeFile(join(folder, 'holdfast.yaml'), SETTINGS);
  const fds = sockets.map(({ fd }) => fd);
  const [smtp, smtp6, submission, admin] = sockets.map(({ port }) => port);

  const without = startAsSystemd(folder, fds.slice(0, 1), 'other');
  assert.equal((await once(without.child, 'close'))[0], 2);
  assert.match(without.said(), /systemd gave no socket named smtp\. It gave other: enable the \.socket unit/);

  const { child, said } = startAsSystemd(folder, fds, 'smtp:smtp:submission:admin');
  const ended = once(child, 'exit');
  closing.defer(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  await eventually('it serves', () => child.exitCode !== null || said().includes('Ready.'));
  assert.match(said(), new RegExp(`smtp +127\\.0\\.0\\.1:${smtp} \\(systemd:smtp\\)`), said());
  const ready = await fetch(`http://127.0.0.1:${admin}/readyz`);
  assert.equal(ready.status, 200, await ready.text());
  for (const port of [smtp, submission]) await greets(port ?? 0);
  assert.ok(said().includes(`[::1]:${smtp6}`), said());
});
