/** What every keeper of `ports/registry.ts` promises. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { within } from '#/model/index.ts';
import type { AuditEntry, Registry, RegistryChange, UsageRow } from '#/ports/index.ts';
import { POLICY_STEPS_MAX } from '#/ports/index.ts';
import type { AuditLog } from '../audit-chain.ts';

/** A keeper under test. `reopen` closes it and opens what it kept; null where nothing outlives the process. */
export interface RegistryUnderTest extends AsyncDisposable {
  readonly registry: Registry & AuditLog;
  readonly reopen: (() => Promise<Registry & AuditLog>) | null;
}

const soon = () => within(20_000);
const NOON = Date.UTC(2026, 10, 21, 12);

function change(line: string): RegistryChange {
  return { at: NOON, by: 'cli:root', lines: [line] };
}

function usage(identity: string, dayCount: number): UsageRow {
  return { tenant: 'acme', identity, day: '2026-11-21', dayCount, lastSeen: NOON, lastError: null, lastErrorAt: 0 };
}

function entry(act: string): AuditEntry {
  return { at: NOON, by: 'cli:root', act, subject: '0123456789ABCDEF', reason: 'asked by the customer' };
}

/** The suite, for one keeper. */
export function registryContract(keeper: string, open: () => Promise<RegistryUnderTest>): void {
  test(`C5: a new registry is empty, and a snapshot comes back whole with its version (${keeper})`, async () => {
    await using given = await open();
    const { registry } = given;
    assert.deepEqual(await registry.load(soon()), { version: 0, at: 0, resources: null });
    const resources = { tenants: [{ id: 'acme', name: 'アクメ', domains: ['acme.test'] }], n: 1.5, none: null };
    assert.ok(await registry.replace(0, resources, change('tenant acme: created'), soon()));
    assert.deepEqual(await registry.load(soon()), { version: 1, at: NOON, resources });
  });

  test(`C5: of two that change one version only the first succeeds, and nothing of the other stays (${keeper})`, async () => {
    await using given = await open();
    const { registry } = given;
    const race = [1, 2, 3, 4, 5].map((n) => registry.replace(0, { n }, change(`${n}`), soon()));
    const won = (await Promise.all(race)).flatMap((yes, i) => (yes ? [i + 1] : []));
    assert.equal(won.length, 1);
    assert.deepEqual((await registry.load(soon())).resources, { n: won[0] });
    assert.deepEqual(
      (await registry.changes(10, soon())).map(({ lines }) => lines[0]),
      [`${won[0]}`],
    );
    assert.equal(await registry.replace(7, {}, change('from the future'), soon()), false);
  });

  test(`contract: changes are listed newest first, with who and when (${keeper})`, async () => {
    await using given = await open();
    for (let version = 0; version < 4; version++)
      await given.registry.replace(version, { version }, change(`change ${version + 1}`), soon());
    assert.deepEqual(await given.registry.changes(2, soon()), [
      { version: 4, at: NOON, by: 'cli:root', lines: ['change 4'] },
      { version: 3, at: NOON, by: 'cli:root', lines: ['change 3'] },
    ]);
  });

  test(`H1: changes of rules are kept with the rules before and after them, newest first, so many of a tenant (${keeper})`, async () => {
    await using given = await open();
    const { registry } = given;
    const rules = (n: number) => [{ name: `規則 ${n}`, when: { words: ['\u0000'] } }];
    const edit = (tenant: string, n: number) => ({ tenant, before: rules(n - 1), after: rules(n) });
    const tenants = [{ id: 'acme' }, { id: 'bolt' }];
    const step = (n: number, ...policies: object[]) => ({ ...change(`${n}`), policies: policies as never });
    for (let n = 1; n <= POLICY_STEPS_MAX + 2; n++) {
      const more = n === 1 ? [edit('bolt', 1)] : n === 2 ? [{ ...edit('bolt', 2), undoes: 1 }] : [];
      assert.ok(await registry.replace(n - 1, { tenants, n }, step(n, edit('acme', n), ...more), soon()));
    }
    assert.equal(await registry.replace(1, {}, step(9, edit('bolt', 9)), soon()), false);
    await registry.load(soon());
    const reopened = given.reopen === null ? registry : await given.reopen();
    const acme = await reopened.policySteps('acme', 1_000, soon());
    assert.equal(acme.length, POLICY_STEPS_MAX);
    assert.deepEqual(
      [acme[0], acme.at(-1)].map((one) => one?.version),
      [POLICY_STEPS_MAX + 2, 3],
    );
    const told = { at: NOON, by: 'cli:root' };
    assert.deepEqual(await reopened.policySteps('bolt', 9, soon()), [
      { ...edit('bolt', 2), ...told, undoes: 1, version: 2 },
      { ...edit('bolt', 1), ...told, version: 1 },
    ]);
    const all = await reopened.policySteps(null, 2, soon());
    assert.deepEqual(
      all.map(({ tenant }) => tenant),
      ['acme', 'acme'],
    );
    assert.deepEqual(Object.keys((await reopened.changes(1, soon()))[0] ?? {}).sort(), [
      'at',
      'by',
      'lines',
      'version',
    ]);
    if (reopened !== registry) await reopened[Symbol.asyncDispose]();
  });

  test(`M1: usage of an identity is kept by its newest row (${keeper})`, async () => {
    await using given = await open();
    const { registry } = given;
    await registry.saveUsage([usage('relay:scanner', 1), usage('tenant', 5)], soon());
    const newest = { ...usage('relay:scanner', 2), lastError: 'wrong password', lastErrorAt: NOON };
    const told = await registry.saveUsage([newest], soon());
    assert.deepEqual(
      told.map(({ identity, dayCount }) => [identity, dayCount]),
      [['relay:scanner', 2]],
      'what stands is told',
    );
    const rows = await registry.loadUsage(soon());
    assert.deepEqual(
      [...rows].sort((a, b) => a.identity.localeCompare(b.identity)),
      [newest, usage('tenant', 5)],
    );
    await registry.saveUsage([], soon());
  });

  test(`design 6: audit entries are kept in order, and their chain holds (${keeper})`, async () => {
    await using given = await open();
    const { registry } = given;
    assert.deepEqual(await registry.verifyAudit(soon()), { entries: 0, brokenAt: null });
    await Promise.all(['body.read', 'queue.drop', 'queue.hold'].map((act) => registry.audit(entry(act), soon())));
    assert.deepEqual(await registry.verifyAudit(soon()), { entries: 3, brokenAt: null });
    const newest = await registry.auditEntries(null, 2, soon());
    assert.deepEqual(
      newest.map(({ seq }) => seq),
      [2, 3],
    );
    const entries = await registry.auditEntries(1, 10, soon());
    assert.deepEqual(
      entries.map(({ seq, act }) => [seq, act]),
      [
        [2, 'queue.drop'],
        [3, 'queue.hold'],
      ],
    );
  });

  test(`C5: what was answered is there after a restart (${keeper})`, async (t) => {
    await using given = await open();
    if (given.reopen === null) return t.skip('nothing outlives the process');
    await given.registry.replace(0, { kept: true }, change('kept'), soon());
    await given.registry.saveUsage([usage('tenant', 5)], soon());
    await given.registry.audit(entry('body.read'), soon());
    await using again = await given.reopen();
    assert.deepEqual((await again.load(soon())).resources, { kept: true });
    assert.deepEqual(await again.loadUsage(soon()), [usage('tenant', 5)]);
    await again.audit(entry('queue.drop'), soon());
    assert.deepEqual(await again.verifyAudit(soon()), { entries: 2, brokenAt: null });
  });

  test(`B3: a call whose time is over is refused and changes nothing (${keeper})`, async () => {
    await using given = await open();
    const late = { deadlineAt: performance.now() - 1 };
    await assert.rejects(given.registry.replace(0, {}, change('late'), late), { code: 'call.late' });
    await assert.rejects(given.registry.audit(entry('late'), within(1_000, AbortSignal.abort())), {
      code: 'call.late',
    });
    assert.equal((await given.registry.load(soon())).version, 0);
    assert.equal((await given.registry.verifyAudit(soon())).entries, 0);
  });
}
