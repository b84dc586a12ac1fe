import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeSecretKeeper } from '#/auth/index.ts';
import { applyResources, prepareResources, tenantsOf } from '#/config/index.ts';
import { within } from '#/model/index.ts';
import { directoryOf, FakeClock, FakeRegistry, GateFixture } from '#/testkit/index.ts';

const RULES = { smtpBeyondLoopback: false, cells: null, inspects: 'here', hooks: [] } as const;
const FILE = `tenants:
  - id: acme
    contacts: [it@acme.test]
    domains: [acme.test]
    relays:
      - { name: m365, kind: microsoft365, cloudTenant: 11111111-2222-3333-4444-555555555555, secret: { env: ACME_M365 },
          networks: [127.0.0.4/32], senders: ["*@acme.test"] }
      - { name: google, kind: google, secret: { generate: true }, networks: [127.0.0.5/32], senders: ["*@acme.test"] }
`;

test('design 6: what apply keeps of a connector’s secret is what the gate looks for, given or generated', async () => {
  const given = 'mGq3TzV9cWkXr7Lp2NsYdB4h';
  const registry = new FakeRegistry();
  const read = prepareResources('acme.yaml', FILE, { env: { ACME_M365: given }, cwd: import.meta.dirname });
  assert.ok('prepared' in read);
  const request = { ...read.prepared, prune: [], setPasswords: false, dryRun: false, by: 'cli:test' };
  const secrets = makeSecretKeeper({ scram: true });
  const parts = { registry, clock: new FakeClock(), secrets, rules: RULES, switched: async () => {} };
  const { generated } = await applyResources(request, parts, within(20_000));
  await using gate = await GateFixture.start();
  gate.directory.switchTo(directoryOf(tenantsOf(registry.snapshot.resources, RULES)));
  for (const [localAddress, secret] of [
    ['127.0.0.4', given],
    ['127.0.0.5', generated[0]?.password],
  ] as const) {
    using peer = await gate.greet({ localAddress });
    await peer.asks('MAIL FROM:<ann@acme.test>', '250');
    await peer.asks('RCPT TO:<friend@world.test>', '250');
    await peer.asks('DATA', '354');
    peer.says(`X-Holdfast-Connector: ${secret}`, 'Subject: s', '', 'text', '.');
    await peer.hears('250 2.0.0 Ok: queued as');
  }
  assert.deepEqual(
    gate.intake.mails.map(({ identity }) => identity.name),
    ['m365', 'google'],
  );
});
