/** The mail programs that people read with: which there are, in which version, and what came of their journeys (`test/mail-clients/`). */
import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { findPeer, type PeerName } from '../../support/peers.ts';

/** What came of one journey. */
export interface Journey {
  readonly title: string;
  readonly mark: 'yes' | 'no' | 'not run';
  readonly why?: string;
}

export interface ProgramResult {
  /** With its version, where it is here. */
  readonly program: string;
  readonly journeys: readonly Journey[];
}

interface Program {
  readonly name: string;
  /** Journeys that are its own, by their titles. */
  readonly journeys: RegExp;
  readonly version: () => Promise<string>;
}

const RUN_MS = 30 * 60_000;
const OUTPUT_MAX = 16 << 20;
const HOME = new URL('../../../', import.meta.url);
const start = promisify(execFile);

export const PROGRAMS: readonly Program[] = [
  { name: 'Thunderbird', journeys: /Thunderbird/, version: thunderbird },
  { name: 'NeoMutt', journeys: /NeoMutt/, version: () => said('neomutt', 'neomutt', '-v') },
  { name: 'mbsync', journeys: /mbsync/, version: () => said('isync', 'mbsync', '--version') },
  { name: 'fetchmail', journeys: /by each client/, version: () => said('fetchmail', 'fetchmail', '--version') },
  { name: 'mpop', journeys: /by each client/, version: () => said('mpop', 'mpop', '--version') },
  { name: 'curl', journeys: /curl/, version: () => said('curl', 'curl', '--version') },
  { name: 'imapflow', journeys: /imapflow/, version: imapflow },
  { name: 'Python’s imaplib', journeys: /imaplib/, version: python },
  { name: 'Python’s poplib', journeys: /poplib/, version: python },
];

/** Runs the journeys of these files, the long ones too. */
export async function runJourneys(files = 'test/mail-clients/*.test.ts'): Promise<readonly ProgramResult[]> {
  const { NODE_TEST_CONTEXT: _ours, HOLDFAST_INTEROP_WRITE: _writes, ...env } = process.env;
  const words = ['--test', '--test-concurrency=1', '--test-reporter=tap', ...globSync(files, { cwd: HOME })];
  const run = start(process.execPath, words, {
    cwd: HOME,
    env: { ...env, HOLDFAST_LONG: '1' },
    timeout: RUN_MS,
    maxBuffer: OUTPUT_MAX,
  });
  // It ends with 1 where one failed: that stands in what it said.
  const { stdout } = await run.catch((error: { stdout: string }) => error);
  const journeys = stdout.split('\n').flatMap(journeyIn);
  const ours = journeys.filter(({ title }) => title.includes('Holdfast'));
  return Promise.all(PROGRAMS.map((program) => resultOf(program, ours)));
}

/** A line of TAP: `ok 1 - its title # SKIP why`. */
function journeyIn(line: string): readonly Journey[] {
  const [, verdict, title = '', skipped, why] = /^(ok|not ok) \d+ - (.*?)( # SKIP ?(.*))?$/.exec(line) ?? [];
  if (verdict === undefined) return [];
  if (skipped !== undefined) return [{ title, mark: 'not run', ...(why === undefined ? {} : { why }) }];
  return [{ title, mark: verdict === 'ok' ? 'yes' : 'no' }];
}

async function resultOf({ name, journeys, version }: Program, all: readonly Journey[]): Promise<ProgramResult> {
  const number = /\d[\d.]*\d/.exec(await version().catch(() => ''))?.[0];
  const own = all.filter(({ title }) => journeys.test(title));
  return { program: number === undefined ? name : `${name} ${number}`, journeys: own };
}

async function said(name: PeerName, program: string, ...words: readonly string[]): Promise<string> {
  const peer = await findPeer(name);
  if ('missing' in peer) return '';
  const { stdout } = await start(peer.path(program), [...words], { env: peer.env });
  return stdout;
}

async function thunderbird(): Promise<string> {
  const peer = await findPeer('thunderbird');
  if ('missing' in peer) return '';
  const settings = readFileSync(`${peer.unpackedIn ?? ''}/usr/lib/thunderbird/application.ini`, 'utf8');
  return /^Version=.*$/m.exec(settings)?.[0] ?? '';
}

async function python(): Promise<string> {
  return (await start('python3', ['--version'])).stdout;
}

async function imapflow(): Promise<string> {
  return readFileSync(new URL('node_modules/imapflow/package.json', HOME), 'utf8').match(/"version": ".*"/)?.[0] ?? '';
}
