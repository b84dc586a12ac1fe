/** What every keeper of `ports/decisions.ts` promises. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MailId, type TenantId, within } from '#/model/index.ts';
import type { Decisions, HeldDecision } from '#/ports/index.ts';

export interface DecisionsUnderTest extends AsyncDisposable {
  readonly decisions: Decisions;
}

const NOON = Date.UTC(2026, 10, 21, 12);
const DAY_MS = 86_400_000;
const KEPT_MS = 30 * DAY_MS;
const soon = () => within(30_000);

function decision(n: number, more: Partial<HeldDecision> = {}): HeldDecision {
  const message = `01M6Z0V6K8Q3${String(n).padStart(4, '0')}` as MailId;
  return { tenant: 'acme' as TenantId, person: 'bob@acme.test', message, at: NOON + n, ...more };
}

/** The suite, for one keeper. */
export function decisionsContract(keeper: string, open: () => Promise<DecisionsUnderTest>): void {
  test(`H1: decisions come back newest first, page by page, of one person, of one tenant, or all (${keeper})`, async () => {
    await using given = await open();
    const { decisions } = given;
    const eve = decision(4, { tenant: 'globex' as TenantId, person: 'eve@globex.test' });
    const noted = [decision(1), decision(2), decision(3, { person: 'carol@acme.test' }), eve];
    await decisions.note(noted, KEPT_MS, soon());
    const list = async (filter: object, after: string | null = null, limit = 10) =>
      await decisions.list({ since: NOON, ...filter }, after, limit, soon());
    const shown = (found: readonly HeldDecision[]) => found.map(({ message }) => Number(message.slice(-4)));
    const acme = { tenant: 'acme' as TenantId };
    assert.deepEqual(shown(await list({})), [4, 3, 2, 1]);
    assert.deepEqual(shown(await list(acme)), [3, 2, 1]);
    assert.deepEqual(shown(await list({ ...acme, person: 'bob@acme.test' })), [2, 1]);
    assert.deepEqual(shown(await list({ ...acme, person: 'eve@globex.test' })), []);
    assert.deepEqual(shown(await list({ ...acme, since: NOON + 3 })), [3]);
    const [first] = await list(acme, null, 1);
    assert.deepEqual(first?.at, NOON + 3);
    assert.deepEqual(shown(await list(acme, first?.place ?? '', 1)), [2]);
  });

  test(`H1: the last decision of a person about a mail is the one; what had its time is forgotten (${keeper})`, async () => {
    await using given = await open();
    const { decisions } = given;
    await decisions.note([decision(1), decision(2)], KEPT_MS, soon());
    await decisions.note([decision(1, { at: NOON + DAY_MS })], KEPT_MS, soon());
    const found = await decisions.list({ since: 0 }, null, 10, soon());
    assert.deepEqual(
      found.map(({ at }) => at - NOON),
      [DAY_MS, 2],
    );
    await decisions.note([decision(3, { at: NOON + 40 * DAY_MS })], KEPT_MS, soon());
    assert.equal((await decisions.list({ since: 0 }, null, 10, soon())).length, 1);
  });

  test(`design 6: all decisions of a person who is erased are forgotten, and nobody else's (${keeper})`, async () => {
    await using given = await open();
    const { decisions } = given;
    const other = decision(3, { person: 'carol@acme.test' });
    const elsewhere = decision(2, { tenant: 'globex' as TenantId });
    await decisions.note([decision(1), elsewhere, other], KEPT_MS, soon());
    assert.equal(await decisions.erase('bob@acme.test', soon()), 2);
    assert.equal(await decisions.erase('bob@acme.test', soon()), 0);
    const left = await decisions.list({ since: NOON }, null, 10, soon());
    assert.deepEqual(
      left.map(({ person }) => person),
      ['carol@acme.test'],
    );
  });
}
