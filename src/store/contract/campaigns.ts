/** What every keeper of `ports/campaigns.ts` promises (H7). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CampaignId, CampaignItem, CampaignState, MailId, TenantId } from '#/model/index.ts';
import type { CampaignStep, Campaigns, NewCampaign, NewChoice } from '#/ports/index.ts';
import { DAY_MS, idAt, NOON, soon } from './samples.ts';

/** A keeper under test. `reopen` closes it and opens what it kept; null where nothing outlives the process. */
export interface CampaignsUnderTest extends AsyncDisposable {
  readonly campaigns: Campaigns;
  readonly reopen: (() => Promise<Campaigns>) | null;
}

/** Empties the tables of a keeper that is used again. */
export const FORGET_ALL_CAMPAIGNS =
  'DELETE FROM campaign; DELETE FROM campaign_tenant; DELETE FROM campaign_item; DELETE FROM campaign_event;';

const ACME = 'acme' as TenantId;
const GLOBEX = 'globex' as TenantId;
const PLAN = { closesAt: NOON + 3_000, freezesAt: NOON + 5_000, startsAt: NOON + 6_000 };

function newCampaign(more: Partial<NewCampaign> = {}): NewCampaign {
  return {
    ...{
      id: idAt(NOON) as string as CampaignId,
      title: '再送 of the 21st',
      query: { from: 1, to: 2, component: 'inspect' },
    },
    ...{ unlessChosen: 'send', perSecond: 50, note: null, draftedAt: NOON, by: 'cli:root' },
    ...more,
  };
}

/** Two messages of acme, the first to two recipients; one of globex. */
function someItems(): CampaignItem[] {
  const [first, second, other] = [idAt(NOON), idAt(NOON), idAt(NOON)] as [MailId, MailId, MailId];
  return [
    { tenant: ACME, message: first, n: 1 },
    { tenant: ACME, message: first, n: 2 },
    { tenant: ACME, message: second, n: 1 },
    { tenant: GLOBEX, message: other, n: 1 },
  ];
}

async function drafted(campaigns: Campaigns, more: Partial<NewCampaign> = {}) {
  const campaign = newCampaign(more);
  const items = someItems();
  await campaigns.scope(campaign.id, items, soon());
  await campaigns.draft(campaign, soon());
  return { ...campaign, items };
}

function moveTo(to: CampaignState, at = NOON) {
  return { to, at, by: 'cli:root', ...(to === 'announced' && { plan: PLAN }) };
}

function choiceOf(more: Partial<NewChoice> = {}): NewChoice {
  return {
    ...{
      tenant: ACME,
      messages: null,
      choice: 'stop',
      states: ['announced'],
      before: 'closesAt',
      at: NOON,
      by: 'a@acme.test',
    },
    ...more,
  };
}

