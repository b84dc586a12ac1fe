/** Downloads as a browser without JavaScript meets them, over HTTP. */
import assert from 'node:assert/strict';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { within } from '#/model/index.ts';
import { DownloadsBench, type Kept } from '#/testkit/downloads/index.ts';
import { FakeMeter, testCertificate, unaskedWeb } from '#/testkit/index.ts';
import { startWeb } from '../index.ts';
import { attachmentNamed } from './content-disposition.ts';
import { unknownPerMinute } from './limits.ts';

const CLOCK = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms: number, signal?: AbortSignal) =>
    void (await pause(ms, null, signal ? { signal } : {}).catch(() => {})),
};

/** A browser that keeps its cookie and follows nothing by itself. */
async function start(terms: Parameters<DownloadsBench['share']>[1] = {}, trustHttp: readonly string[] = []) {
  const bench = new DownloadsBench();
  let port = 0;
  let http: Server | null = null;
  const meter = new FakeMeter();
  const web = await startWeb({
    services: { host: 'mail.acme.test', mx: null, httpsPort: null, offered: [] } as never,
    ...unaskedWeb(bench.directory),
    trustHttp,
    ...{ directory: bench.directory, visits: bench.visits, clock: CLOCK, log: bench.log, meter },
    tls: () => testCertificate(),
    listeners: [
      {
        kind: 'http',
        listen: async (server) => {
          http = server;
          await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
          port = (server.address() as AddressInfo).port;
        },
      },
    ],
  });
  const kept = (await bench.share(['taro@example.test'], terms)) as Kept;
  const token = kept.tokens[0] ?? '';
  let cookie = '';
  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = {
      connection: 'close',
      'accept-language': 'ja',
      ...(cookie === '' ? {} : { cookie }),
      ...(init.headers as Record<string, string> | undefined),
    };
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual', ...init, headers });
    cookie = answer.headers.get('set-cookie')?.split(';', 1)[0] ?? cookie;
    const octets = Buffer.from(await answer.arrayBuffer());
    return { status: answer.status, headers: answer.headers, octets, text: octets.toString() };
  };
  const post = (form: Record<string, string>, path = `/files/${token}`) =>
    ask(path, { method: 'POST', body: new URLSearchParams(form) });
  const taken = async () => {
    const { links } = (await bench.downloads.show(kept.share.id, within(30_000))) ?? { links: [] };
    return Object.fromEntries(links[0]?.taken ?? []);
  };
  return {
    ...{ bench, kept, token, ask, post, taken, meter },
    get port() {
      return port;
    },
    connections: () => new Promise<number>((resolve) => http?.getConnections((_, count) => resolve(count))),
    forgetCookie: () => {
      cookie = '';
    },
    [Symbol.asyncDispose]: async () => {
      await web[Symbol.asyncDispose]();
      await bench[Symbol.asyncDispose]();
    },
  };
}

test('H1: who reads the recipient’s mail proves it by a code, and gets the file octet for octet under its name', async () => {
  await using web = await start();
  const page = await web.ask(`/files/${web.token}`);
  assert.equal(page.status, 200);
  assert.match(page.text, /見積書\.pdf.*14.B/);
  assert.match(page.text, /t•••@example\.test/);
  assert.equal((await web.post({ act: 'fetch', file: '1' })).status, 403, 'without a code');
  const asked = await web.post({ act: 'code' });
  assert.deepEqual([asked.status, asked.headers.get('location')], [303, `/files/${web.token}?sent=1&lang=ja`]);
  const { to, text } = web.bench.letter();
  assert.equal(to, 'taro@example.test');
  const code = /\d{4} \d{4}/.exec(text)?.[0] ?? '';
  const proved = await web.post({
    act: 'prove',
    secret: ` ${code.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)))}`,
  });
  assert.equal(proved.status, 303, 'full-width figures are figures');
  assert.match(
    proved.headers.get('set-cookie') ?? '',
    new RegExp(`Path=/files/${web.token}; Max-Age=1800; HttpOnly; SameSite=Strict$`),
  );
  assert.match((await web.ask(`/files/${web.token}`)).text, /<button name="act" value="fetch">/);
  for (const { n, name, octets } of [
    { n: '1', name: '見積書.pdf', octets: web.kept.share.files[0]?.bytes },
    { n: '2', name: 'plan.bin', octets: 3_000 },
  ]) {
    const file = await web.post({ act: 'fetch', file: n });
    assert.equal(file.status, 200);
    assert.equal(file.headers.get('content-disposition'), attachmentNamed(name));
    assert.equal(file.headers.get('content-type'), 'application/octet-stream');
    assert.equal(file.headers.get('x-content-type-options'), 'nosniff');
    assert.match(file.headers.get('content-security-policy') ?? '', /^sandbox;/);
    assert.equal(file.headers.get('cache-control'), 'no-store');
    assert.equal(file.octets.length, octets);
  }
  assert.deepEqual(await web.taken(), { 1: 1, 2: 1 });
});

