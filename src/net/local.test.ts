import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Fault, within } from '#/model/index.ts';
import { Refusal } from '#/ports/index.ts';
import type { LocalMethod } from './index.ts';
import { connectLocal, startLocalServer } from './index.ts';

let dir: string;
let path: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'holdfast-local-'));
  path = join(dir, 'holdfast.sock');
});
afterEach(() => rm(dir, { recursive: true }));

const serve = (methods: Record<string, LocalMethod>) =>
  startLocalServer({ path, methods: new Map(Object.entries(methods)) });

const never: LocalMethod = (_args, { call }) =>
  new Promise((_resolve, reject) => call.signal?.addEventListener('abort', () => reject(new Error('ended'))));

test('design 3: values keep their kinds on the way, bytes too, and calls run beside each other', async () => {
  const gates = new Map<unknown, () => void>();
  await using _server = await serve({
    echo: async (args) => args,
    later: (args) => new Promise((resolve) => gates.set(args, () => resolve(args))),
    open: async (args) => gates.get(args)?.(),
  });
  await using client = await connectLocal(path);
  const value = { bytes: new Uint8Array([1, 2]), big: 2n ** 70n, none: undefined, map: new Map([['a', null]]) };
  assert.deepEqual(await client.call('echo', value, within(30_000)), value);

  const order: unknown[] = [];
  const waiting = ['first', 'second'].map(async (name) => order.push(await client.call('later', name, within(30_000))));
  await client.call('echo', 0, within(30_000));
  await client.call('open', 'second', within(30_000));
  await client.call('open', 'first', within(30_000));
  await Promise.all(waiting);
  assert.deepEqual(order, ['second', 'first']);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

test('design 3: large values arrive whole, and too large ones are refused on both ways', async () => {
  await using _server = await serve({
    size: async (args) => (args as Uint8Array).length,
    make: async (args) => Buffer.alloc(args as number, 7),
  });
  await using client = await connectLocal(path);
  const [mega, call] = [1024 * 1024, within(20_000)];
  assert.equal(await client.call('size', Buffer.alloc(20 * mega), call), 20 * mega);
  const got = await client.call('make', 20 * mega, call);
  assert.ok(got instanceof Uint8Array && got.length === 20 * mega && got.every((octet) => octet === 7));
  await assert.rejects(client.call('size', Buffer.alloc(65 * mega), call), { code: 'call.refused' });
  await assert.rejects(client.call('make', 65 * mega, call), { code: 'call.refused' });
  assert.equal(await client.call('size', Buffer.alloc(1), call), 1);
});

test('contract: faults travel by code, refusals with their exit code, other errors as words', async () => {
  await using _server = await serve({
    fault: async () => {
      throw new Fault('disk.full', 'On /data.');
    },
    refusal: async () => {
      throw new Refusal(4, 'Try again.');
    },
    error: async () => {
      throw new TypeError('Something else.');
    },
    cannotTravel: async () => () => 0,
  });
  await using client = await connectLocal(path);
  const call = within(30_000);
  const fault = await client.call('fault', null, call).catch((error: unknown) => error);
  assert.ok(fault instanceof Fault && fault.code === 'disk.full' && fault.retry === 'later');
  assert.match(fault.message, / On \/data\.$/);
  const refusal = await client.call('refusal', null, call).catch((error: unknown) => error);
  assert.ok(refusal instanceof Refusal && refusal.exit === 4 && refusal.message === 'Try again.');
  await assert.rejects(client.call('error', null, call), { message: 'Something else.' });
  await assert.rejects(client.call('cannotTravel', null, call), /could not be cloned/);
  await assert.rejects(client.call('toString', null, call), { code: 'call.refused' });
});

test('B3: a call ends at its deadline at both ends, and when the caller no longer wants it', async () => {
  const ended: string[] = [];
  const watch: LocalMethod = async (args, context) => {
    await never(args, context).catch(() => ended.push(String(args)));
  };
  await using _server = await serve({ watch, ended: async () => ended });
  await using client = await connectLocal(path);
  await assert.rejects(client.call('watch', 'late', within(30)), { code: 'call.late' });
  const stop = new AbortController();
  const wanted = client.call('watch', 'cancelled', within(60_000, stop.signal));
  await client.call('ended', null, within(30_000));
  stop.abort();
  await assert.rejects(wanted, { code: 'call.late' });
  assert.deepEqual(await client.call('ended', null, within(30_000)), ['late', 'cancelled']);
});

test('contract: a method shows its progress to its own caller', async () => {
  await using _server = await serve({
    work: async (args, { progress }) => {
      for (const step of [1, 2]) progress(`${String(args)}${step}`);
      return 'done';
    },
  });
  await using client = await connectLocal(path);
  const seen: unknown[] = [];
  const both = ['a', 'b'].map((name) => client.call('work', name, within(30_000), (value) => seen.push(value)));
  assert.deepEqual(await Promise.all(both), ['done', 'done']);
  assert.deepEqual(seen.map(String).sort(), ['a1', 'a2', 'b1', 'b2']);
});

test('design 3: a lost server rejects what waits, and the same client reaches its successor', async () => {
  const server = await serve({ never });
  await using client = await connectLocal(path);
  const waiting = client.call('never', null, within(60_000));
  const watched = assert.rejects(waiting, { code: 'server.unreachable' });
  await client.call('nothing', null, within(30_000)).catch(() => {});
  await server[Symbol.asyncDispose]();
  await watched;
  await assert.rejects(client.call('never', null, within(30_000)), { code: 'server.unreachable' });

  await using _successor = await serve({ hello: async () => 'again' });
  assert.equal(await client.call('hello', null, within(30_000)), 'again');
});

test('design 3: a caller that is gone ends its calls', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  await using _server = await serve({ wait: (args, context) => never(args, context).finally(resolve) });
  const client = await connectLocal(path);
  const waiting = client.call('wait', null, within(60_000)).catch(() => {});
  await client.call('nothing', null, within(30_000)).catch(() => {});
  await client[Symbol.asyncDispose]();
  await promise;
  await waiting;
});

test('design 3: a dead server’s socket is replaced, a living one’s is not', async () => {
  const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  await once(spawn(process.execPath, ['-e', script], { stdio: 'inherit' }), 'exit');
  await access(path);
  await assert.rejects(connectLocal(path), { code: 'server.unreachable' });
  await using _server = await serve({ hello: async () => 'here' });
  await assert.rejects(serve({}), { code: 'store.locked' });
  await using client = await connectLocal(path);
  assert.equal(await client.call('hello', null, within(30_000)), 'here');
});

test('contract: where nobody ever served, the server is unreachable', async () => {
  await assert.rejects(connectLocal(path), { code: 'server.unreachable' });
});

test('design 3: a data directory with a long name has its socket elsewhere, and says where', async () => {
  path = join(dir, 'long/'.repeat(25), 'holdfast.sock');
  await mkdir(dirname(path), { recursive: true });
  const server = await serve({ hello: async () => 'far' });
  await using client = await connectLocal(path);
  assert.equal(await client.call('hello', null, within(30_000)), 'far');
  const place = (await readFile(`${path}.path`, 'utf8')).trim();
  assert.equal((await stat(dirname(place))).mode & 0o777, 0o700);
  await client[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await rm(dirname(place), { recursive: true });
});

test('B3: a caller that writes nonsense or reads nothing is cut off, and others are served', async () => {
  await using _server = await serve({
    echo: async (args) => args,
    much: async () => Buffer.alloc(30 * 1024 * 1024),
  });
  await using good = await connectLocal(path);
  for (const bytes of [
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    Buffer.from([0, 0, 0, 3, 1, 2, 3]),
    Buffer.from([255, 0, 0, 0]),
  ]) {
    const bad = connect(path);
    bad.on('error', () => {}).resume();
    bad.write(bytes);
    await once(bad, 'close');
  }
  const deaf = connect(path);
  deaf.on('error', () => {}).pause();
  const { formatFrame } = await import('./local-protocol.ts');
  for (let id = 1; id <= 8; id++)
    deaf.write(formatFrame({ kind: 'call', id, method: 'much', args: null, leftMs: 60_000 }) ?? '');
  assert.equal(await good.call('echo', 'still here', within(20_000)), 'still here');
  deaf.resume();
  await once(deaf, 'close');
});
