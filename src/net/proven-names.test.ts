import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ConnectionOptions, connect, type SecureContext, TLSSocket } from 'node:tls';
import { FakeClock, FakeLog, makeAuthority, testCertificate } from '#/testkit/index.ts';
import { openTls, provenNames } from './index.ts';

interface Seen {
  readonly names: readonly string[];
  readonly resumed: boolean;
  /** What the client may come back with. */
  readonly session: Buffer | undefined;
}

/** One handshake with a server that asks for a certificate. */
async function meet(secureContext: SecureContext, client: ConnectionOptions): Promise<Seen> {
  const seen = Promise.withResolvers<Omit<Seen, 'session'>>();
  await using server = createServer((plain) => {
    const asking = { requestCert: true, rejectUnauthorized: false };
    const secured = new TLSSocket(plain, { isServer: true, secureContext, ...asking });
    secured.on('error', seen.reject);
    secured.once('secure', () => {
      seen.resolve({ names: provenNames(secured), resumed: secured.isSessionReused() });
      secured.end('x');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...client });
  let session: Buffer | undefined;
  socket.on('session', (kept: Buffer) => {
    session = kept;
  });
  socket.on('error', seen.reject).resume();
  const result = await seen.promise;
  await once(socket, 'close');
  return { ...result, session };
}

test('design 6: a client’s names count only when an authority that we trust vouches for them', async () => {
  const [authority, other] = await Promise.all([makeAuthority(), makeAuthority()]);
  const context = testCertificate({ authority: authority.cert });
  const good = await authority.issue(['Mail.Example.test', '*.example.test']);
  assert.deepEqual((await meet(context, good)).names, ['mail.example.test', '*.example.test']);
  const bad = [{}, await other.issue(['mail.example.test']), await authority.issue(['a.test'], { past: true })];
  for (const client of bad) assert.deepEqual((await meet(context, client)).names, []);
});

test('design 6: a name hidden in another part of the certificate is no name', async () => {
  const authority = await makeAuthority();
  const context = testCertificate({ authority: authority.cert });
  const sly = await authority.issue(['a.test, DNS:mail.example.test', 'own.test']);
  assert.deepEqual((await meet(context, sly)).names, ['own.test']);
});

test('M1: a client that was asked for a certificate may resume its session, TLS 1.2 and 1.3', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-names-'));
  const clock = new FakeClock();
  {
    await using keeper = await openTls(
      { kind: 'selfSigned', dir, hostname: 'mx.example.test' },
      { clock, log: new FakeLog() },
    );
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const { session } = await meet(keeper.context('modern'), { maxVersion });
      assert.ok(session);
      assert.equal((await meet(keeper.context('modern'), { maxVersion, session })).resumed, true, maxVersion);
    }
  }
  await rm(dir, { recursive: true });
});
