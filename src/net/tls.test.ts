import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer as createNetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { SecureVersion } from 'node:tls';
import { connect, createServer, TLSSocket } from 'node:tls';
import { within } from '#/model/index.ts';
import { createDialer, openTls } from './index.ts';

const DAY_MS = 86_400_000;
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'holdfast-tls-'));
});
afterEach(() => rm(dir, { recursive: true }));

function parts() {
  const events: string[] = [];
  const note = (event: string): number => events.push(event);
  const log = { info: note, warn: note, error: note, child: () => log };
  let now = Date.now();
  const clock = {
    now: () => now,
    monotonic: () => performance.now(),
    sleep: (_ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve())),
  };
  return { log, clock, events, pass: (ms: number) => (now += ms) };
}

const selfSigned = () => ({ kind: 'selfSigned', dir: join(dir, 'tls'), hostname: 'mx.example.test' }) as const;

async function handshake(kind: 'modern' | 'legacy', version: SecureVersion, ciphers: string): Promise<string> {
  await using keeper = await openTls(selfSigned(), parts());
  const secureContext = keeper.context(kind);
  await using server = createNetServer((plain) => {
    const secure = new TLSSocket(plain, { isServer: true, secureContext });
    secure.on('error', () => plain.destroy()).on('secure', () => secure.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const options = { rejectUnauthorized: false, minVersion: version, maxVersion: version, ciphers } as const;
  const socket = connect({ port, host: '127.0.0.1', ...options });
  try {
    await once(socket, 'secureConnect');
    return `${socket.getProtocol()}`;
  } catch {
    return 'refused';
  } finally {
    socket.destroy();
  }
}

test('M1: only the legacy context speaks TLS 1.0, and both speak 1.3', async () => {
  const old = 'DEFAULT@SECLEVEL=0';
  assert.equal(await handshake('legacy', 'TLSv1', old), 'TLSv1');
  assert.equal(await handshake('legacy', 'TLSv1', 'AES128-SHA@SECLEVEL=0'), 'TLSv1');
  assert.equal(await handshake('modern', 'TLSv1', old), 'refused');
  assert.equal(await handshake('modern', 'TLSv1.1', old), 'refused');
  assert.equal(await handshake('modern', 'TLSv1.2', 'DEFAULT'), 'TLSv1.2');
  assert.equal(await handshake('legacy', 'TLSv1.3', 'DEFAULT'), 'TLSv1.3');
});

test('contract: the self-signed certificate is kept, bears our name, and is renewed before it ends', async () => {
  const { pass, ...given } = parts();
  await using keeper = await openTls(selfSigned(), given);
  assert.match(keeper.certificate.names, /DNS:mx\.example\.test/);
  const file = join(dir, 'tls', 'self-signed-ec.pem');
  assert.equal((await stat(file)).mode & 0o777, 0o600);

  await using again = await openTls(selfSigned(), given);
  assert.equal(again.certificate.fingerprint256, keeper.certificate.fingerprint256);

  pass(370 * DAY_MS);
  await keeper.refresh();
  await keeper.refresh();
  assert.deepEqual(given.events, ['tls.renewed']);
  assert.notEqual(again.certificate.fingerprint256, keeper.certificate.fingerprint256);
  assert.equal(new X509Certificate(await readFile(file)).fingerprint256, keeper.certificate.fingerprint256);
});

test('contract: changed files are taken, and a bad pair is refused while the good one serves on', async () => {
  const given = parts();
  await using _first = await openTls(selfSigned(), given);
  const [cert, key] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
  const use = async (name: string): Promise<void> => {
    for (const path of [cert, key]) await copyFile(join(dir, 'tls', `self-signed-${name}.pem`), path);
  };
  await use('ec');
  await using keeper = await openTls({ kind: 'files', cert, key }, given);
  const before = keeper.certificate.fingerprint256;

  await copyFile(join(dir, 'tls', 'self-signed-rsa.pem'), key);
  await keeper.refresh();
  assert.equal(keeper.certificate.fingerprint256, before);
  await use('rsa');
  await keeper.refresh();
  assert.notEqual(keeper.certificate.fingerprint256, before);
  assert.deepEqual(given.events, ['tls.refused', 'tls.renewed']);
});

test('contract: files that are missing or no certificate stop the start with the setting’s name', async () => {
  const [cert, key] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
  await assert.rejects(openTls({ kind: 'files', cert, key }, parts()), {
    code: 'config.invalid',
    message: /tls\.cert/,
  });
  await writeFile(cert, 'nothing');
  await writeFile(key, 'nothing');
  await assert.rejects(openTls({ kind: 'files', cert, key }, parts()), { code: 'config.invalid' });
});

test('RFC 7817 §3: a verified connection wants a known authority and the right name, an opportunistic one neither', async () => {
  await using keeper = await openTls(selfSigned(), parts());
  const pem = await readFile(join(dir, 'tls', 'self-signed-ec.pem'), 'utf8');
  await using server = createServer({ cert: pem, key: pem }, (socket) => socket.on('error', () => {}).end('hello'));
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const dial = async (authorities: string[], servername: string, verify: 'name' | null): Promise<string> => {
    const dialer = createDialer({ allow: [], authorities });
    const plain = await dialer.connect({ address: '127.0.0.1', port, trusted: true }, within(30_000));
    try {
      const secure = await dialer.secure(plain, { servername, verify }, within(30_000));
      return (await secure.toArray()).join('');
    } catch (error) {
      return (error as Error).message;
    } finally {
      plain.destroy();
    }
  };
  assert.ok(keeper.certificate.notAfter > Date.now());
  assert.equal(await dial([], 'mx.example.test', null), 'hello');
  assert.match(await dial([], 'mx.example.test', 'name'), /self-signed/);
  assert.equal(await dial([pem], 'mx.example.test', 'name'), 'hello');
  assert.match(await dial([pem], 'other.example.test', 'name'), /does not match|altnames/i);
  assert.match(await dial([pem], '127.0.0.1', 'name'), /does not match|altnames/i);
});
