/**
 * What was made, tried as its users would: the tarball installed by npm into an empty folder with an empty home, the Debian package in a
 * machine of its own. What can't be had here is named as skipped.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { tryOut } from '../../test/packaging/trial.ts';
import { probeInMachine, whyNoMachine } from './machine.ts';
import { program } from './program.ts';

export interface Made {
  /** Paths; empty for what was not made. */
  readonly tarball: string;
  readonly deb: string;
}

const INSTALL_MS = 5 * 60_000;

/** Exit code: 0 where nothing failed. */
export async function checkPackages({ tarball, deb }: Made): Promise<number> {
  const npm = tarball === '' || (await checkTarball(tarball));
  const debian = deb === '' || (await checkDeb(deb));
  return npm && debian ? 0 : 1;
}

async function checkTarball(tarball: string): Promise<boolean> {
  const away = mkdtempSync(join(tmpdir(), 'holdfast-npm-'));
  const [home, run] = [join(away, 'home'), join(away, 'run')];
  mkdirSync(home);
  mkdirSync(run);
  // Without the checkout's programs: npm, and what npm runs, take the machine's own Node.
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  const env = { PATH: path.join(delimiter), HOME: home, LANG: 'C.UTF-8' };
  try {
    await program('npm', ['install', '--no-audit', '--no-fund', tarball], { cwd: away, env, deadlineMs: INSTALL_MS });
    const tried = await tryOut({ command: [join(away, 'node_modules/.bin/holdfast')], folder: run, env });
    const [node] = (await program('node', ['--version'], { env, deadlineMs: INSTALL_MS })).split('\n');
    return told(true, `npm install beside Node ${node}: ${tried.version}; mail ${tried.id} ${tried.state}`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH/.test(why)) return skipped('npm install', why);
    return told(false, `npm install: ${why}`);
  } finally {
    rmSync(away, { recursive: true, force: true });
  }
}

async function checkDeb(deb: string): Promise<boolean> {
  const why = await whyNoMachine();
  if (why !== null) return skipped('dpkg --install on a machine of its own', why);
  const { ok, said } = await probeInMachine(deb);
  console.log(said.trimEnd());
  return told(ok, 'the Debian package, from its installation to its purge');
}

function told(ok: boolean, what: string): boolean {
  console.log(`${ok ? 'ok   ' : 'FAIL '} ${what}`);
  return ok;
}

function skipped(what: string, why: string): true {
  console.log(`skip  ${what}: ${why.split('\n')[0]}`);
  return true;
}
