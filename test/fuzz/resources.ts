import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ApplyParts,
  applyResources,
  exportDocument,
  formatExport,
  type PreparedFile,
  prepareResources,
  readStored,
  tenantsOf,
} from '#/config/index.ts';
import { type StoredSecret, within } from '#/model/index.ts';
import { Refusal } from '#/ports/index.ts';
import { FakeClock, FakeRegistry } from '#/testkit/index.ts';
import { check } from './settings.ts';
import type { FuzzTarget } from './target.ts';

const fixtures = join(import.meta.dirname, '../../fixtures/config/resources');
const CALL_MS = 5_000;
const RULES = { smtpBeyondLoopback: false, cells: null, inspects: 'here', hooks: [] } as const;

/** Any file is applied whole or refused with sentences; applied again it changes nothing; what is exported of it says the same. */
export const resources: FuzzTarget = {
  name: 'resources',
  words: [
    '\n',
    'tenants:\n',
    '  - id: ',
    '    name: ',
    '    domains: [',
    '    users:\n      - { address: ',
    '    groups: [{ name: ',
    '    relays: [{ name: ',
    ', password: ',
    ', aliases: [',
    ', members: [',
    ', networks: [',
    ', kind: device',
    ', kind: microsoft365',
    '{ argon2id: ',
    '{ crypt: ',
    '$argon2id$v=19$m=8,t=1,p=1$',
    '$6$rounds=1000$',
    'a@acme.test',
    '"*@acme.test"',
    '10.0.0.0/8',
    '::/0',
    'wide: true',
    'limits: { per10m: ',
    '"unlimited"',
    '__proto__',
    'constructor',
    '&a ',
    '*a',
    '\xe3\x81\x82',
    '\x1b',
  ],
  seeds: [
    Buffer.from('tenants: [{ id: a, domains: [acme.test], users: [{ address: a@acme.test, password: x }] }]\n'),
    ...globSync('*.yaml', { cwd: fixtures }).map((name) => readFileSync(join(fixtures, name))),
  ],
  async run(input) {
    const read = prepare(input.toString('utf8'));
    if (read === null) return 'no form';
    const first = new FakeRegistry();
    const told = await applied(read, first);
    if (told !== null) return told;
    assert.equal(await changes(read, first), 0, 'applied again it changes something');
    const stored = readStored(first.snapshot.resources);
    tenantsOf(stored, RULES);
    const exported = prepare(formatExport(exportDocument(stored, null)));
    assert(exported !== null, 'what is exported can not be read');
    const second = new FakeRegistry();
    assert.equal(await applied(exported, second), null, 'what is exported is refused');
    assert.deepEqual(readStored(second.snapshot.resources), stored, 'what is exported says something else');
    const sizes = stored.tenants.map(({ users, relays, groups }) =>
      [users.length, relays.length, groups.length].join(),
    );
    return `applied ${sizes.join(' ')}`;
  },
};

function prepare(text: string): PreparedFile | null {
  const read = prepareResources('acme.yaml', text, { env: {}, cwd: fixtures });
  if ('prepared' in read) return read.prepared;
  for (const complaint of read.mistakes) check(complaint);
  return null;
}

/** Null where it was applied, else the kind of refusal. */
async function applied(file: PreparedFile, registry: FakeRegistry): Promise<string | null> {
  try {
    await changes(file, registry);
    return null;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    assert(!/[\0-\x09\x0b-\x1f\x7f-\x9f]/.test(error.message), `a control: ${JSON.stringify(error.message)}`);
    return error.message.replace(/[^a-z \n]+/gi, '').slice(0, 120);
  }
}

async function changes(file: PreparedFile, registry: FakeRegistry): Promise<number> {
  const request = { ...file, prune: [], setPasswords: false, dryRun: false, by: 'cli:fuzz' };
  return (await applyResources(request, partsWith(registry), within(CALL_MS))).lines.length;
}

function partsWith(registry: FakeRegistry): ApplyParts {
  return {
    registry,
    clock: new FakeClock(),
    secrets: { hashPassword: async (plain) => stored(plain), hashGenerated: stored },
    rules: RULES,
    switched: async () => {},
  };
}

// Without the cost of a hash; every password is another one.
function stored(plain: string): StoredSecret {
  return { kind: 'sha256', hex: Buffer.from(plain).toString('hex').padEnd(64, '0').slice(0, 64), scram: null };
}
