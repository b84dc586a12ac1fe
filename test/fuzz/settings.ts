import assert from 'node:assert/strict';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Complaint,
  environmentName,
  explainSettings,
  formatComplaint,
  formatComplaints,
  loadSettings,
  settingKeys,
} from '#/config/index.ts';
import { type FuzzTarget, seedOf } from './target.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/config');
// In memory where there is such a folder: each input is written before it is read.
const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'holdfast-fuzz-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'holdfast.yaml');
const keys = settingKeys();

/** Any file and any variable give settings or mistakes, never a throw; each mistake has its place and is one line that a terminal can show. */
export const settings: FuzzTarget = {
  name: 'settings',
  words: [
    ...keys.map((key) => `\n${key.split('.').join(':\n  ')}: `),
    '\n',
    ': ',
    '- ',
    '[',
    ']',
    '{ ',
    ' }',
    '"',
    '&a ',
    '*a',
    '<<: ',
    '!!binary ',
    '__proto__: ',
    'on',
    '4h',
    '50MB',
    '127.0.0.1:25',
    '[::1]:25',
    'systemd:smtp',
    '{ env: X }',
    '{ file: ./x }',
    '\t',
    '\x1b[31m',
    '\xe3\x81\x82',
    '\xe2\x80\xa8',
  ],
  // Small ones first: they are read a hundred times while a whole file is read once.
  seeds: [
    Buffer.from('listen: { smtp: ["systemd:smtp"], pop3: [] }\nretry: { first: 60s }\n'),
    Buffer.from('routes:\n  - { domains: ["*"], host: mx.example.test, username: a, password: { env: X } }\n'),
    Buffer.from('roles: [[gate, deliver], janitor]\nlimits: { messageBytes: 50MB }\ntls: { selfSigned: true }\n'),
    ...globSync('*.yaml', { cwd: fixtures }).map((name) => readFileSync(join(fixtures, name))),
  ],
  run(input) {
    writeFileSync(file, input);
    const text = input.toString('utf8');
    const inFile = load({});
    const key = keys[seedOf(input) % keys.length] ?? '';
    const inVariable = load({ [environmentName(key.split('.'))]: text.slice(0, 200).replaceAll('\0', '') });
    return `${inFile} ${inVariable === inFile}`;
  },
};

function load(env: Readonly<Record<string, string>>): string {
  const loading = loadSettings({ config: file, env, cwd: folder });
  const complaints = 'mistakes' in loading ? loading.mistakes : loading.warnings;
  for (const complaint of complaints) check(complaint);
  const told = formatComplaints(complaints);
  if ('mistakes' in loading) {
    assert.notEqual(told, '', 'refused without a word');
    return told.replace(/[^a-z \n]+/gi, '').slice(0, 120);
  }
  return `good ${explainSettings(loading).length} ${told.length}`;
}

/** What it says ends up on a terminal and in logs. */
export function check(complaint: Complaint): void {
  const { line, column } = complaint;
  assert(Number.isInteger(line) && line >= 0 && Number.isInteger(column) && column >= 0, 'a place that is none');
  const text = formatComplaint(complaint);
  assert(!/[\0-\x1f\x7f-\x9f\u2028\u2029]/.test(text), `more than a line, or a control: ${JSON.stringify(text)}`);
  assert(text.length <= 4000, 'longer than anybody reads');
}