/** The suite, for one keeper. */
export function campaignsContract(keeper: string, open: () => Promise<CampaignsUnderTest>): void {
  const titled = (title: string, work: (given: CampaignsUnderTest) => Promise<void>): void => {
    test(`${title} (${keeper})`, async () => {
      await using given = await open();
      await work(given);
    });
  };

  titled('H7: a campaign is there with its whole scope, or not at all, also after a new start', async (given) => {
    const { id, items, ...terms } = await drafted(given.campaigns);
    const unfinished = newCampaign();
    await given.campaigns.scope(unfinished.id, items, soon());
    const campaigns = given.reopen === null ? given.campaigns : await given.reopen();
    assert.equal(await campaigns.show(unfinished.id, soon()), null);
    const { state, plan, startedAt, releasedAt, completedAt, reportedAt, ...kept } =
      (await campaigns.show(id, soon())) ?? {};
    assert.deepEqual(kept, { id, ...terms });
    assert.deepEqual(
      [state, plan, startedAt, releasedAt, completedAt, reportedAt],
      ['drafted', null, null, null, null, null],
    );
    const lines = await campaigns.items(id, {}, null, 10, soon());
    assert.deepEqual(
      lines.map(({ tenant, message, n }) => ({ tenant, message, n })),
      items,
    );
    const [, second] = items;
    assert.ok(second);
    const rest = await campaigns.items(id, {}, second, 1, soon());
    assert.deepEqual(
      rest.map(({ message }) => message),
      [items[2]?.message],
    );
    await campaigns.scope(id, [{ tenant: GLOBEX, message: idAt(NOON), n: 1 }], soon());
    assert.equal((await campaigns.items(id, {}, null, 10, soon())).length, 4, 'its scope does not grow');
    assert.equal(await campaigns.forget(NOON - 1, 10, soon()), 0);
    assert.equal(await campaigns.forget(NOON + DAY_MS, 10, soon()), 4, 'lines without a campaign');
    assert.equal(await campaigns.forget(NOON + DAY_MS, 10, soon()), 0);
  });

  titled('design 6: who is erased is a pseudonym where they drafted, moved or chose', async ({ campaigns }) => {
    const { id } = await drafted(campaigns, { by: 'Root@acme.test' });
    await campaigns.move(id, ['drafted'], { ...moveTo('announced'), by: 'root@acme.test' }, soon());
    await campaigns.choose(id, choiceOf(), soon());
    const person = { addresses: ['root@acme.test', 'a@acme.test'], pseudonym: 'erased-1@erased.invalid' };
    assert.ok((await campaigns.erase(person, soon())) > 0);
    assert.equal(await campaigns.erase(person, soon()), 0);
    assert.equal((await campaigns.show(id, soon()))?.by, person.pseudonym);
    assert.ok((await campaigns.events(id, 10, soon())).every(({ by }) => by === person.pseudonym));
  });

  titled('H7: a campaign moves from the state that it is in, once, and tells of it', async ({ campaigns }) => {
    const { id } = await drafted(campaigns);
    assert.equal(await campaigns.move(id, ['announced'], moveTo('closed'), soon()), false);
    const both = await Promise.all([
      campaigns.move(id, ['drafted'], moveTo('announced'), soon()),
      campaigns.move(id, ['drafted'], moveTo('announced'), soon()),
    ]);
    assert.deepEqual(both.toSorted(), [false, true]);
    assert.deepEqual((await campaigns.show(id, soon()))?.plan, PLAN);
    for (const [from, to] of [
      ['announced', 'closed'],
      ['closed', 'frozen'],
      ['frozen', 'running'],
      ['running', 'paused'],
      ['paused', 'running'],
      ['running', 'completed'],
      ['completed', 'reported'],
    ] as const)
      assert.equal(await campaigns.move(id, [from], moveTo(to, NOON + 7), soon()), true, to);
    const { state, startedAt, completedAt, reportedAt } = (await campaigns.show(id, soon())) ?? {};
    assert.deepEqual([state, startedAt, completedAt, reportedAt], ['reported', NOON + 7, NOON + 7, NOON + 7]);
    assert.deepEqual(
      (await campaigns.events(id, 100, soon())).map(({ kind, by }) => `${kind} ${by}`),
      ['drafted', 'announced', 'closed', 'frozen', 'running', 'paused', 'running', 'completed', 'reported'].map(
        (kind) => `${kind} cli:root`,
      ),
    );
    assert.deepEqual(await campaigns.open(soon()), []);
  });

  titled(
    'H7: a tenant chooses until the time is over, and who is not to be sent to is refused when it is frozen',
    async ({ campaigns }) => {
      const { id, items } = await drafted(campaigns);
      const [first, , second, other] = items.map(({ message }) => message) as [MailId, MailId, MailId, MailId];
      assert.equal(await campaigns.choose(id, choiceOf(), soon()), null, 'not announced');
      await campaigns.move(id, ['drafted'], moveTo('announced'), soon());
      assert.equal(await campaigns.choose(id, choiceOf({ messages: [second] }), soon()), 1);
      assert.equal(await campaigns.choose(id, choiceOf({ messages: [other] }), soon()), 0, 'another tenant’s');
      assert.equal(await campaigns.choose(id, choiceOf({ choice: null }), soon()), 2);
      const said = await campaigns.items(id, { tenant: ACME }, null, 10, soon());
      assert.deepEqual(
        said.map(({ choice }) => choice),
        [null, null, null],
        'a word for all takes back those for one',
      );
      assert.equal(await campaigns.choose(id, choiceOf({ messages: [first] }), soon()), 1);
      const late = choiceOf({ choice: 'send', at: PLAN.closesAt });
      assert.equal(await campaigns.choose(id, late, soon()), null);
      await campaigns.move(id, ['announced'], moveTo('closed'), soon());
      assert.equal(await campaigns.choose(id, choiceOf({ choice: 'send' }), soon()), null, 'closed before its time');
      const operator = choiceOf({
        tenant: GLOBEX,
        states: ['announced', 'closed'],
        before: 'freezesAt',
        at: PLAN.closesAt,
      });
      assert.equal(await campaigns.choose(id, operator, soon()), 1);
      await campaigns.move(id, ['closed'], moveTo('frozen'), soon());
      assert.equal(await campaigns.choose(id, operator, soon()), null);
      const lines = await campaigns.items(id, {}, null, 10, soon());
      assert.deepEqual(
        lines.map(({ outcome }) => outcome),
        ['refused', 'refused', 'listed', 'refused'],
      );
      const [acme, globex] = await campaigns.figures(id, null, soon());
      assert.deepEqual(
        [acme?.tenant, acme?.messages, acme?.recipients, acme?.choice],
        [ACME, 2, { refused: 2, listed: 1 }, null],
      );
      assert.deepEqual(
        [globex?.messages, globex?.recipients, globex?.choice, globex?.chosenBy],
        [1, { refused: 1 }, 'stop', 'a@acme.test'],
      );
      assert.deepEqual(
        (await campaigns.figures(id, GLOBEX, soon())).map(({ tenant }) => tenant),
        [GLOBEX],
      );
    },
  );

  titled(
    'H7: from its draft to its end nothing comes into its scope, and from the freeze on no word counts',
    async ({ campaigns }) => {
      const { id, items } = await drafted(campaigns);
      const late: CampaignItem = { tenant: GLOBEX, message: idAt(NOON), n: 1 };
      const anyTime = choiceOf({ tenant: GLOBEX, states: ['announced', 'closed'], before: 'freezesAt' });
      const steps = ['announced', 'closed', 'frozen', 'running', 'paused', 'running', 'completed', 'reported'] as const;
      let from: CampaignState = 'drafted';
      for (const to of steps) {
        assert.equal(await campaigns.move(id, [from], moveTo(to), soon()), true, to);
        await campaigns.scope(id, [late, ...items], soon());
        const lines = await campaigns.items(id, {}, null, 10, soon());
        assert.deepEqual(
          lines.map(({ message, n }) => ({ message, n })),
          items.map(({ message, n }) => ({ message, n })),
          to,
        );
        const word = await campaigns.choose(id, { ...anyTime, messages: [late.message] }, soon());
        assert.equal(word, to === 'announced' || to === 'closed' ? 0 : null, to);
        from = to;
      }
      const figures = await campaigns.figures(id, null, soon());
      assert.deepEqual(
        figures.map(({ messages, recipients }) => [messages, recipients]),
        [
          [2, { listed: 3 }],
          [1, { listed: 1 }],
        ],
      );
    },
  );

  titled('H7: only on order, what nobody ordered is refused', async ({ campaigns }) => {
    const { id, items } = await drafted(campaigns, { unlessChosen: 'stop' });
    await campaigns.move(id, ['drafted'], moveTo('announced'), soon());
    const ordered = choiceOf({ choice: 'send', messages: [items[0]?.message as MailId] });
    assert.equal(await campaigns.choose(id, ordered, soon()), 1);
    await campaigns.move(id, ['announced'], moveTo('closed'), soon());
    await campaigns.move(id, ['closed'], moveTo('frozen'), soon());
    const lines = await campaigns.items(id, { outcomes: ['listed'] }, null, 10, soon());
    assert.deepEqual(
      lines.map(({ message, n }) => [message, n]),
      [
        [items[0]?.message, 1],
        [items[0]?.message, 2],
      ],
    );
  });

  titled(
    'H7: an outcome goes on from where it stood, and one process at a time has the turn',
    async ({ campaigns }) => {
      const { id, items } = await drafted(campaigns);
      const step = (from: CampaignStep['from'], to: CampaignStep['to']): CampaignStep => ({
        from,
        to,
        detail: 'x',
        at: NOON + 1,
      });
      assert.equal(await campaigns.record(id, items.slice(0, 2), step(['listed'], 'releasing'), soon()), 2);
      assert.equal(await campaigns.record(id, items, step(['releasing'], 'released'), soon()), 2);
      assert.equal(await campaigns.record(id, items, step(['listed'], 'left'), soon()), 2);
      assert.equal(await campaigns.record(id, items, step(['listed', 'releasing'], 'left'), soon()), 0);
      const [first] = await campaigns.items(id, {}, null, 1, soon());
      assert.deepEqual([first?.outcome, first?.detail, first?.at], ['released', 'x', NOON + 1]);
      const turn = (worker: string, now: number) => campaigns.takeTurn(id, { worker, now, until: now + 10 }, soon());
      assert.deepEqual(
        [await turn('a', 0), await turn('b', 5), await turn('a', 6), await turn('b', 15)],
        [true, false, true, false],
      );
      assert.equal(await turn('b', 16), true, 'its time is over');
      await campaigns.released(id, NOON + 2, soon());
      await campaigns.released(id, NOON + 3, soon());
      assert.equal((await campaigns.show(id, soon()))?.releasedAt, NOON + 2);
    },
  );

  titled(
    'design 6: a tenant’s list has what it is told of: no drafts, no campaigns of others',
    async ({ campaigns }) => {
      const shown = await drafted(campaigns);
      await campaigns.move(shown.id, ['drafted'], moveTo('announced'), soon());
      await drafted(campaigns);
      const other = newCampaign();
      await campaigns.scope(other.id, [{ tenant: ACME, message: idAt(NOON), n: 1 }], soon());
      await campaigns.draft(other, soon());
      await campaigns.move(other.id, ['drafted'], moveTo('announced'), soon());
      const ids = async (tenant: TenantId | null) =>
        (await campaigns.list(tenant, null, 10, soon())).map(({ id }) => id);
      assert.deepEqual(await ids(GLOBEX), [shown.id]);
      assert.deepEqual(await ids(ACME), [other.id, shown.id]);
      assert.equal((await ids(null)).length, 3);
      assert.deepEqual((await campaigns.list(null, other.id, 1, soon())).length, 1);
      assert.deepEqual(
        (await campaigns.open(soon())).map(({ id }) => id),
        [shown.id, other.id],
      );
    },
  );
}
