/** What every keeper of `ports/domain-keys.ts` promises. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Domain, type TenantId, within } from '#/model/index.ts';
import type { DomainKey, DomainKeys } from '#/ports/index.ts';

/** A keeper under test. */
export interface DomainKeysUnderTest extends AsyncDisposable {
  readonly domainKeys: DomainKeys;
}

const NOON = Date.UTC(2026, 11, 1, 12);
const [ACME, OTHER] = ['acme', 'bolt'] as [TenantId, TenantId];
const soon = () => within(30_000);

function key(selector: string, more: Partial<DomainKey> = {}): DomainKey {
  return {
    ...{
      tenant: ACME,
      domain: 'acme.test' as Domain,
      selector,
      algorithm: 'rsa-sha256',
      record: `v=DKIM1; p=${selector}`,
    },
    ...{ sealed: new Uint8Array([0, 255, 7]), madeAt: NOON, activeAt: null, retiredAt: null },
    ...more,
  };
}

/** The suite, for one keeper. */
export function domainKeysContract(keeper: string, open: () => Promise<DomainKeysUnderTest>): void {
  const timesOf = async (keys: DomainKeys): Promise<readonly string[]> =>
    (await keys.list(ACME, soon())).map(({ selector, activeAt, retiredAt }) =>
      [selector, ...[activeAt, retiredAt].map((at) => (at === null ? '-' : at - NOON))].join(' '),
    );

  test(`design 6: a key is kept once, as it was given, and is its tenant's alone (${keeper})`, async () => {
    await using given = await open();
    const { domainKeys } = given;
    assert.equal(await domainKeys.add(key('one'), soon()), true);
    assert.equal(await domainKeys.add(key('one', { record: 'another' }), soon()), false);
    assert.equal(await domainKeys.add(key('one', { tenant: OTHER, madeAt: NOON + 1 }), soon()), true);
    const [found, ...more] = await domainKeys.list(ACME, soon());
    assert.ok(found !== undefined && more.length === 0);
    assert.deepEqual({ ...found, sealed: [...found.sealed] }, { ...key('one'), sealed: [0, 255, 7] });
    assert.equal(await domainKeys.use({ ...key('two'), tenant: OTHER }, NOON, soon()), false);
    assert.deepEqual(await timesOf(domainKeys), ['one - -']);
  });

  test(`RFC 6376 §3.1: the next key begins where the one before it ends, for its domain and its algorithm alone (${keeper})`, async () => {
    await using given = await open();
    const { domainKeys } = given;
    const elsewhere = { domain: 'acme.example' as Domain };
    for (const one of [
      key('a'),
      key('b', { madeAt: NOON + 1 }),
      key('ed', { madeAt: NOON + 2, algorithm: 'ed25519-sha256' }),
      key('far', { madeAt: NOON + 3, ...elsewhere }),
    ])
      await domainKeys.add(one, soon());
    for (const one of [key('a'), key('ed'), key('far', elsewhere)])
      assert.equal(await domainKeys.use(one, NOON + 10, soon()), true);
    assert.equal(await domainKeys.use(key('a'), NOON + 11, soon()), false);
    assert.equal(await domainKeys.use(key('none'), NOON + 11, soon()), false);
    assert.deepEqual(await timesOf(domainKeys), ['a 10 -', 'b - -', 'ed 10 -', 'far 10 -']);
    assert.equal(await domainKeys.use(key('b'), NOON + 20, soon()), true);
    assert.equal(await domainKeys.use(key('b'), NOON + 30, soon()), false);
    assert.deepEqual(await timesOf(domainKeys), ['a 10 20', 'b 20 -', 'ed 10 -', 'far 10 -']);
  });

  test(`RFC 6376 §3.1: an end that is set stays, and only what does not sign is removed (${keeper})`, async () => {
    await using given = await open();
    const { domainKeys } = given;
    for (const one of ['a', 'b']) await domainKeys.add(key(one), soon());
    assert.equal(await domainKeys.retire(key('a'), NOON, soon()), false);
    await domainKeys.use(key('a'), NOON + 10, soon());
    assert.equal(await domainKeys.remove(key('a'), NOON + 99, soon()), false);
    assert.equal(await domainKeys.retire(key('a'), NOON + 20, soon()), true);
    assert.equal(await domainKeys.retire(key('a'), NOON + 30, soon()), false);
    assert.equal(await domainKeys.use(key('a'), NOON + 30, soon()), false);
    assert.deepEqual(await timesOf(domainKeys), ['a 10 20', 'b - -']);
    assert.equal(await domainKeys.remove(key('a'), NOON + 19, soon()), false);
    assert.equal(await domainKeys.remove(key('a'), NOON + 20, soon()), true);
    assert.equal(await domainKeys.remove(key('b'), NOON, soon()), true);
    assert.equal(await domainKeys.remove(key('b'), NOON, soon()), false);
    assert.deepEqual(await timesOf(domainKeys), []);
  });
}
