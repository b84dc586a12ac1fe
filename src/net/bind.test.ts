import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { adoptSocket, bindSocket, parseListenAddress, systemdSockets } from './index.ts';

const CHILD = `
  const { createServer } = require('node:net');
  createServer((socket) => socket.end('child ' + process.pid)).listen({ fd: 3 }, () => process.send('ready'));
`;

async function startChild(fd: number): Promise<AsyncDisposable & { pid: number }> {
  const child = spawn(process.execPath, ['-e', CHILD], { stdio: ['ignore', 'inherit', 'inherit', fd, 'ipc'] });
  await once(child, 'message');
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { pid: child.pid ?? 0, [Symbol.asyncDispose]: stop };
}

async function readFrom(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const text = (await socket.toArray()).join('');
  socket.destroy();
  return text;
}

test('M6: a connection made while the child is dead is served by its successor', async () => {
  const bound = bindSocket('127.0.0.1:0');
  await using first = await startChild(bound.fd);
  assert.equal(await readFrom(bound.port), `child ${first.pid}`);

  await first[Symbol.asyncDispose]();
  const waiting = readFrom(bound.port);
  await using second = await startChild(bound.fd);
  assert.equal(await waiting, `child ${second.pid}`);
  bound.close();
});

test('M6: a server of this process serves an adopted socket', async () => {
  const bound = bindSocket('127.0.0.1:0');
  await using server = createServer((socket) => socket.end('here'));
  await adoptSocket(server, bound.fd);
  assert.equal(await readFrom(bound.port), 'here');
});

test('contract: an address that can’t be bound is named with its remedy', async () => {
  await using other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  assert.ok(address !== null && typeof address === 'object');
  assert.throws(() => bindSocket(`127.0.0.1:${address.port}`), { code: 'config.invalid', message: /another program/ });
  assert.throws(() => bindSocket('192.0.2.1:0'), { code: 'config.invalid', message: /no such address/ });
});

test('contract: listen addresses are address:port, IPv6 in brackets', () => {
  assert.deepEqual(parseListenAddress('[::1]:2525'), { address: '::1', port: 2525 });
  for (const wrong of ['2525', 'localhost:25', '::1:25', '[127.0.0.1]:25', '127.0.0.1:99999', '127.0.0.1:'])
    assert.throws(() => parseListenAddress(wrong), { code: 'config.invalid' }, wrong);
});

test('contract: sockets of systemd are found by name, and only by the process that they are for', () => {
  const env = { LISTEN_PID: '7', LISTEN_FDS: '3', LISTEN_FDNAMES: 'smtp:smtp:admin' };
  assert.deepEqual(Object.fromEntries(systemdSockets(env, 7)), { smtp: [3, 4], admin: [5] });
  assert.equal(systemdSockets(env, 8).size, 0);
  assert.deepEqual(Object.fromEntries(systemdSockets({ LISTEN_PID: '7', LISTEN_FDS: '1' }, 7)), { unknown: [3] });
});
