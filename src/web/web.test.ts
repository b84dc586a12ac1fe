import assert from 'node:assert/strict';
import { request } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { MailServices } from '#/announce/index.ts';
import type { Domain } from '#/model/index.ts';
import { FakeDirectorySource, FakeLog, FakeMeter, tenantOf, testCertificate, unaskedWeb } from '#/testkit/index.ts';
import { startWeb, type WebParts } from './index.ts';
import { bodyBytesMax, connectionsPerAddressMax } from './limits.ts';

const SERVICES: MailServices = {
  host: 'mail.acme.test' as Domain,
  mx: 'mx.acme.test' as Domain,
  httpsPort: 443,
  offered: [
    { protocol: 'imap', security: 'tls', port: 993 },
    { protocol: 'submission', security: 'tls', port: 465 },
  ],
};
const CLOCK = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms: number, signal?: AbortSignal) =>
    void (await pause(ms, null, signal ? { signal } : {}).catch(() => {})),
};

async function start(deadlines: NonNullable<WebParts['deadlines']> = {}) {
  const ports = { http: 0, https: 0 };
  const directory = new FakeDirectorySource([
    tenantOf({ id: 'acme', domains: ['acme.test'], users: [['alice@acme.test']] }),
  ]);
  const web = await startWeb({
    services: SERVICES,
    deadlines,
    directory,
    ...unaskedWeb(directory),
    tls: () => testCertificate(),
    clock: CLOCK,
    log: new FakeLog(),
    meter: new FakeMeter(),
    listeners: (['http', 'https'] as const).map((kind) => ({
      kind,
      listen: async (server) => {
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        ports[kind] = (server.address() as AddressInfo).port;
      },
    })),
  });
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(`http://127.0.0.1:${ports.http}${path}`, { headers: { connection: 'close' }, ...init });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };
  return { ports, ask, [Symbol.asyncDispose]: () => web[Symbol.asyncDispose]() };
}

test('O1: mail programs get the settings of every address of a domain of ours, and of no other domain', async () => {
  await using web = await start();
  for (const who of ['alice', 'nobody'])
    for (const path of [
      `/mail/config-v1.1.xml?emailaddress=${who}@acme.test`,
      `/.well-known/autoconfig/mail/config-v1.1.xml?emailaddress=${who}%40ACME.test`,
      `/apple.mobileconfig?email=${who}@acme.test`,
      `/setup?email=${who}@acme.test`,
    ]) {
      const { status, text } = await web.ask(path);
      assert.deepEqual([status, text.includes('mail.acme.test'), text.includes('993')], [200, true, true], path);
      const elsewhere = await web.ask(path.replace(/acme\.test/i, 'world.test'));
      assert.deepEqual([elsewhere.status, elsewhere.text.includes('993')], [404, false], path);
    }
  assert.match((await web.ask('/.well-known/autoconfig/mail/config-v1.1.xml')).text, /%EMAILDOMAIN%/);
});

test('O1: Outlook’s question is answered on any spelling of its path; what can’t be read, is too large or asks for another form is said so', async () => {
  await using web = await start();
  const ask = (body: string, path = '/autodiscover/autodiscover.xml') =>
    web.ask(path, { method: 'POST', body, headers: { 'content-type': 'text/xml', connection: 'close' } });
  const question = (address: string) =>
    `<Autodiscover><Request><EMailAddress>${address}</EMailAddress></Request></Autodiscover>`;
  for (const path of [
    '/autodiscover/autodiscover.xml',
    '/Autodiscover/Autodiscover.xml',
    '/AutoDiscover/AutoDiscover.xml',
  ]) {
    const { status, text } = await ask(question('alice@acme.test'), path);
    assert.deepEqual([status, text.includes('<LoginName>alice@acme.test</LoginName>')], [200, true], path);
  }
  assert.equal((await ask(question('alice@world.test'))).status, 404);
  assert.deepEqual([(await ask('nonsense')).status, (await ask('nonsense')).text.includes('600')], [400, true]);
  assert.equal((await ask('')).status, 400);
  assert.equal((await ask('x'.repeat(bodyBytesMax + 1))).status, 413);
  assert.equal((await web.ask('/autodiscover/autodiscover.xml')).status, 405);
});

test('design 6: no Host header, query or path becomes markup or a link; every answer forbids frames, scripts and guessing', async () => {
  await using web = await start();
  const evil = encodeURIComponent(`"><script>alert(1)</script>@acme.test`);
  for (const path of [
    '/',
    '/setup',
    `/setup?email=${evil}`,
    `/setup?email=${evil}&email=x`,
    '/none',
    '/%00',
    `/${evil}`,
    '/style.css',
  ]) {
    const { headers, text } = await web.ask(path, {
      headers: { host: 'evil.test', 'x-forwarded-host': 'evil.test', connection: 'close' },
    });
    assert.ok(!/<script|evil\.test/.test(text), path);
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/, path);
  }
});

test('O1: pages speak the language that the browser or the link asks for', async () => {
  await using web = await start();
  const of = async (language: string, path = '/setup') =>
    /<html lang="(\w+)">/.exec(
      (await web.ask(path, { headers: { 'accept-language': language, connection: 'close' } })).text,
    )?.[1];
  assert.deepEqual(
    [
      await of('ja,en;q=0.5'),
      await of('de'),
      await of('en-GB, ja;q=0.9'),
      await of('*;;q=x,,'),
      await of('ja', '/setup?lang=en'),
    ],
    ['ja', 'en', 'en', 'en', 'en'],
  );
  for (const path of ['/setup?email=alice@acme.test', '/setup?email=alice@acme.test&lang=ja'])
    assert.ok((await web.ask(path)).text.length < 30 * 1024, 'a public page is small');
});

test('B3: one address has its bound of connections, and those who leave make room', async () => {
  await using web = await start();
  const sockets = Array.from({ length: connectionsPerAddressMax }, () => connect(web.ports.http, '127.0.0.1'));
  await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
  await assert.rejects(web.ask('/'));
  for (const socket of sockets) socket.destroy();
  for (;;) if ((await web.ask('/').catch(() => null))?.status === 200) return;
});

test('B3: who never ends a header section, or never begins one, is cut off, in the clear and in TLS', async () => {
  await using web = await start({ headerMs: 300, requestMs: 600 });
  const slow = [
    [web.ports.http, 'GET / HTTP/1.1\r\nX: '],
    [web.ports.http, ''],
    [web.ports.https, ''],
    [web.ports.http, 'POST /autodiscover/autodiscover.xml HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n'],
  ] as const;
  await Promise.all(
    slow.map(async ([port, begin]) => {
      const socket = connect(port, '127.0.0.1').on('error', () => {});
      socket.resume().write(begin);
      const drip = setInterval(() => begin !== '' && socket.write('a'), 50);
      await new Promise((resolve) => socket.once('close', resolve));
      clearInterval(drip);
    }),
  );
});

test('O1: the same pages come in TLS', async () => {
  await using web = await start();
  const status = await new Promise((resolve, reject) => {
    request(
      { host: '127.0.0.1', port: web.ports.https, path: '/setup', rejectUnauthorized: false, agent: false },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      },
    )
      .on('error', reject)
      .end();
  });
  assert.equal(status, 200);
});
