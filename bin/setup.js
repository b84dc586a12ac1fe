// Behind `npm start`, `npm test` and `npm run …`: setup.js FILE [ARGS…] makes node_modules what package-lock.json
// says, silently when it is, and then runs FILE on the pinned Node. So a fresh clone needs no step before.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { giveUp, home, launch, pinnedNode } from './launch.js';

const [file, ...args] = process.argv.slice(2);
if (file === undefined) giveUp('setup.js wants the file to run.');

const stale = !installedAsLocked();
if (stale) await install();
await launch(resolve(home, file), args, stale);

// npm writes node_modules/.package-lock.json last, so an install that was cut off does not count.
function installedAsLocked() {
  const record = join(home, 'node_modules', '.package-lock.json');
  if (!existsSync(record) || pinnedNode() === undefined) return false;
  try {
    const wanted = packagesOf(join(home, 'package-lock.json'));
    const found = packagesOf(record);
    return Object.entries(wanted).every(([path, entry]) => path === '' || asWanted(entry, found[path]));
  } catch {
    return false;
  }
}

function packagesOf(lockfile) {
  return JSON.parse(readFileSync(lockfile, 'utf8')).packages;
}

function asWanted(wanted, found) {
  if (found === undefined) return wanted.optional === true || wanted.devOptional === true || wanted.peer === true;
  return found.version === wanted.version && found.integrity === wanted.integrity;
}

async function install() {
  process.stderr.write('Installing the packages that package-lock.json names (once, half a minute) …\n');
  const said = [];
  const npm = startNpm(['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => stopped(npm, signal));
  npm.stderr.on('data', (chunk) => said.push(chunk));
  const code = await new Promise((done) => {
    npm.on('error', (error) => done(error.message));
    npm.on('close', done);
  });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.removeAllListeners(signal);
  if (code !== 0) giveUp(remedy(code, Buffer.concat(said).toString('utf8')));
}

function startNpm(words) {
  const stdio = ['ignore', 'ignore', 'pipe'];
  const script = process.env.npm_execpath;
  if (script?.endsWith('.js')) return spawn(process.execPath, [script, ...words], { cwd: home, stdio });
  return spawn('npm', words, { cwd: home, stdio });
}

// Ends only when npm has ended: half an install with nobody behind it would trip the next start.
function stopped(npm, signal) {
  npm.kill(signal);
  setTimeout(() => npm.kill('SIGKILL'), 5000).unref();
  npm.once('close', () => {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function remedy(code, said) {
  const offline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|ENETUNREACH|network/i.test(said);
  const advice = offline
    ? 'The package registry can\'t be reached. Look at the network or proxy, or name a mirror ("npm config set registry URL"), and try again.'
    : 'Run "npm ci" by hand to see more, and try again.';
  return `could not install its packages (npm ended with ${code}).\n${said.trim().split('\n').slice(-8).join('\n')}\n${advice}`;
}
