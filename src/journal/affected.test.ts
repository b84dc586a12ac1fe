import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TenantId } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import type { Operation } from '#/ports/index.ts';
import { mail, NOON, StandingClock, soon, worker } from '#/store/contract/index.ts';
import { openMemoryCustody } from '#/store/index.ts';
import { directoryOf, tenantOf } from '#/testkit/index.ts';
import { affectedOperations } from './index.ts';

const MINUTE = 60_000;
const ACME = tenantOf({ id: 'acme', domains: ['acme.test'], contacts: ['it@acme.test'] });
const GLOBEX = tenantOf({ id: 'globex', domains: ['globex.test'] });

// Two mails of acme, one of globex, a minute apart from noon on.
async function threeMails() {
  const clock = new StandingClock();
  const custody = openMemoryCustody({ clock });
  await custody.enlist(worker('1'), soon());
  const ids: string[] = [];
  for (const tenant of ['acme', 'globex', 'acme']) {
    const one = mail(clock, { tenant: tenant as TenantId });
    ids.push(one.id);
    await custody.accept([one], null, soon());
    clock.ms += MINUTE;
  }
  const operations = affectedOperations({
    ...{ journal: custody, clock },
    directory: { current: () => directoryOf([ACME, GLOBEX]) },
    readTime: (text, tenant) => NOON + Number(text) * MINUTE + (tenant === 'globex' ? MINUTE : 0),
  });
  const ask = async (name: string, input: object): Promise<unknown> => {
    const found = operations.find((one) => one.name === name) as Operation;
    return found.output.parse(await found.handle(found.input.parse(input), { by: 'cli:root', call: within(30_000) }));
  };
  return { ids, operations, ask };
}

test('H6: the counts are the contract’s, with who is to be told; a tenant without contacts is named as such (H8)', async () => {
  const { ask } = await threeMails();
  assert.deepEqual(await ask('affected.count', { from: '0', to: '3' }), {
    ...{ messages: 3, recipients: 3, unserved: 3 },
    tenants: [
      { tenant: 'acme', contacts: ['it@acme.test'], messages: 2, recipients: 2, unserved: 2 },
      { tenant: 'globex', contacts: [], messages: 1, recipients: 1, unserved: 1 },
    ],
  });
  assert.deepEqual(await ask('affected.count', { from: '3' }), {
    ...{ messages: 0, recipients: 0, unserved: 0, tenants: [] },
  });
});

test('H6: the list comes in pages; bare times are meant in the zone of the tenant', async () => {
  const { ask, ids } = await threeMails();
  type Page = { readonly items: readonly { readonly id: string; readonly served: boolean }[]; readonly next: string };
  const first = (await ask('affected.list', { from: '0', to: '3', limit: 2 })) as Page;
  assert.deepEqual([first.items.map(({ id }) => id), first.next], [ids.slice(0, 2), `${ids[1]}/1`]);
  const rest = (await ask('affected.list', { from: '0', to: '3', limit: 2, after: first.next })) as Page;
  assert.deepEqual([rest.items.map(({ id, served }) => [id, served]), rest.next], [[[ids[2], false]], null]);
  const own = (await ask('affected.list', { from: '0', to: '1', tenant: 'globex' })) as Page;
  assert.deepEqual(
    own.items.map(({ id }) => id),
    [ids[1]],
  );
});

test('H6: an empty window, one of years and a place that is none are refused with a remedy', async () => {
  const { ask } = await threeMails();
  await assert.rejects(ask('affected.count', { from: '2', to: '2' }), /must come behind/);
  await assert.rejects(ask('affected.count', { from: '-1000000' }), /31 days at most/);
  await assert.rejects(ask('affected.list', { from: '0', after: "x' OR 1" }), /is no place/);
});

test('design 6: both are asked for by tenants too, and then of their own mail alone', async () => {
  const { operations, ask } = await threeMails();
  for (const { scope, reads, input } of operations) {
    assert.deepEqual([scope, reads], ['tenant', true]);
    assert.ok('tenant' in (input as unknown as { shape: object }).shape);
  }
  const own = (await ask('affected.count', { from: '-1', to: '3', tenant: 'globex' })) as { messages: number };
  assert.equal(own.messages, 1);
});
