import assert from 'node:assert/strict';
import { test } from 'node:test';
import { within } from '#/model/index.ts';
import { FakeClock, FakeRegistry } from '#/testkit/index.ts';
import { applyResources, bypassOperations, exportDocument, prepareResources, readStored, tenantsOf } from './index.ts';

const CONTEXT = { smtpBeyondLoopback: false, cells: null, inspects: 'here', hooks: [] } as const;

function installation() {
  const registry = new FakeRegistry();
  const resources = { tenants: [{ id: 'acme', relays: [{ name: 'm365', kind: 'microsoft365' }] }, { id: 'bolt' }] };
  registry.snapshot = { version: 1, at: 0, resources };
  const clock = new FakeClock();
  const switched: number[] = [];
  const parts = {
    registry,
    clock,
    hostname: 'mx.example.test',
    switched: async () => void switched.push(registry.snapshot.version),
  };
  const operations = new Map(bypassOperations(parts).map((one) => [one.name, one]));
  const call = async (name: string, input: object): Promise<unknown> => {
    const found = operations.get(`bypass.${name}`);
    assert.ok(found);
    return found.output.parse(await found.handle(found.input.parse(input), { by: 'cli:op', call: within(10_000) }));
  };
  return { registry, clock, switched, call };
}

test('M8: a bypass has an end, a reason and a person, is dated with the resources, and serves at once', async () => {
  const { registry, switched, call, clock } = installation();
  await call('set', { tenant: 'acme', until: '2h', reason: 'slow\nfilter', destination: 'route:relay.test:25' });
  const [acme, bolt] = tenantsOf(registry.snapshot.resources, CONTEXT);
  assert.deepEqual(acme?.bypass, {
    since: clock.now(),
    until: clock.now() + 7_200_000,
    by: 'cli:op',
    reason: 'slow filter',
    destination: 'route:relay.test:25',
  });
  assert.equal(bolt?.bypass, undefined);
  assert.deepEqual(switched, [2]);
  assert.match(registry.history[0]?.lines[0] ?? '', /tenant acme: bypass of inspection until .*: slow filter/);
});

test('M8: a bypass of more than 72 hours, without an end in the future, or of nobody is refused', async () => {
  const { registry, call } = installation();
  const set = (input: object) => call('set', { tenant: 'acme', until: '1h', reason: 'x', ...input });
  await assert.rejects(set({ until: '73h' }), /within 72 hours/);
  await assert.rejects(set({ until: '2001-01-01T00:00:00Z' }), /in the past/);
  await assert.rejects(set({ until: 'tomorrow' }), /is no end/);
  await assert.rejects(set({ until: '0s' }), /in the past/);
  await assert.rejects(set({ tenant: 'acne' }), /no tenant acne: did you mean 'acme'/);
  await assert.rejects(set({ reason: '  ' }), /Say why/);
  await assert.rejects(set({ destination: 'inspect' }), /A destination is/);
  assert.equal(registry.snapshot.version, 1);
});

test('M8: it is listed while it stands and behind its end, ends by itself, or once by hand', async () => {
  const { clock, call } = installation();
  await call('set', { tenant: 'acme', until: '1h', reason: 'x' });
  const states = async () =>
    ((await call('list', {})) as { tenant: string; state: string }[]).map(({ state }) => state);
  assert.deepEqual(await states(), ['active']);
  assert.deepEqual(await call('list', { tenant: 'bolt' }), []);
  await clock.advance(3_600_000, 3_600_000);
  assert.deepEqual(await states(), ['ended']);
  await assert.rejects(call('end', { tenant: 'acme' }), /no bypass that could end/);
  await call('set', { tenant: 'acme', until: '1h', reason: 'y' });
  await call('end', { tenant: 'acme' });
  assert.deepEqual(await states(), ['ended']);
});

test('M8: a resource file brings no bypass, export leaves it out, and apply leaves it alone', async () => {
  const { registry, call, clock } = installation();
  await call('set', { tenant: 'acme', until: '1h', reason: 'x' });
  const document = exportDocument(readStored(registry.snapshot.resources), 'acme');
  assert.doesNotMatch(JSON.stringify(document), /bypass/);
  const text = 'tenants: [{ id: acme, bypass: { since: 1, until: 9999999999999, by: me, reason: x } }]';
  const read = prepareResources('acme.yaml', text, { env: {}, cwd: '/' });
  assert.ok('prepared' in read);
  const request = { prune: [], setPasswords: false, dryRun: false, by: 'me', ...read.prepared };
  const secrets = { hashPassword: () => assert.fail(), hashGenerated: () => assert.fail() };
  const parts = { registry, clock, secrets, rules: CONTEXT, switched: async () => {} };
  await assert.rejects(applyResources(request, parts, within(10_000)), /declares no bypass.*holdfast bypass set/s);
});

test('M8: the recipe names each connector’s own steps, and what its mail goes without', async () => {
  const { call } = installation();
  const { connectors, without } = (await call('recipe', { tenant: 'acme' })) as {
    connectors: { name: string; steps: string[] }[];
    without: string;
  };
  assert.match(connectors[0]?.steps.join('\n') ?? '', /mx\.example\.test.*X-Holdfast-Connector/s);
  assert.match(without, /meets no rule/);
});