test('design 6: looking, however often and by whatever scanner, sends no code, counts nothing and gives nothing', async () => {
  await using web = await start({ proof: 'none' });
  for (const method of ['GET', 'HEAD', 'GET'])
    assert.equal((await web.ask(`/files/${web.token}?act=fetch&file=1`, { method })).status, 200);
  assert.deepEqual(await web.taken(), {});
  assert.equal(web.bench.letters.length, 0);
  assert.equal((await web.post({ act: 'code' })).status, 400, 'nothing is to be proved');
  assert.equal(web.bench.letters.length, 0);
});

test('H1: more than the downloads that there are is refused in words, and the page says so before', async () => {
  await using web = await start({ proof: 'none' });
  const statuses = [];
  for (let i = 0; i < 3; i++) statuses.push((await web.post({ act: 'fetch', file: '1' })).status);
  assert.deepEqual(statuses, [200, 200, 410]);
  const page = await web.ask(`/files/${web.token}`, { headers: { 'accept-language': 'en' } });
  assert.match(page.text, /used up/);
  assert.match(page.text, /value="fetch" disabled/);
  assert.equal((await web.post({ act: 'fetch', file: '9' })).status, 400);
});

test('design 6: a link that was revoked looks as one that never was; one that is locked or over says what to do', async () => {
  await using web = await start();
  const { id } = web.kept.share;
  const look = async (token = web.token) => web.ask(`/files/${token}?lang=en`);
  const never = await look('A'.repeat(27));
  await web.bench.downloads.act(id, null, { kind: 'lock' }, within(30_000));
  const locked = await look();
  assert.deepEqual([locked.status, /locked/.test(locked.text)], [403, true]);
  assert.equal((await web.post({ act: 'code' })).status, 403);
  await web.bench.downloads.act(id, null, { kind: 'revoke', at: web.bench.now }, within(30_000));
  const revoked = await look();
  assert.equal(revoked.status, 404);
  assert.equal(revoked.text.replaceAll(web.token, ''), never.text.replaceAll('A'.repeat(27), ''));
  assert.equal((await look('short')).status, 404);
});

test('design 6: a proof is of one link alone, for half an hour', async () => {
  await using web = await start();
  const other = (await web.bench.share(['hanako@example.test'])) as Kept;
  const code = async () => {
    await web.post({ act: 'code' });
    return /\d{4} \d{4}/.exec(web.bench.letter().text)?.[0] ?? '';
  };
  const secret = await code();
  assert.equal(
    (await web.post({ act: 'prove', secret }, `/files/${other.tokens[0]}`)).status,
    403,
    'a code of another link',
  );
  assert.equal((await web.post({ act: 'prove', secret })).status, 303);
  assert.equal(
    (await web.post({ act: 'fetch', file: '1' }, `/files/${other.tokens[0]}`)).status,
    403,
    'a pass of another link',
  );
  assert.equal((await web.post({ act: 'fetch', file: '1' })).status, 200);
  web.bench.now += 1_800_000;
  assert.equal((await web.post({ act: 'fetch', file: '1' })).status, 403);
  web.forgetCookie();
  assert.equal((await web.post({ act: 'prove', secret })).status, 403, 'a code is good once');
});

