import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { loadSettings, type Settings } from '#/config/index.ts';
import { Fault } from '#/model/index.ts';
import { type LocalMethod, startLocalServer } from '#/net/index.ts';
import { Refusal } from '#/ports/index.ts';
import { type ReachOptions, reach, Unreachable } from './reach.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-reach-'));
});
afterEach(() => rm(folder, { recursive: true }));

const data = (): string => join(folder, 'data');

function settings(): Settings {
  const loading = loadSettings({ data: data(), env: {}, cwd: folder });
  if ('mistakes' in loading) throw new Error('the defaults have mistakes');
  return loading.settings;
}

const reachFor = (stopped: ReachOptions['stopped']) =>
  reach({ settings: settings(), by: 'cli:tester', stopped, signal: new AbortController().signal });

async function serving(operation: LocalMethod): Promise<AsyncDisposable> {
  await mkdir(data(), { recursive: true });
  return startLocalServer({ path: join(data(), 'holdfast.sock'), methods: new Map([['operation', operation]]) });
}

test('contract: a running server is asked by name, with input and who asks', async () => {
  await using _server = await serving(async (args) => args);
  await using server = reachFor('reads');
  assert.deepEqual(await server.call('trace.find', { query: 'x' }), {
    name: 'trace.find',
    input: { query: 'x' },
    by: 'cli:tester',
  });
});

test('contract: the refusal of a server keeps its exit code', async () => {
  await using _server = await serving(async () => {
    throw new Refusal(4, 'Not now.');
  });
  await using server = reachFor('changes');
  await assert.rejects(server.call('queue.hold', {}), { name: 'Refusal', exit: 4, message: 'Not now.' });
});

test('B3: a server that hangs is given up at the deadline', async () => {
  await using _server = await serving(
    (_args, { call }) =>
      new Promise((_, reject) => call.signal?.addEventListener('abort', () => reject(new Error('x')))),
  );
  await using server = reachFor('reads');
  await assert.rejects(server.call('trace.find', {}, { deadlineMs: 50 }), (error) => error instanceof Fault);
});

test('contract: a verb that needs a server says so where none runs', async () => {
  await using server = reachFor('refuses');
  await assert.rejects(server.call('try.begin', {}), Unreachable);
});

test('contract: where no installation is, nothing is made and the remedy is named', async () => {
  for (const stopped of ['reads', 'changes'] as const) {
    await using server = reachFor(stopped);
    await assert.rejects(server.call('trace.find', { query: 'x@acme.test' }), {
      exit: 2,
      message: /does not exist\. Name yours/,
    });
  }
});

test('design 5: on a stopped installation changes are made in its store, and read again without a lock', async () => {
  const document = { tenants: [{ id: 'acme', name: 'Acme', domains: ['acme.test'] }] };
  {
    await using writer = reachFor('creates');
    await writer.call('resources.apply', { file: 'acme.yaml', document, places: {} });
  }
  await using reader = reachFor('reads');
  const { document: found } = await reader.call<{ document: { tenants: { id: string }[] } }>('resources.export', {});
  assert.deepEqual(
    found.tenants.map(({ id }) => id),
    ['acme'],
  );
  assert.deepEqual(await reader.call('trace.find', { query: 'since:1h' }), []);
  await assert.rejects(reader.call('try.begin', {}), Unreachable);
  await assert.rejects(reader.call('trace.find', { query: 'nonsense' }), { exit: 2 });
});

test('B3: while the store is held and no server answers yet, the command waits for it', async () => {
  const held = reachFor('creates');
  await held.call('resources.apply', { file: 'a.yaml', document: { tenants: [] }, places: {} });
  await using other = reachFor('changes');
  const asked = other.call<{ asked: boolean }>('books.audit', {});
  const server = await serving(async () => ({ asked: true }));
  try {
    assert.deepEqual(await asked, { asked: true });
  } finally {
    await held[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  }
});
