/**
 * A machine for the Debian package: systemd booted in namespaces of its own over a copy-on-write view of this system. There the package is
 * really installed, started, upgraded and purged, with its sockets on the real ports and its hardening in force.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { home } from '../lib/tree.ts';
import { program } from './program.ts';

const DEADLINE_MS = 6 * 60_000;
const PROBE_MS = 10_000;
const NAMESPACES = ['--mount', '--pid', '--fork', '--ipc', '--uts', '--net', '--cgroup', '--kill-child'];
const SCRIPTS = join(home, 'tools/package/machine');

/** Why no such machine can be had here, or null. */
export async function whyNoMachine(): Promise<string | null> {
  if (process.geteuid?.() !== 0) return 'it needs root';
  for (const file of ['/lib/systemd/systemd', '/usr/bin/dpkg', '/sbin/ip', '/sbin/pivot_root', '/usr/bin/unshare'])
    if (!existsSync(file)) return `there is no ${file}`;
  try {
    await program('unshare', [...NAMESPACES, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { deadlineMs: PROBE_MS });
    return null;
  } catch {
    return 'namespaces and mounts are not allowed here';
  }
}

/** Boots it, installs `deb`, runs the probe. What the probe said, and whether every step went well. */
export async function probeInMachine(deb: string): Promise<{ readonly ok: boolean; readonly said: string }> {
  const work = mkdtempSync(join(tmpdir(), 'holdfast-machine-'));
  const probe = join(work, 'probe');
  mkdirSync(probe);
  copyFileSync(deb, join(probe, basename(deb)));
  copyFileSync(join(SCRIPTS, 'probe.ts'), join(probe, 'probe.mts'));
  try {
    const booted = await boot([join(SCRIPTS, 'boot.sh'), work, basename(deb), 'probe.mts']);
    const said = existsSync(join(probe, 'said')) ? readFileSync(join(probe, 'said'), 'utf8') : booted;
    const ok = existsSync(join(probe, 'code')) && readFileSync(join(probe, 'code'), 'utf8').trim() === '0';
    return { ok, said };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The script's own words, for when it did not come as far as the probe. */
async function boot(words: readonly string[]): Promise<string> {
  const child = spawn('unshare', [...NAMESPACES, 'sh', ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-16_384);
    });
  const late = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS);
  await once(child, 'close');
  clearTimeout(late);
  return said;
}
