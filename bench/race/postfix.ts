/** Postfix in the race, as much in its favour as can be: no DNS, no log daemon behind it, high concurrency. */
import { execFile } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findPeer } from '../../test/support/peers.ts';
import { startPostfix } from '../../test/support/postfix.ts';
import type { Duty, Racer } from './racer.ts';

const run = promisify(execFile);
const FLUSH_MS = 30_000;
const IMPORTED = ['MAIL_CONFIG', 'MAIL_LOGTAG', 'TZ', 'LD_LIBRARY_PATH'];

/** Starts one of its own. What it shall keep goes to its hold queue. */
export async function startPostfixRacer({ relayTo, env = {} }: Duty): Promise<Racer> {
  const hold = relayTo === null ? ['smtpd_recipient_restrictions = static:HOLD'] : [];
  const variables = `import_environment = ${[...IMPORTED, ...Object.keys(env)].join(' ')}`;
  const postfix = await startPostfix({
    relayTo: relayTo ?? 9,
    settings: ['maillog_file =', ...hold, variables],
    env,
  });
  if ('missing' in postfix) throw new Error(postfix.missing);
  const queue = (name: string) => join(postfix.folder, 'spool', name);
  return {
    name: 'Postfix',
    port: postfix.port,
    roots: () => [postfix.pid],
    taken: async () => filesBelow(queue('hold')).length,
    tidy: async () => {
      for (const file of filesBelow(queue('hold'))) rmSync(file, { force: true });
    },
    deferred: async () => filesBelow(queue('deferred')).length,
    flush: () => retryAll(postfix.folder),
    [Symbol.asyncDispose]: () => postfix[Symbol.asyncDispose](),
  };
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function retryAll(folder: string): Promise<void> {
  const peer = await findPeer('postfix');
  if ('missing' in peer) throw new Error(peer.missing);
  const env = { ...peer.env, MAIL_CONFIG: join(folder, 'etc') };
  await run(peer.path('postqueue'), ['-c', join(folder, 'etc'), '-f'], { env, timeout: FLUSH_MS });
}