test('H1: a download that broke off before half of it is not counted, and what is stored goes on in a stream', async () => {
  // More than the buffers of two sockets hold.
  const octets = Buffer.alloc(40_000_000, 'some octets ');
  await using web = await start({ proof: 'none', files: [{ name: 'big.bin', octets }] });
  const socket = asked(web);
  await new Promise((resolve) => socket.once('data', resolve));
  socket.destroy();
  await brokenOff(web);
  assert.deepEqual(await web.taken(), { 1: 0 });
  const whole = await web.post({ act: 'fetch', file: '1' });
  assert.ok(whole.octets.equals(octets));
});

test('H1: a browser that went before its file was opened has used up no download', async () => {
  await using web = await start({ proof: 'none' });
  const { downloads } = web.bench;
  const take = downloads.take.bind(downloads);
  let socket: Socket | null = null;
  downloads.take = async (...given) => {
    const isTaken = await take(...given);
    socket?.destroy();
    while ((await web.connections()) > 0) await pause(1);
    return isTaken;
  };
  socket = asked(web);
  await brokenOff(web);
  assert.deepEqual(await web.taken(), { 1: 0 });
});

/** A browser that asks for the first file. */
function asked({ port, token }: { readonly port: number; readonly token: string }): Socket {
  const socket = connect(port, '127.0.0.1');
  const body = 'act=fetch&file=1';
  const fields = `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}`;
  socket.write(`POST /files/${token} HTTP/1.1\r\nHost: x\r\n${fields}\r\n\r\n${body}`);
  return socket;
}

/** When the log says so, or never. */
async function brokenOff({ bench, kept }: Pick<Awaited<ReturnType<typeof start>>, 'bench' | 'kept'>): Promise<void> {
  const isTold = async () =>
    (await bench.downloads.events(kept.share.id, 10, within(30_000))).some(({ kind }) => kind === 'broke off');
  for (let i = 0; i < 1_000 && !(await isTold()); i++) await pause(10);
}

test('B3: who tries links that are not there is slowed down; names of files make no markup, and tokens stand in no log', async () => {
  const name = '<script>alert(1)</script>"\r\n../../x';
  await using web = await start({ proof: 'none', files: [{ name, octets: Buffer.from('x') }] });
  const page = await web.ask(`/files/${web.token}`);
  assert.ok(!page.text.includes('<script') && !page.text.includes('..&#47;'));
  const file = await web.post({ act: 'fetch', file: '1' });
  assert.doesNotMatch(file.headers.get('content-disposition') ?? '', /[<>/\\\r\n]/);
  let last = 0;
  for (let i = 0; i <= unknownPerMinute; i++) last = (await web.ask(`/files/${'B'.repeat(27)}`)).status;
  assert.equal(last, 429);
  const told = JSON.stringify([web.bench.log.lines, web.meter]);
  assert.ok(!told.includes(web.token));
});

test('B3: who has a link opens it, whoever else of the same address tries others; clients of a believed proxy are each their own', async () => {
  await using web = await start({ proof: 'none' }, ['127.0.0.1/32']);
  const status = async (token: string, client: string) =>
    (await web.ask(`/files/${token}`, { headers: { 'x-forwarded-for': client } })).status;
  let last = 0;
  for (let i = 0; i <= unknownPerMinute; i++) last = await status('B'.repeat(27), '203.0.113.1');
  assert.equal(last, 429);
  assert.equal(await status(web.token, '203.0.113.1'), 200);
  assert.equal(await status('B'.repeat(27), '203.0.113.2'), 404);
});

test('RFC 6266, RFC 8187: names of files arrive as they are, in browsers that know the one form or both', () => {
  assert.equal(
    attachmentNamed('plan (1).txt'),
    `attachment; filename="plan _1_.txt"; filename*=UTF-8''plan%20%281%29.txt`,
  );
  assert.equal(attachmentNamed('plan.txt'), 'attachment; filename="plan.txt"');
  const japanese = attachmentNamed('見積"書;.pdf');
  assert.match(japanese, /^attachment; filename="[!-~ ]+"; filename\*=UTF-8''[A-Za-z0-9%._-]+$/);
  assert.equal(decodeURIComponent(japanese.split("''")[1] ?? ''), '見積"書;.pdf');
});
