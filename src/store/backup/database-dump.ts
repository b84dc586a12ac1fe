/** The database's own means, as far as they are installed here: `pg_dump` for a copy of one moment beside running servers, `pg_restore` to look into it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Refusal } from '#/ports/index.ts';

/** What is kept of what a program says. */
const SAID_MAX = 4_000;
const URL_PARTS = /^(postgres(?:ql)?:\/\/)(?:([^@/?#]*)@)?(.*)$/;

/** Dumps the schema of ours into a file that `pg_restore` takes; false where there is no `pg_dump` on this machine. */
export async function dumpDatabase(url: string, file: string, schema: string, signal: AbortSignal): Promise<boolean> {
  const { bare, password } = withoutPassword(url);
  const words = ['--format=custom', '--no-password', `--schema=${schema}`, `--file=${file}`, `--dbname=${bare}`];
  const ended = await run(
    'pg_dump',
    words,
    { ...process.env, ...(password === null ? {} : { PGPASSWORD: password }) },
    signal,
  );
  if (ended === null) return false;
  if (ended.code === 0) return true;
  throw new Refusal(
    4,
    `pg_dump could not copy the database: ${ended.said} Mend that, or leave the database to its own backups with --without-database.`,
  );
}

/** Why a dump can't be read, or null; null too where no `pg_restore` is here to tell. */
export async function faultOfDump(file: string, signal: AbortSignal): Promise<string | null> {
  const ended = await run('pg_restore', ['--list', file], process.env, signal);
  return ended === null || ended.code === 0 ? null : ended.said;
}

/** Where a database is, as people may read it and other users of the machine may see it: no password. */
export function withoutPassword(url: string): { readonly bare: string; readonly password: string | null } {
  const [, scheme = '', who = '', where = ''] = URL_PARTS.exec(url) ?? [];
  const colon = who.indexOf(':');
  if (colon === -1) return { bare: url, password: null };
  return { bare: `${scheme}${who.slice(0, colon)}@${where}`, password: decodeURIComponent(who.slice(colon + 1)) };
}

type Ended = { readonly code: number | null; readonly said: string };

/** Null where the program is not installed. */
async function run(
  program: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Ended | null> {
  const child = spawn(program, words, { env, signal, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-SAID_MAX);
  });
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, said: said.trim() };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
