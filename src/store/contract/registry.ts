/** What every keeper of `ports/registry.ts` promises. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { within } from '#/model/index.ts';
import type { AuditEntry, Registry, RegistryChange, UsageRow } from '#/ports/index.ts';
import { POLICY_STEPS_MAX } from '#/ports/index.ts';
import type { AuditLog, AuditPage } from '../audit-chain.ts';

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

  test(`design 6: who is erased is a pseudonym everywhere, and the audit log still proves itself (${keeper})`, async () => {
    await using given = await open();
    const { registry } = given;
    const [alice, bob] = ['alice@acme.test', 'bob@acme.test'];
    const [person, note] = [
      { addresses: [alice, 'a.archer@acme.test'], pseudonym: 'erased-1' },
      { at: NOON + 1, by: 'cli:root' },
    ];
    const resources = { tenants: [{ id: 'acme', domains: ['acme.test'] }] };
    const rules = (address: string) => ({ tenant: 'acme', before: [], after: [{ reject: `1\n${address}` }] });
    const lines = [`${alice}: created`, `${bob}: created`];
    await registry.replace(0, resources, { at: NOON, by: alice, lines, policies: [rules(alice)] }, soon());
    await registry.replace(1, resources, { at: NOON, by: bob, lines: ['none'], policies: [rules(bob)] }, soon());
    await registry.saveUsage([usage('user:Alice@acme.test', 5), usage(`user:${bob}`, 5)], soon());
    for (let i = 0; i < 60; i++)
      await registry.audit(
        { ...entry('queue.drop'), by: i % 2 === 0 ? alice : bob, subject: 'from:A.Archer@acme.test' },
        soon(),
      );
    await registry.audit({ ...entry('queue.drop'), by: bob }, soon());
    const before = await registry.auditEntries(0, 1_000, soon());
    const sums = { entries: 0, changes: 0, rules: 0, counters: 0 };
    for (let more = true; more; ) {
      const step = await registry.eraseNames(person, note, soon());
      for (const what of ['entries', 'changes', 'rules', 'counters'] as const) sums[what] += step[what];
      more = step.more;
    }
    assert.deepEqual(sums, { entries: 60, changes: 1, rules: 1, counters: 1 });
    assert.deepEqual(await registry.eraseNames(person, note, soon()), {
      ...{ entries: 0, changes: 0, rules: 0, counters: 0, more: false },
    });
    const entries = await registry.auditEntries(0, 1_000, soon());
    const all = JSON.stringify([
      ...[entries, await registry.changes(9, soon()), await registry.policySteps(null, 9, soon())],
      await registry.loadUsage(soon()),
    ]);
    assert.doesNotMatch(all, /alice@|archer@/i);
    assert.deepEqual(entries[1], { ...before[1], subject: 'from:erased-1' });
    assert.deepEqual(entries[60], before[60]);
    assert.equal((await registry.policySteps(null, 9, soon())).length, 2);
    assert.deepEqual((await registry.changes(9, soon()))[1], {
      version: 1,
      at: NOON,
      by: 'erased-1',
      lines: ['erased-1: created', lines[1]],
    });
    // A second person, of entries that were changed already, and of those that say so.
    await registry.eraseNames({ addresses: [bob], pseudonym: 'erased-2' }, { at: NOON + 2, by: bob }, soon());
    for (let more = true; more; )
      ({ more } = await registry.eraseNames({ addresses: [bob], pseudonym: 'erased-2' }, note, soon()));
    assert.deepEqual((await registry.verifyAudit(soon())).brokenAt, null);
    assert.doesNotMatch(JSON.stringify(await registry.auditEntries(0, 1_000, soon())), /@acme/i);
  });

  test(`design 6: the audit log is walked page by page, each entry once (${keeper})`, async () => {
    await using given = await open();
    const { registry } = given;
    for (let i = 0; i < 9; i++) await registry.audit({ ...entry('queue.drop'), reason: `${i}` }, soon());
    for (const limit of [2, 3, 100]) {
      const reasons: string[] = [];
      for (let after: string | null = null, isFirst = true; isFirst || after !== null; isFirst = false) {
        const page: AuditPage = await registry.auditPage(after, limit, soon());
        assert.ok(page.entries.length <= limit);
        reasons.push(...page.entries.map(({ reason }) => reason));
        after = page.next;
      }
      assert.deepEqual(reasons, ['0', '1', '2', '3', '4', '5', '6', '7', '8'], `${limit} at a time`);
    }
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
