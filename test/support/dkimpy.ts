/** python3-dkim, a verifier of DKIM and ARC that shares no line with ours. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { findPeer } from './peers.ts';

const SCRIPT = join(import.meta.dirname, 'dkimpy-verify.py');
const PYTHON = '/usr/bin/python3';
const DEADLINE_MS = 30_000;

/** A verdict for each signature, the topmost first: true, false, or why it can't be verified; and that of the chain (`none`, `pass`, `fail`). */
export interface DkimpyAnswer {
  readonly dkim: readonly (boolean | string)[];
  readonly arc: string;
}

export interface Dkimpy {
  verify(mail: Uint8Array, records: Readonly<Record<string, string>>): Promise<DkimpyAnswer>;
}

/** Finds it, or says why there is none. */
export async function findDkimpy(): Promise<Dkimpy | { missing: string }> {
  const peer = await findPeer('dkimpy');
  if ('missing' in peer) return peer;
  const own = join(peer.unpackedIn ?? '', PYTHON);
  const python = existsSync(own) ? own : PYTHON;
  if (!existsSync(python)) return { missing: 'python3-dkim needs python3, which is not installed' };
  const PYTHONPATH = dirname(dirname(peer.path('dkim/__init__.py')));
  return { verify: async (mail, records) => ask(python, { ...peer.env, PYTHONPATH }, { mail, records }) };
}

async function ask(
  python: string,
  env: NodeJS.ProcessEnv,
  { mail, records }: { readonly mail: Uint8Array; readonly records: Readonly<Record<string, string>> },
): Promise<DkimpyAnswer> {
  const child = spawn(python, [SCRIPT], { env, stdio: ['pipe', 'pipe', 'pipe'], timeout: DEADLINE_MS });
  child.stdin.end(JSON.stringify({ mail: Buffer.from(mail).toString('base64'), records }));
  const [out, complaint] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (out === '') throw new Error(`python3-dkim said nothing: ${complaint.slice(-500)}`);
  return JSON.parse(out);
}
