/**
 * `npm test [-- PATH… --flag…]`: the checks, the tests beside the code, then those of the whole system, in one run of
 * node:test. Paths choose files or folders, flags go to `node --test`; `--long` turns on the long forms.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { installPeers } from '../test/support/install-peers.ts';
import { findPeer, peerNames } from '../test/support/peers.ts';
import { pinnedEnvironment } from './lib/run.ts';
import { home, sourcesOf } from './lib/tree.ts';

const words = process.argv.slice(2);
const long = words.includes('--long');
const flags = words.filter((word) => word.startsWith('--') && word !== '--long');
const paths = words.filter((word) => !word.startsWith('--')).map((word) => word.replace(/^\.\/|\/$/g, ''));

const ONE_TEST_MS = long ? 60 * 60_000 : 300_000;
const WHOLE_RUN_MS = long ? 6 * 60 * 60_000 : 45 * 60_000;

const files = (paths.length === 0 ? everything() : sourcesOf(...paths)).filter((file) => file.endsWith('.test.ts'));
if (files.length === 0) {
  console.error(`There are no tests below ${paths.join(', ')}.`);
  process.exitCode = 2;
} else {
  if (paths.length === 0) await reportPeers();
  process.exitCode = await runTests();
}

function everything(): string[] {
  return [...sourcesOf('tools'), ...sourcesOf('src'), ...sourcesOf('test'), ...sourcesOf('bench')];
}

async function reportPeers(): Promise<void> {
  const names = peerNames(long ? 'long' : 'short');
  await installPeers(names, (line) => console.log(line));
  for (const name of names) {
    const peer = await findPeer(name);
    if ('missing' in peer) console.log(`peer ${name}: missing, its tests are skipped: ${peer.missing}`);
    else console.log(`peer ${name}: ${peer.unpackedIn === undefined ? 'installed' : 'unpacked in .cache'}`);
  }
}

async function runTests(): Promise<number> {
  const manner = [`--test-timeout=${ONE_TEST_MS}`, '--test-concurrency=2', '--disable-warning=ExperimentalWarning'];
  const preload = ['--import', join(home, 'tools', 'lib', 'left-open.ts')];
  const child = spawn(process.execPath, ['--test', ...manner, ...preload, ...flags, ...files], {
    cwd: home,
    env: { ...process.env, PATH: pinnedEnvironment().PATH, HOLDFAST_LONG: long ? '1' : '' },
    stdio: 'inherit',
  });
  const { promise, resolve } = Promise.withResolvers<number>();
  const overdue = setTimeout(() => child.kill('SIGINT'), WHOLE_RUN_MS);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => child.kill('SIGINT'));
  child.on('error', (error) => console.error(`holdfast: can't run the tests: ${error.message}`));
  child.on('close', (code) => resolve(code ?? 1));
  const code = await promise;
  clearTimeout(overdue);
  return code;
}
