import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { NOTICE_DEFAULTS, type StoredSecret, within } from '#/model/index.ts';
import { FakeClock, FakeRegistry } from '#/testkit/index.ts';
import {
  type ApplyParts,
  applyResources,
  configOperations,
  demoResources,
  exportDocument,
  formatComplaints,
  formatExport,
  generatePassword,
  prepareResources,
  readStored,
  renewSecret,
  tenantsOf,
} from '../index.ts';

const FIXTURES = join(import.meta.dirname, '../../../fixtures/config/resources');
const LOOPBACK_ONLY = { smtpBeyondLoopback: false, cells: null, inspects: 'here', hooks: [] } as const;

/** Hashes without the cost, and counts. */
class FakeSecrets {
  hashed = 0;

  async hashPassword(plain: string): Promise<StoredSecret> {
    this.hashed += 1;
    const tag = Buffer.from(hash('sha256', plain), 'hex').toString('base64').replace('=', '');
    return { kind: 'argon2id', phc: `$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$${tag}` };
  }

  hashGenerated(plain: string): StoredSecret {
    return { kind: 'sha256', hex: hash('sha256', plain), scram: null };
  }
}

function installation(rules: ApplyParts['rules'] = LOOPBACK_ONLY) {
  const registry = new FakeRegistry();
  const secrets = new FakeSecrets();
  const switched: number[] = [];
  const parts: ApplyParts = {
    registry,
    clock: new FakeClock(),
    secrets,
    rules,
    switched: async () => void switched.push(registry.snapshot.version),
  };
  const apply = async (text: string, options: { prune?: 'users'[]; setPasswords?: boolean; dryRun?: boolean } = {}) => {
    const env = { ACME_M365: 'mGq3TzV9cWkXr7Lp2NsYdB4h' };
    const read = prepareResources('acme.yaml', text, { env, cwd: FIXTURES });
    assert('prepared' in read, 'mistakes' in read ? formatComplaints(read.mistakes) : '');
    const request = { prune: [], setPasswords: false, dryRun: false, by: 'cli:test', ...options, ...read.prepared };
    return await applyResources(request, parts, within(30_000));
  };
  const refusal = async (text: string): Promise<string> => {
    try {
      await apply(text);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    return 'accepted';
  };
  return { registry, secrets, switched, parts, apply, refusal };
}

const ACME = readFileSync(join(FIXTURES, 'acme.yaml'), 'utf8');

const SMALL = `tenants:
  - id: acme
    contacts: [it@acme.test]
    domains: [acme.test]
    users:
      - { address: alice@acme.test, password: one, attributes: { displayName: Alice, jobTitle: Buyer } }
      - { address: bob@acme.test, password: two }
`;

test('contract: apply creates what the file declares, says so line by line, and records who did it', async () => {
  const { apply, registry, switched, secrets } = installation();
  const { lines, version, warnings } = await apply(ACME);
  assert.equal(version, 1);
  assert.deepEqual(lines, [
    '+ tenant acme',
    '+ acme: domain acme.test',
    '+ acme: user alice@acme.test',
    '+ acme: user bob@acme.test',
    '+ acme: group sales',
    '+ acme: relay scanner-3f',
    '+ acme: relay exchange',
    '+ acme: relay m365',
    '+ acme: policy bulk leak',
    '+ acme: signature standard',
    '+ acme: desk Helpdesk',
  ]);
  assert.match(formatComplaints(warnings), /: signatures, desks of acme: kept, not yet acted on/);
  assert.equal(registry.history[0]?.by, 'cli:test');
  assert.deepEqual(switched, [1]);
  assert.equal(secrets.hashed, 3);
  assert.doesNotMatch(JSON.stringify(registry), /correct horse|battery staple|paper jam|mGq3TzV9/);
});

test('contract: applying the same file again changes nothing and hashes nothing', async () => {
  const { apply, registry, secrets } = installation();
  await apply(ACME);
  const before = secrets.hashed;
  const again = await apply(ACME);
  assert.deepEqual([again.lines, again.version], [[], 1]);
  assert.equal(secrets.hashed, before);
  assert.equal(registry.history.length, 1);
});

test('contract: export is valid input, and applied elsewhere gives the same installation', async () => {
  const one = installation();
  await one.apply(ACME);
  const yaml = formatExport(exportDocument(readStored(one.registry.snapshot.resources), null));
  assert.deepEqual((await one.apply(yaml)).lines, [], 'nothing changes where it came from');
  const other = installation();
  await other.apply(yaml);
  assert.deepEqual(other.registry.snapshot.resources, one.registry.snapshot.resources);
  assert.equal(other.secrets.hashed, 0);
  const again = formatExport(exportDocument(readStored(other.registry.snapshot.resources), null));
  assert.equal(again, yaml);
});

test('contract: what a file leaves out stays, what it says replaces, null takes away', async () => {
  const { apply, registry } = installation();
  await apply(SMALL);
  const { lines } = await apply(`tenants:
  - id: acme
    timezone: Asia/Tokyo
    users:
      - { address: ALICE@acme.test, aliases: [a@acme.test], attributes: { jobTitle: null, phone: "1" } }
`);
  assert.deepEqual(lines, [
    '~ tenant acme: timezone: UTC → Asia/Tokyo',
    '~ acme: user ALICE@acme.test: address: alice@acme.test → ALICE@acme.test',
    '~ acme: user ALICE@acme.test: aliases: none → a@acme.test',
    '~ acme: user ALICE@acme.test: jobTitle: Buyer → none',
    '~ acme: user ALICE@acme.test: phone: none → 1',
  ]);
  const [tenant] = readStored(registry.snapshot.resources).tenants;
  assert.equal(tenant?.users.length, 2);
  assert.deepEqual(tenant?.users[0]?.attributes, { displayName: 'Alice', phone: '1' });
});

test('contract: a dry run shows the same lines and changes nothing', async () => {
  const { apply, registry, secrets } = installation();
  const dry = await apply(SMALL, { dryRun: true });
  assert.equal(registry.snapshot.version, 0);
  assert.equal(secrets.hashed, 0);
  assert.deepEqual((await apply(SMALL)).lines, dry.lines);
});

test('contract: --prune removes within the named kinds of the named tenants only', async () => {
  const { apply, registry } = installation();
  await apply(SMALL);
  await apply('tenants: [{ id: beta, contacts: [a@b.test], domains: [beta.test], users: [{ address: x@beta.test }] }]');
  const { lines } = await apply('tenants: [{ id: acme, domains: [], users: [{ address: bob@acme.test }] }]', {
    prune: ['users'],
  });
  assert.deepEqual(lines, ['- acme: user alice@acme.test (what is in the mailbox stays)']);
  const { tenants } = readStored(registry.snapshot.resources);
  assert.deepEqual(
    tenants.map(({ users, domains }) => [users.length, domains.length]),
    [
      [1, 1],
      [1, 1],
    ],
  );
});

test('contract: a password is set at creation, and anew only with --set-passwords', async () => {
  const { apply, registry } = installation();
  await apply(SMALL);
  const secretOf = () => readStored(registry.snapshot.resources).tenants[0]?.users[0]?.password;
  const first = secretOf();
  const changed = SMALL.replace('password: one', 'password: three');
  assert.deepEqual((await apply(changed)).lines, []);
  assert.deepEqual(secretOf(), first);
  const reset = await apply(changed, { setPasswords: true });
  assert.deepEqual(reset.lines, [
    '~ acme: user alice@acme.test: password set',
    '~ acme: user bob@acme.test: password set',
  ]);
  assert.notDeepEqual(secretOf(), first);
});

test('M1: a generated password has 128 bits, is shown once, and is kept as a fast hash', async () => {
  const { apply, registry } = installation();
  const text = `tenants: [{ id: acme, contacts: [a@b.test], domains: [acme.test], relays: [{ name: s, kind: device, username: s, password: { generate: true } }] }]`;
  const { generated } = await apply(text);
  const [shown] = generated;
  assert.equal(shown?.owner, 'acme: relay s');
  assert.match(shown?.password ?? '', /^([a-z0-9]{5}-){5}[a-z0-9]$/);
  const [relay] = readStored(registry.snapshot.resources).tenants[0]?.relays ?? [];
  assert.deepEqual(relay?.password, { sha256: hash('sha256', shown?.password ?? '') });
  assert.deepEqual((await apply(text)).generated, []);
  assert.equal(new Set(Array.from({ length: 1000 }, () => generatePassword())).size, 1000);
});

test('C5: an apply that is overtaken plans again on the newer version, and gives up in the end', async () => {
  const { apply, registry, secrets } = installation();
  registry.overtaken = 2;
  assert.equal((await apply(SMALL)).version, 3);
  assert.equal(secrets.hashed, 2, 'no password is hashed twice');
  registry.overtaken = 100;
  await assert.rejects(apply(SMALL.replace('Alice', 'Alicia')), /Others are changing/);
  assert.equal(registry.history.length, 1);
});

for (const name of readdirSync(FIXTURES).filter((file) => file.endsWith('.expected'))) {
  const file = name.replace('.expected', '.yaml');
  test(`contract, design 6: everything wrong with ${file} is told at once, and nothing is changed`, async () => {
    const { refusal, registry, apply } = installation({
      ...LOOPBACK_ONLY,
      smtpBeyondLoopback: file.includes('public'),
    });
    await apply(readFileSync(join(FIXTURES, 'other-tenant.yaml'), 'utf8'));
    const found = await refusal(readFileSync(join(FIXTURES, file), 'utf8'));
    assert.equal(`${found}\n`, readFileSync(join(FIXTURES, name), 'utf8'));
    assert.equal(registry.snapshot.version, 1);
    assert.doesNotMatch(found, /tenant other|exchange|x@other|google/, 'no word about whose');
  });
}

test('design 6: loopback networks of a relay do not count once smtp listens beyond loopback', async () => {
  const { apply, registry } = installation();
  await apply(ACME);
  const networksWhen = (smtpBeyondLoopback: boolean) =>
    tenantsOf(registry.snapshot.resources, { ...LOOPBACK_ONLY, smtpBeyondLoopback })[0]?.relays[1]?.networks;
  assert.deepEqual(networksWhen(false), ['127.0.0.2/32']);
  assert.deepEqual(networksWhen(true), []);
});

test('contract: limits default to 600 and 10,000 for people and devices, and to none for servers', async () => {
  const { apply, registry } = installation();
  await apply(ACME);
  const [tenant] = tenantsOf(registry.snapshot.resources, LOOPBACK_ONLY);
  assert.deepEqual(tenant?.users[0]?.limits, { per10m: 600, perDay: 10_000 });
  assert.deepEqual(tenant?.relays[0]?.limits, { per10m: 5, perDay: 10_000 });
  assert.deepEqual(tenant?.relays[1]?.limits, { per10m: 'unlimited', perDay: 'unlimited' });
});

test('C5: a snapshot that is not whole is refused instead of half read', () => {
  for (const damaged of [{ tenants: [{}] }, { tenants: [{ id: 'a', users: [{}] }] }, 'text', { tenant: [] }]) {
    assert.throws(() => tenantsOf(damaged, LOOPBACK_ONLY), /stored resources are damaged/);
  }
  assert.deepEqual(tenantsOf(null, LOOPBACK_ONLY), []);
});

test('M1: a relay is switched off and on by name, and a wrong name is answered with the right one', async () => {
  const { apply, registry, parts } = installation();
  await apply(ACME);
  const operation = configOperations(parts).find(({ name }) => name === 'relay.switch');
  assert(operation !== undefined);
  const context = { by: 'cli:test', call: within(30_000) };
  const off = await operation.handle({ tenant: 'acme', name: 'scanner-3f', on: false }, context);
  assert.deepEqual(off, { tenant: 'acme', name: 'scanner-3f', on: false, changed: true });
  assert.equal(tenantsOf(registry.snapshot.resources, LOOPBACK_ONLY)[0]?.relays[0]?.disabled, true);
  await operation.handle({ tenant: 'acme', name: 'scanner-3f', on: true }, context);
  assert.equal(tenantsOf(registry.snapshot.resources, LOOPBACK_ONLY)[0]?.relays[0]?.disabled, false);
  await assert.rejects(
    operation.handle({ tenant: 'acme', name: 'scaner-3f', on: false }, context),
    /did you mean 'scanner-3f'/,
  );
});

test('contract: a renewed hash replaces only the one it was made from', async () => {
  const { apply, registry, parts } = installation();
  const crypt = '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1';
  await apply(SMALL.replace('password: one', `password: { crypt: "{SHA512-CRYPT}${crypt}" }`));
  const [tenant] = tenantsOf(registry.snapshot.resources, LOOPBACK_ONLY);
  const from = tenant?.users[0]?.secret;
  assert.deepEqual(from, { kind: 'crypt', hash: crypt });
  const to = await parts.secrets.hashPassword('Hello world!', within(1_000));
  const alice = { kind: 'user', tenant: tenant?.id ?? null, name: 'alice@acme.test' } as const;
  assert.equal(await renewSecret(parts, alice, { from, to }, within(1_000)), true);
  assert.deepEqual(tenantsOf(registry.snapshot.resources, LOOPBACK_ONLY)[0]?.users[0]?.secret, to);
  assert.equal(await renewSecret(parts, alice, { from, to }, within(1_000)), false, 'it has changed meanwhile');
});

test('design 5: the demo tenant is valid, sends from its own domain, and has random passwords', async () => {
  const { parts, registry } = installation();
  const { prepared, credentials } = demoResources();
  const request = { prune: [], setPasswords: false, dryRun: false, by: 'demo', ...prepared };
  const { warnings } = await applyResources(request, parts, within(1_000));
  assert.deepEqual(warnings, []);
  const [tenant] = tenantsOf(registry.snapshot.resources, LOOPBACK_ONLY);
  assert.deepEqual([tenant?.users.length, tenant?.relays.length], [2, 1]);
  assert.equal(new Set([...credentials, ...demoResources().credentials].map(({ password }) => password)).size, 6);
});

function cloudFile(id: string, relay: string): string {
  return `tenants:\n  - { id: ${id}, contacts: [it@${id}.test], domains: [${id}.test], relays: [{ name: cloud, ${relay} }] }\n`;
}

test('design 6: the secret of a connector is kept as SHA-256, and one that could not be safe or come through is refused', async () => {
  const { apply, refusal, registry } = installation();
  const argon2id = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
  const cases: readonly (readonly [string, RegExp])[] = [
    ['hunter22hunter22', /too short to be safe.*at least 22 random characters/s],
    ['aaaaaaaaaaaaaaaaaaaaaaaaaaaa', /too short to be safe/],
    ['"mGq3TzV9cWkXr7Lp2NsYdB4h "', /stands in a header.*no blank at its ends/s],
    ['ひみつひみつひみつひみつひみつひみつひみつひみつ', /stands in a header.*ASCII/s],
    [`{ argon2id: "${argon2id}" }`, /kept as SHA-256 alone/],
  ];
  for (const [secret, why] of cases) {
    const text = await refusal(cloudFile('acme', `kind: google, networks: [192.0.2.0/24], secret: ${secret}`));
    assert.match(text, why, secret);
  }
  await apply(cloudFile('acme', 'kind: google, networks: [192.0.2.0/24], secret: { env: ACME_M365 }'));
  const [tenant] = tenantsOf(registry.snapshot.resources, LOOPBACK_ONLY);
  const hex = hash('sha256', 'mGq3TzV9cWkXr7Lp2NsYdB4h');
  assert.deepEqual(tenant?.relays[0]?.connectorSecret, { kind: 'sha256', hex, scram: null });
});

test('design 6: two tenants may name the networks of one shared cloud; a server’s network is nobody else’s', async () => {
  const { apply, refusal } = installation();
  const networks = 'networks: [192.0.2.0/24], secret: { generate: true }';
  await apply(cloudFile('acme', `kind: google, ${networks}`));
  await apply(cloudFile('beta', `kind: google, ${networks}`));
  assert.match(
    await refusal(cloudFile('gamma', 'kind: server, networks: [192.0.2.7/32]')),
    /is taken in this installation/,
  );
  const { warnings } = await apply(cloudFile('delta', 'kind: google, secret: { generate: true }'));
  assert.match(formatComplaints(warnings), /no networks, by which Google’s servers are known/);
});

test('M1: a capability that a program has trouble with is turned off by name, in any case, alone or with its family; others are named', async () => {
  const { apply, refusal, registry } = installation();
  const file = (imap: string) =>
    `tenants: [{ id: acme, domains: [acme.test], users: [{ address: alice@acme.test, imap: ${imap} }] }]`;
  await apply(file('{ off: [condstore, THREAD, "UTF8=ACCEPT"] }'));
  const [tenant] = tenantsOf(registry.snapshot.resources, LOOPBACK_ONLY);
  assert.deepEqual([...(tenant?.users[0]?.imapOff ?? [])], ['CONDSTORE', 'THREAD', 'UTF8=ACCEPT']);
  const exported = formatExport(exportDocument(readStored(registry.snapshot.resources), null));
  assert.match(exported, /off:\n +- CONDSTORE\n +- THREAD/);
  const { lines } = await apply(file('null'));
  assert.match(lines.join('\n'), /imap: off CONDSTORE,THREAD,UTF8=ACCEPT → none/);
  assert.match(await refusal(file('{ off: [IMAP4rev1] }')), /choose of IMAP4rev2/);
  assert.match(await refusal(file('{ off: [NONSENSE] }')), /no IMAP capability/);
});

const RULES = `tenants:
  - id: acme
    contacts: [it@acme.test]
    domains: [acme.test]
    policies:
      - { name: all, when: { direction: outbound }, action: { hold: 5m } }
      - { name: many, when: { direction: outbound, externalDomains: { min: 3 } }, action: { hold: 15m } }
      - { name: sale, when: { senders: [group:sale] }, action: { tagSubject: x } }
`;

test('H1: rules that can never hold or are never reached are warned of where they stand, also those that the file does not name', async () => {
  const { apply } = installation();
  const { warnings } = await apply(RULES);
  assert.match(
    formatComplaints(warnings),
    /^acme\.yaml:7:\d+: warning: many is never reached.*\nacme\.yaml:8:\d+: warning: sale: there is no group sale/,
  );
  const { warnings: later } = await apply('tenants: [{ id: acme, name: Acme }]');
  assert.match(formatComplaints(later), /^acme\.yaml:1:\d+: warning: many is never reached/m);
});

test('H1: a rule with mistakes is refused with all of them, each with line and remedy, and nothing is changed', async () => {
  const { refusal, registry } = installation();
  const said = await refusal(RULES.replace('direction: outbound }', 'direktion: outbound }').replace('15m', 'soon'));
  assert.match(said, /acme\.yaml:6:\d+: mistake: Unknown key 'direktion'\. — did you mean 'direction'\?/);
  assert.match(said, /acme\.yaml:7:\d+: mistake: .*"soon" is no duration\. — write a number and its unit/);
  assert.equal(registry.snapshot.version, 0);
});

test('H1: a tenant says what its people are told of held mail; the rest is as it is by default, and comes back by export', async () => {
  const { registry, apply, refusal } = installation();
  const acme = (notices: string) =>
    `tenants: [{ id: acme, contacts: [a@acme.test], domains: [acme.test], notices: ${notices} }]`;
  const now = () => tenantsOf(registry.snapshot.resources, LOOPBACK_ONLY)[0]?.notices;
  await apply('tenants: [{ id: acme, contacts: [a@acme.test], domains: [acme.test] }]');
  assert.deepEqual(now(), NOTICE_DEFAULTS);
  await apply(acme('{ reminders: [3d, 4h], subject: off }'));
  assert.deepEqual(now(), { held: 'all', reminderMs: [14_400_000, 259_200_000], subject: false });
  await apply(acme('{ held: waiting }'));
  assert.deepEqual(now(), { held: 'waiting', reminderMs: [14_400_000, 259_200_000], subject: false });
  const exported = formatExport(exportDocument(readStored(registry.snapshot.resources), null));
  assert.deepEqual((await apply(exported)).lines, []);
  assert.match(await refusal(acme('{ reminders: [soon] }')), /soon[\s\S]*4h or 3d/);
  await apply(acme('null'));
  assert.deepEqual(now(), NOTICE_DEFAULTS);
});

test('design 6: a connector may take its mail back and keep its former secret; what is no cloud may not', async () => {
  const { apply, refusal, registry } = installation();
  const relay = (text: string) =>
    `tenants:\n  - id: acme\n    domains: [acme.test]\n    relays:\n      - { name: m365, ${text} }\n`;
  const cloud = 'kind: microsoft365, cloudTenant: 1111-2222, secret: { env: ACME_M365 }';
  const former = `formerSecret: { sha256: ${'ab'.repeat(32)} }`;
  await apply(relay(`${cloud}, returnTo: acme-test.mail.protection.outlook.com, ${former}`));
  const [tenant] = tenantsOf(registry.snapshot.resources, LOOPBACK_ONLY);
  const [kept] = tenant?.relays ?? [];
  assert.equal(kept?.returnsTo, 'acme-test.mail.protection.outlook.com');
  assert.deepEqual(kept?.formerSecret, { kind: 'sha256', hex: 'ab'.repeat(32), scram: null });
  assert.match(formatExport(registry.snapshot), /returnTo: acme-test\.mail\.protection\.outlook\.com/);
  await apply(relay('kind: microsoft365, formerSecret: null, returnTo: null'));
  const [after] = tenantsOf(registry.snapshot.resources, LOOPBACK_ONLY)[0]?.relays ?? [];
  assert.deepEqual([after?.formerSecret, after?.returnsTo], [null, null]);
  assert.match(await refusal(relay('kind: microsoft365, returnTo: "not a host"')), /returnTo/);
  assert.match(await refusal(relay('kind: microsoft365, formerSecret: { generate: true }')), /A former secret is one/);
  assert.match(
    await refusal(relay('kind: server, networks: [127.0.0.2/32], secret: null, cloudTenant: null, returnTo: x.test')),
    /is no cloud/,
  );
});
