import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { within } from '#/model/index.ts';
import { registryContract } from '../contract/registry.ts';
import { ACME, BOLT, settledCells, twoCells } from './fixture.ts';
import { cellsRegistry, knownResourcesIn } from './index.ts';

registryContract('cells', async () => ({
  registry: twoCells().registry,
  reopen: null,
  [Symbol.asyncDispose]: async () => {},
}));

const soon = () => within(20_000);

function change(...lines: string[]) {
  return { at: 5, by: 'cli:root', lines };
}

test('design 4: each tenant is in its own cell, and all of them are read as one', async () => {
  const { east, west, registry } = await settledCells();
  assert.deepEqual((await east.inside.registry.load(soon())).resources, { tenants: [ACME] });
  assert.deepEqual((await west.inside.registry.load(soon())).resources, { tenants: [BOLT] });
  assert.deepEqual(await registry.load(soon()), { version: 2, at: 1, resources: { tenants: [ACME, BOLT] } });
});

test('design 4: a change writes to the cells that it changes, and its lines stand where their tenants are', async () => {
  const { east, west, registry } = await settledCells();
  const next = { tenants: [ACME, { ...BOLT, name: 'Bolt' }] };
  assert.ok(await registry.replace(2, next, change('~ tenant bolt: name: none → Bolt'), soon()));
  assert.equal((await east.inside.registry.load(soon())).version, 1);
  assert.equal((await west.inside.registry.load(soon())).version, 2);
  assert.deepEqual(
    (await west.inside.registry.changes(9, soon())).map(({ lines }) => lines),
    [['~ tenant bolt: name: none → Bolt'], ['+ tenant bolt']],
  );
  assert.equal((await registry.load(soon())).version, 3);
});

test('design 4: while a cell is away its tenants are known, the others’ can be changed, and its own can not', async () => {
  const { west, registry } = await settledCells();
  west.away = true;
  const { version, resources } = await registry.load(soon());
  assert.deepEqual(resources, { tenants: [ACME, BOLT] });
  assert.ok(
    await registry.replace(version, { tenants: [{ ...ACME, name: 'A' }, BOLT] }, change('~ tenant acme'), soon()),
  );
  const both = {
    tenants: [
      { ...ACME, name: 'B' },
      { ...BOLT, name: 'B' },
    ],
  };
  await assert.rejects(registry.replace(version + 1, both, change('~ all'), soon()), /the cell west/);
  assert.deepEqual(
    (await registry.load(soon())).resources,
    { tenants: [{ ...ACME, name: 'A' }, BOLT] },
    'nothing half',
  );
  await assert.rejects(registry.changes(9, soon()), /the cell west/);
});

test('design 4: a process that starts while a cell is away knows its tenants from the disk; one that never saw it does not guess', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-'));
  const known = knownResourcesIn((cell) => join(folder, cell));
  const { west, cells, registry } = await settledCells();
  await cellsRegistry(cells, known).load(soon());
  assert.deepEqual(await readdir(join(folder, 'west')), ['known-resources.json']);
  assert.equal((await stat(join(folder, 'west', 'known-resources.json'))).mode & 0o077, 0, 'hashes are in it');
  west.away = true;
  const after = cellsRegistry(
    cells,
    knownResourcesIn((cell) => join(folder, cell)),
  );
  assert.deepEqual(await after.load(soon()), await registry.load(soon()));
  const stranger = cellsRegistry(
    cells,
    knownResourcesIn((cell) => join(folder, 'elsewhere', cell)),
  );
  await assert.rejects(stranger.load(soon()), /the cell west/);
  await rm(folder, { recursive: true });
});

test('design 4: two who change at once in two cells do not lose each other’s word: the later one plans again', async () => {
  const { east, cells, known, registry } = await settledCells();
  const other = cellsRegistry(cells, known);
  assert.ok(await other.replace(2, { tenants: [{ ...ACME, name: 'A' }, BOLT] }, change('~ tenant acme'), soon()));
  assert.equal(
    await registry.replace(2, { tenants: [ACME, { ...BOLT, name: 'B' }] }, change('~ tenant bolt'), soon()),
    false,
  );
  assert.equal((await east.inside.registry.load(soon())).version, 2);
});

test('design 4: a tenant is not moved, and one that is in two cells is nobody’s to guess', async () => {
  const { west, registry } = await settledCells();
  const moved = { tenants: [ACME, { ...BOLT, cell: 'east' }] };
  await assert.rejects(registry.replace(2, moved, change('~ tenant bolt'), soon()), /in the cell west/);
  await assert.rejects(registry.replace(2, { tenants: [{ id: 'coal', cell: 'north' }] }, change('+'), soon()), /north/);
  await west.inside.registry.replace(1, { tenants: [BOLT, ACME] }, change('+ tenant acme'), soon());
  await assert.rejects(registry.load(soon()), /acme is in the cells east and west/);
});

test('design 4: a store that had one installation is a cell: its tenants are where they were', async () => {
  const { west, cells, registry } = twoCells();
  await west.inside.registry.replace(0, { tenants: [{ id: 'bolt' }] }, change('+ tenant bolt'), soon());
  assert.deepEqual((await registry.load(soon())).resources, { tenants: [BOLT] });
  assert.equal(cells.homeOf('bolt')?.name, 'west');
});

test('M1: counters are saved in the cell of their tenant; what was not saved has no count in the answer', async () => {
  const { east, west, registry } = await settledCells();
  const row = { identity: 'tenant', day: 'today', dayCount: 1, lastSeen: 1, lastError: null, lastErrorAt: 0 };
  const rows = [
    { ...row, tenant: 'acme' },
    { ...row, tenant: 'bolt' },
  ];
  west.away = true;
  assert.deepEqual(await registry.saveUsage(rows, soon()), [rows[0]]);
  await assert.rejects(registry.saveUsage(rows.slice(1), soon()), /the cell west/);
  assert.deepEqual(await registry.loadUsage(soon()), [rows[0]]);
  west.away = false;
  await registry.saveUsage(rows, soon());
  assert.deepEqual(await east.inside.registry.loadUsage(soon()), [rows[0]]);
  assert.deepEqual(await west.inside.registry.loadUsage(soon()), [rows[1]]);
});

test('design 6: an act on a tenant is written down in its cell, another one where there is a cell to take it', async () => {
  const { east, west, registry } = await settledCells();
  const entry = { at: 1, by: 'cli:root', act: 'relay.switch', subject: 'bolt/scanner off', reason: '' };
  await registry.audit(entry, soon());
  east.away = true;
  await registry.audit({ ...entry, subject: 'file.yaml' }, soon());
  await assert.rejects(registry.audit({ ...entry, subject: 'all that waits tenant:acme' }, soon()), /the cell east/);
  await assert.rejects(registry.verifyAudit(soon()), /the cell east/);
  east.away = false;
  assert.equal((await west.inside.registry.auditEntries(null, 9, soon())).length, 2);
  assert.deepEqual(await registry.verifyAudit(soon()), { entries: 2, brokenAt: null });
});
