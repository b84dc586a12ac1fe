/**
 * Haraka in the race: a mail server in the same language. It renames its queue files into place and flushes none of them before its 250, so
 * it promises less than the others here.
 *
 * It is no dependency: npm fetches it below .cache when this benchmark asks for it for the first time.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '../../test/support/free-port.ts';
import { greets } from '../../test/support/greets.ts';
import type { Racer } from './racer.ts';

const run = promisify(execFile);
const VERSION = '3.3.4';
/** Two of its parts are pinned too: both are there in these versions wherever we have looked. */
const MANIFEST = {
  private: true,
  dependencies: { Haraka: VERSION },
  overrides: { 'encoding-japanese': '2.4.0', libqp: '2.1.2' },
};
const PLACE = fileURLToPath(new URL(`../../.cache/bench/haraka-${VERSION}`, import.meta.url));
const PROGRAM = join(PLACE, 'node_modules', 'Haraka', 'bin', 'haraka');
/** Its usual limits; without them it does not greet. */
const CONNECTION = `[headers]
max_lines=1000
max_received=100
[max]
bytes=26214400
mime_parts=1000
line_length=512
data_line_length=992
[message]
helo=hello
close=goodbye
[uuid]
banner_chars=6
[haproxy]
hosts[]=
`;
const FETCH_MS = 180_000;
const START_MS = 30_000;
const STOP_MS = 5_000;

/** Starts one that relays everything to a port of the loopback, or says why there is none. */
export async function startHarakaRacer(relayTo: number): Promise<Racer | { missing: string }> {
  const missing = await fetchOnce();
  if (missing !== null) return { missing };
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-haraka-'));
  const port = await freePort();
  await layOut(folder, port, relayTo);
  const child = spawn(process.execPath, [PROGRAM, '-c', folder], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = lastWords(child);
  const end = async (): Promise<void> => {
    await stop(child);
    await rm(folder, { recursive: true, force: true });
  };
  if (!(await startsUp(child, port))) {
    await end();
    return { missing: `Haraka did not start: ${said()}` };
  }
  return {
    name: 'Haraka',
    port,
    roots: () => [child.pid ?? 0],
    taken: async () => 0,
    tidy: async () => {},
    deferred: async () => 0,
    flush: async () => {},
    [Symbol.asyncDispose]: end,
  };
}

async function fetchOnce(): Promise<string | null> {
  if (existsSync(PROGRAM)) return null;
  await mkdir(PLACE, { recursive: true });
  await writeFile(join(PLACE, 'package.json'), `${JSON.stringify(MANIFEST)}\n`);
  const words = ['install', '--prefix', PLACE, '--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund'];
  try {
    await run('npm', words, { timeout: FETCH_MS, cwd: PLACE });
  } catch (error) {
    return `npm could not fetch Haraka ${VERSION}: ${error instanceof Error ? error.message : String(error)}`;
  }
  return existsSync(PROGRAM) ? null : `npm fetched no Haraka ${VERSION}`;
}

async function layOut(folder: string, port: number, relayTo: number): Promise<void> {
  const files: Readonly<Record<string, string>> = {
    'config/smtp.ini': `listen=127.0.0.1:${port}\nnodes=0\n`,
    'config/me': 'haraka.bench.test\n',
    'config/log.ini': '[main]\nlevel=error\n',
    'config/outbound.ini': 'enable_tls=false\nlocal_mx_ok=true\nconcurrency_max=100\n',
    'config/connection.ini': CONNECTION,
    'config/plugins': 'bench_route\n',
    'plugins/bench_route.js': routeAll(relayTo),
  };
  for (const name of ['config', 'plugins', 'queue']) await mkdir(join(folder, name));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}

function routeAll(port: number): string {
  return `exports.hook_connect = (next, connection) => { connection.relaying = true; next(); };
exports.hook_rcpt = (next) => next(OK);
exports.hook_get_mx = (next) => next(OK, { priority: 0, exchange: '127.0.0.1', port: ${port} });
`;
}

function lastWords(child: ChildProcess): () => string {
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2_000)));
  return () => said;
}

async function startsUp(child: ChildProcess, port: number): Promise<boolean> {
  for (const until = Date.now() + START_MS; Date.now() < until && child.exitCode === null; await sleep(100))
    if (await greets(port)) return true;
  return false;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await gone;
  clearTimeout(late);
}
