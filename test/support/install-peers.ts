/** On a CI machine of our own kind (CI=true, root, Debian) missing peers are installed, so that nothing is skipped. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { installedPeer, isInstallable, type PeerName, packagesOf } from './peers.ts';

const INSTALL_DEADLINE_MS = 300_000;
const start = promisify(execFile);

/** Installs what of these is missing; a failure is told, and the tests then skip by name. */
export async function installPeers(names: readonly PeerName[], say: (line: string) => void): Promise<void> {
  const missing = names.filter((name) => isInstallable(name) && installedPeer(name) === undefined);
  if (!mayInstall() || missing.length === 0) return;
  say(`installing peers: ${missing.join(', ')}`);
  try {
    await apt(['update', '-qq']);
    await keepMailServerQuiet();
    await apt(['install', '-qq', '-y', '--no-install-recommends', ...missing.flatMap((name) => packagesOf(name))]);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    say(`could not install them, so tests that need them are skipped: ${reason}`);
  }
}

function mayInstall(): boolean {
  return process.env.CI === 'true' && process.getuid?.() === 0 && existsSync('/etc/debian_version');
}

// Debian's Postfix would ask for a configuration; ours are private, and no system-wide one is wanted.
async function keepMailServerQuiet(): Promise<void> {
  const running = start('debconf-set-selections', [], { timeout: INSTALL_DEADLINE_MS });
  running.child.stdin?.end('postfix postfix/main_mailer_type select No configuration\n');
  await running.catch(() => undefined);
}

async function apt(words: readonly string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await start('apt-get', words, { env, timeout: INSTALL_DEADLINE_MS, maxBuffer: 64 << 20 });
}
