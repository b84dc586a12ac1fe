import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { within } from '#/model/index.ts';
import type { Operation } from '#/ports/index.ts';
import { FakeClock, FakeRegistry } from '#/testkit/index.ts';
import { applyResources, policyOperations, prepareResources } from './index.ts';

const DAY_MS = 86_400_000;

interface Step {
  readonly version: number;
  readonly by: string;
  readonly undoes: number | null;
  readonly lines: readonly string[];
}

function installation(inspects: 'here' | 'nowhere' = 'here') {
  const [registry, clock] = [new FakeRegistry(), new FakeClock()];
  const rules = { smtpBeyondLoopback: false, cells: null, inspects, hooks: [] };
  const parts = { registry, clock, rules, switched: async () => {} };
  const secrets = {
    hashPassword: async () => ({ kind: 'argon2id', phc: '$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA' }) as const,
    hashGenerated: (plain: string) => ({ kind: 'sha256', hex: hash('sha256', plain), scram: null }) as const,
  };
  const operations = new Map(policyOperations(parts).map((one) => [one.name, one]));
  const call = async <T>(name: string, input: object, by = 'admin@acme.test'): Promise<T> => {
    const found = operations.get(name) as Operation;
    return found.output.parse(await found.handle(found.input.parse(input), { by, call: within(30_000) })) as T;
  };
  const apply = async (policies: string, { by = 'cli:root', tenant = 'acme', prune = true } = {}) => {
    clock.jump(DAY_MS);
    const read = prepareResources(
      'rules.yaml',
      `tenants: [{ id: ${tenant}, contacts: [it@acme.test], policies: ${policies} }]`,
      { env: {}, cwd: '/' },
    );
    assert('prepared' in read);
    const request = { ...read.prepared, prune: prune ? (['policies'] as const) : [], setPasswords: false };
    return applyResources({ ...request, dryRun: false, by }, { ...parts, secrets }, within(30_000));
  };
  const history = (tenant: string | null = 'acme') => call<Step[]>('policy.history', { tenant });
  const policies = () =>
    (registry.snapshot.resources as { tenants: { id: string; policies: { name: string }[] }[] }).tenants
      .find(({ id }) => id === 'acme')
      ?.policies.map(({ name }) => name);
  return { registry, clock, call, apply, history, policies };
}

const HOLD = '{ name: hold, when: { direction: outbound }, action: { hold: 5m } }';
const LONGER = '{ name: hold, when: { direction: outbound }, action: { hold: 9m } }';
const CARDS = '{ name: cards, when: { detects: { creditCard: on } }, action: { hold: 1h } }';

test('H1: each change of rules is told with who, when and what; what changes no rule is none', async () => {
  const { apply, history } = installation();
  await apply(`[${HOLD}]`);
  await apply(`[${HOLD}]`);
  await apply(`[${CARDS}, ${LONGER}]`, { by: 'cli:ada' });
  await apply(`[${LONGER}, ${CARDS}]`);
  await apply(`[${LONGER}]`, { tenant: 'bolt' });
  const told = await history();
  assert.deepEqual(
    told.map(({ by, lines }) => [by, lines]),
    [
      ['cli:root', ['~ order: hold, cards']],
      ['cli:ada', ['+ cards', '~ hold']],
      ['cli:root', ['+ hold']],
    ],
  );
  assert.equal((await history(null)).length, 4, 'the operator sees all');
  await assert.rejects(history('acne'), /There is no tenant acne: .*acme/);
});

test('H1: undo goes one step back, as a change of its own, and the next undo takes that back', async () => {
  const { apply, call, history, policies } = installation();
  await apply(`[${HOLD}]`);
  await apply(`[${CARDS}]`);
  const undone = await call<{ undoes: number; madeBy: string; lines: string[] }>('policy.undo', { tenant: 'acme' });
  assert.deepEqual([undone.undoes, undone.madeBy, undone.lines], [2, 'cli:root', ['+ hold', '- cards']]);
  assert.deepEqual(policies(), ['hold']);
  const [newest] = await history();
  assert.deepEqual([newest?.version, newest?.by, newest?.undoes], [3, 'admin@acme.test', 2]);
  await call('policy.undo', { tenant: 'acme', version: 3 });
  assert.deepEqual(policies(), ['cards']);
});

test('H1: undo is refused with a clear word where the rules have changed since, or nothing is known', async () => {
  const { apply, call, policies, registry } = installation();
  await apply('[]');
  await assert.rejects(call('policy.undo', { tenant: 'acme' }), /No change of the rules of acme is known/);
  await apply(`[${HOLD}]`);
  await apply(`[${CARDS}]`, { by: 'cli:ada' });
  await assert.rejects(
    call('policy.undo', { tenant: 'acme', version: 2 }),
    /newest change of the rules of acme is version 3, by cli:ada at .*only the newest one/,
  );
  const { snapshot } = registry;
  registry.snapshot = JSON.parse(JSON.stringify(snapshot).replace('"1h"', '"2h"')) as typeof snapshot;
  await assert.rejects(call('policy.undo', { tenant: 'acme' }), /have changed since version 3/);
  assert.deepEqual(policies(), ['cards'], 'and nothing is changed');
});

test('C5: an undo that is overtaken looks again, and takes back no change that it has not seen', async () => {
  const { apply, call, registry, policies } = installation();
  await apply(`[${HOLD}]`);
  await apply(`[${CARDS}]`);
  registry.overtaken = 1;
  await call('policy.undo', { tenant: 'acme', version: 2 });
  assert.deepEqual(policies(), ['hold']);
});

test('H1: rules that nobody would ever inspect mail by are warned of where they are applied', async () => {
  const { apply } = installation('nowhere');
  const { warnings } = await apply(`[${HOLD}]`);
  assert.match(warnings.map(({ message }) => message).join(), /acme has rules, and no process has the role inspect/);
  assert.deepEqual((await apply('[]')).warnings, []);
  assert.deepEqual((await installation().apply(`[${HOLD}]`)).warnings, []);
});
