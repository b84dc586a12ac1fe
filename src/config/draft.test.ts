import assert from 'node:assert/strict';
import { test } from 'node:test';
import { within } from '#/model/index.ts';
import { FakeRegistry } from '#/testkit/index.ts';
import { draftOfTenant } from './index.ts';

const RULES = { smtpBeyondLoopback: false, cells: null, inspects: 'here', hooks: [] } as const;
const HOLD = { name: 'hold', action: { hold: '5m' } };
const CARDS = { name: 'cards', when: { detects: { creditCard: true } }, action: { hold: '1h' } };

async function draft(document: unknown, more: { tenant?: string | null; prune?: boolean } = {}) {
  const registry = new FakeRegistry();
  const tenants = [
    { id: 'acme', contacts: ['it@acme.test'], domains: ['acme.test'], policies: [HOLD] },
    { id: 'bolt', domains: ['bolt.test'] },
  ];
  registry.snapshot = { version: 1, at: 0, resources: { tenants } };
  const request = { file: 'draft.yaml', document, places: {}, prune: false, tenant: null, ...more };
  const drafted = await draftOfTenant(request, { registry, rules: RULES }, within(30_000));
  assert.equal(registry.snapshot.version, 1, 'nothing is changed');
  return drafted;
}

test('H1: a draft is the tenant as apply would make it, and nothing of the file counts but rules', async () => {
  const file = { tenants: [{ id: 'acme', domains: ['bolt.test'], users: 'none', policies: [CARDS] }] };
  const { now, draft: next, warnings } = await draft(file);
  assert.deepEqual(now.policies, [HOLD]);
  assert.deepEqual(next.policies, [CARDS, HOLD]);
  assert.deepEqual([next.domains.map(({ name }) => name), warnings], [['acme.test'], []]);
  assert.deepEqual((await draft(file, { prune: true, tenant: 'acme' })).draft.policies, [CARDS]);
});

test('design 6: whoever tries rules learns of no other tenant, and of each mistake', async () => {
  const of = (...ids: string[]) => ({ tenants: ids.map((id) => ({ id, policies: [CARDS] })) });
  await assert.rejects(draft(of('acme', 'bolt')), /about one tenant/);
  await assert.rejects(draft(of('bolt'), { tenant: 'acme' }), /acme is meant/);
  await assert.rejects(draft({}), /names none/);
  await assert.rejects(draft(null), /names none/);
  await assert.rejects(draft(of('new')), /There is no tenant new yet/);
  await assert.rejects(
    draft({ tenants: [{ id: 'acme', policies: [{ name: 'x', action: { hold: 'soon' } }] }] }),
    /soon/,
  );
});
