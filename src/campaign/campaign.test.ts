import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ArrivedMail, Claim, Outcome, TenantId } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import type { Campaigns, CampaignTelling, Custody, Journal, Operation } from '#/ports/index.ts';
import {
  claimOfAccepted,
  DELIVERED,
  deferredUntil,
  mail,
  NOON,
  OTHER,
  PARTNER,
  recipient,
  StandingClock,
  settlementOf,
  soon,
  worker,
} from '#/store/contract/index.ts';
import { openMemoryCampaigns, openMemoryCustody } from '#/store/index.ts';
import { directoryOf, FakeLog, tenantOf } from '#/testkit/index.ts';
import { CampaignRunner, CampaignTeller, campaignOperations } from './index.ts';
import type { ShownCampaign } from './views.ts';

const W1 = worker('1').id;
const HOUR = 3_600_000;
const NEVER = NOON + 1_000 * HOUR;
const ACME = tenantOf({ id: 'acme', domains: ['acme.test'], contacts: ['it@acme.test'] });
const GLOBEX = tenantOf({ id: 'globex', domains: ['globex.test'] });

/** A keeper of which one call fails: before it was done, or behind it. */
type Breaking = { at: number; behind: boolean };

class World {
  readonly clock = new StandingClock();
  readonly custody: Custody & Journal = openMemoryCustody({ clock: this.clock });
  readonly campaigns: Campaigns = openMemoryCampaigns();
  /** What contacts were told, in the order in which custody took it. */
  readonly told: string[] = [];
  readonly breaking: Breaking = { at: -1, behind: false };
  readonly #operations: readonly Operation[];
  #workers = 0;
  #calls = 0;
  /** Who was served, and how often. */
  readonly served = new Map<string, number>();

  constructor() {
    this.#operations = campaignOperations({
      ...{ campaigns: this.campaigns, journal: this.custody, clock: this.clock },
      directory: { current: () => directoryOf([ACME, GLOBEX]) },
      readWindow: ({ tenant }) => ({
        from: NOON,
        to: NOON + HOUR,
        ...(tenant !== undefined && { tenant: tenant as TenantId }),
      }),
    });
  }

  async ask<T = ShownCampaign>(name: string, input: object, by = 'cli:root'): Promise<T> {
    const found = this.#operations.find((one) => one.name === `campaign.${name}`);
    assert.ok(found, name);
    return found.output.parse(await found.handle(found.input.parse(input), { by, call: within(30_000) })) as T;
  }

  /** A process that moves campaigns on, as if it had just begun. */
  runner(): CampaignRunner {
    const shared = {
      campaigns: this.#fragile(this.campaigns),
      journal: this.custody,
      clock: this.clock,
      log: new FakeLog(),
      worker: `w${++this.#workers}`,
    };
    const teller = new CampaignTeller({
      ...shared,
      custody: this.#fragile({ accept: (...words: Parameters<Custody['accept']>) => this.#hear(...words) }),
      directory: { current: () => directoryOf([ACME, GLOBEX]) },
      mails: { telling: (letter) => this.#letterOf(letter) },
      ring: () => {},
    });
    return new CampaignRunner({ ...shared, custody: this.#fragile(this.custody), teller, doorbell: () => {} });
  }

  async #hear(...[mails, claimFor, call]: Parameters<Custody['accept']>): Promise<void> {
    await this.custody.accept(mails, claimFor, call);
    this.told.push(...mails.map(({ facts }) => facts.subject));
  }

  #letterOf({ id, news, own, to }: CampaignTelling): ArrivedMail {
    const subject = `${news} ${own.tenant} ${to} ${own.messages}`;
    const recipients = [recipient(1, { address: to, destination: OTHER })];
    return mail(this.clock, { id, tenant: own.tenant, recipients, facts: { from: '', subject, messageId: '' } });
  }

  async accept(mails: readonly ArrivedMail[]): Promise<void> {
    await this.custody.enlist(worker('1'), soon());
    await this.custody.accept(mails, W1, soon());
  }

  /** Ends what was accepted, recipient by recipient. */
  async settle(one: ArrivedMail, ...outcomes: readonly Outcome[]): Promise<void> {
    const claim = claimOfAccepted(one);
    const all = claim.recipients.map(({ n }, i) => ({ n, outcome: outcomes[i] ?? DELIVERED }));
    for (const { n, outcome } of all) if (outcome.kind === 'delivered') this.#count(claim, n);
    await this.custody.settle({ ...settlementOf(claim, DELIVERED), outcomes: all }, W1, soon());
  }

  /** Delivers all that is due now; the late mark of each. */
  async deliverDue(): Promise<readonly (string | null)[]> {
    const now = this.clock.now();
    const request = {
      kind: 'due',
      destination: PARTNER,
      tenant: null,
      fresh: false,
      ignoreDue: false,
      now,
      limit: 99,
    } as const;
    const claims = await this.custody.claim(request, W1, soon());
    for (const claim of claims) {
      for (const { n } of claim.recipients) this.#count(claim, n);
      await this.custody.settle(settlementOf(claim, DELIVERED), W1, soon());
    }
    return claims.flatMap(({ recipients }) =>
      recipients.map(({ verdict }) => verdict?.changes.find((change) => change.kind === 'markLate')?.note ?? null),
    );
  }

  #count({ mail: { id } }: Claim, n: number): void {
    this.served.set(`${id}/${n}`, (this.served.get(`${id}/${n}`) ?? 0) + 1);
  }

  #fragile<T extends object>(keeper: T): T {
    return new Proxy(keeper, {
      get: (target, name) => {
        const method = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
        return async (...args: unknown[]) => {
          const isBroken = this.#calls++ === this.breaking.at;
          if (isBroken && !this.breaking.behind) throw new Error('it died before');
          const answer = await method.apply(target, args);
          if (isBroken) throw new Error('it died behind');
          return answer;
        };
      },
    });
  }

  get calls(): number {
    return this.#calls;
  }
}

const stuck: Outcome = deferredUntil(NEVER);
const TIMES = { choice: '24h', closed: '12h', frozen: '1h' };

/** Mail of two tenants that a fault left: of acme one to two of whom one was served, and another; of globex two. */
async function afterTheFault() {
  const world = new World();
  const half = mail(world.clock, { recipients: [recipient(1), recipient(2)] });
  const whole = mail(world.clock);
  const [kept, unwanted] = [0, 1].map(() => mail(world.clock, { tenant: 'globex' as TenantId })) as [
    ArrivedMail,
    ArrivedMail,
  ];
  const served = mail(world.clock);
  await world.accept([half, whole, kept, unwanted, served]);
  await world.settle(half, DELIVERED, stuck);
  for (const one of [whole, kept, unwanted]) await world.settle(one, stuck);
  await world.settle(served, DELIVERED);
  world.clock.ms = NOON + 2 * HOUR;
  return { world, half, whole, kept, unwanted };
}

async function runThrough(world: World, id: string): Promise<void> {
  for (let step = 0; step < 40; step++) {
    await world
      .runner()
      .step()
      .catch((error: Error) => assert.match(error.message, /^it died/));
    await world.deliverDue();
    // Longer than a turn on a campaign, so that a new process takes it over.
    world.clock.ms += 2 * HOUR;
    if ((await world.campaigns.show(id as never, soon()))?.state === 'completed') return;
  }
  assert.fail('it does not come to its end');
}

test('H7: with one message refused the rest is served, once each, marked late; who was served before is not in it', async () => {
  const { world, half, whole, kept, unwanted } = await afterTheFault();
  const { id, recipients } = await world.ask('draft', { title: 'Fault', scope: { from: 'noon' }, note: 'Sorry' });
  assert.equal(recipients, 4);
  await world.ask('announce', { id, ...TIMES });
  await world.ask(
    'choose',
    { id, tenant: 'globex', choice: 'stop', messages: [unwanted.id.toLowerCase()] },
    'eve@globex.test',
  );
  const states: string[] = [];
  for (let hour = 0; hour < 37; hour++) {
    await world.runner().step();
    states.push((await world.ask('show', { id })).state);
    if (states.at(-1) !== 'running') assert.deepEqual(await world.deliverDue(), [], 'nothing goes before its time');
    world.clock.ms += HOUR;
  }
  assert.deepEqual(
    [states[23], states[24], states[34], states[35], states[36]],
    ['announced', 'closed', 'closed', 'frozen', 'running'],
  );
  await world.runner().step();
  assert.deepEqual(await world.deliverDue(), ['Sorry', 'Sorry', 'Sorry']);
  await runThrough(world, id);
  assert.deepEqual(
    [...world.served].filter(([place]) => !place.startsWith(unwanted.id)).map(([, times]) => times),
    [1, 1, 1, 1, 1],
  );
  assert.deepEqual(
    [`${half.id}/2`, `${whole.id}/1`, `${kept.id}/1`, `${unwanted.id}/1`].map((place) => world.served.get(place) ?? 0),
    [1, 1, 1, 0],
  );
  const done = await world.ask('show', { id });
  assert.deepEqual(done.outcomes, { served: 3, refused: 1 });
  for (let again = 0; again < 2; again++) await world.runner().step();
  assert.deepEqual(world.told, ['announced acme it@acme.test 2', 'completed acme it@acme.test 2']);
  const { markdown, campaign } = await world.ask<{ markdown: string; campaign: ShownCampaign }>('report', { id });
  assert.equal(campaign.state, 'reported');
  assert.match(markdown, /\| acme \| 2 \| 2 \| – \| 2 \| 0 \| 0 \| 0 \| 0 \| 0 \|/);
  assert.match(markdown, /\| globex \| 2 \| 2 \| – \| 1 \| 0 \| 1 \| 0 \| 0 \| 0 \|/);
  assert.ok((await world.custody.recount(soon())).every(({ balanced }) => balanced));
});

test('H7: a campaign is of its moment: what loses its instruction behind it, in the same window, is never in it, and waits for one of its own', async () => {
  const MINUTE = HOUR / 60;
  const { world } = await afterTheFault();
  world.clock.ms = NOON + MINUTE;
  const { id } = await world.ask('draft', { title: 'Fault', scope: { from: 'noon' } });
  const late: ArrivedMail[] = [];
  const loseAnother = async (): Promise<void> => {
    // Of who has no contacts: letters of ours would be unserved too.
    const one = mail(world.clock, { tenant: 'globex' as TenantId });
    late.push(one);
    await world.accept([one]);
    await world.settle(one, stuck);
  };
  await loseAnother();
  await world.ask('announce', { id, choice: '10m', closed: '10m', frozen: '5m' });
  const seen = new Set<string>();
  for (let minute = 0; minute < 40; minute++) {
    const { state, recipients } = await world.ask('show', { id });
    assert.equal(recipients, 4, state);
    if (!seen.has(state)) await loseAnother();
    seen.add(state);
    await world.runner().step();
    await world.deliverDue();
    // Longer than a turn on a campaign.
    world.clock.ms += 1.5 * MINUTE;
  }
  assert.deepEqual([...seen], ['announced', 'closed', 'frozen', 'running', 'completed']);
  assert.deepEqual((await world.ask('show', { id })).outcomes, { served: 4 });
  assert.deepEqual(
    late.map((one) => world.served.get(`${one.id}/1`) ?? 0),
    late.map(() => 0),
  );
  const next = await world.ask('draft', { title: 'The rest', scope: { from: 'noon', tenant: 'globex' } });
  const { items } = await world.ask<{ items: { id: string }[] }>('lines', { id: next.id });
  assert.deepEqual(
    items.map((one) => one.id),
    late.map((one) => one.id),
  );
});

test('H7: a process that dies at any call, before or behind it, loses nobody and serves nobody twice', async () => {
  const calm = await afterTheFault();
  const { id: calmId } = await calm.world.ask('draft', { title: 'Fault', scope: { from: 'noon' } });
  await calm.world.ask('announce', { id: calmId, ...TIMES });
  await runThrough(calm.world, calmId);
  await calm.world.runner().step();
  const calls = calm.world.calls;
  for (let at = 0; at < calls; at++)
    for (const behind of [false, true]) {
      const { world } = await afterTheFault();
      const { id } = await world.ask('draft', { title: 'Fault', scope: { from: 'noon' } });
      await world.ask('announce', { id, ...TIMES });
      await world.ask('choose', { id, tenant: 'globex', choice: 'stop' });
      Object.assign(world.breaking, { at, behind });
      await runThrough(world, id);
      for (let again = 0; again < 2; again++) {
        await world
          .runner()
          .step()
          .catch((error: Error) => assert.match(error.message, /^it died/));
        world.clock.ms += HOUR;
      }
      assert.deepEqual(
        world.told,
        ['announced acme it@acme.test 2', 'completed acme it@acme.test 2'],
        `${at} ${behind}`,
      );
      assert.deepEqual([...world.served.values()], [1, 1, 1, 1], `${at} ${behind}`);
      assert.deepEqual((await world.ask('show', { id })).outcomes, { served: 2, refused: 2 }, `${at} ${behind}`);
    }
});

test('H7: a run goes at its pace, stops while it is paused, and says of each recipient what came of it', async () => {
  const { world, half, whole, kept, unwanted } = await afterTheFault();
  const { id } = await world.ask('draft', { title: 'Fault', scope: { from: 'noon' }, perSecond: 1 });
  await world.ask('announce', { id, choice: '0s', closed: '0s' });
  await world.ask('close', { id });
  await world.ask('run', { id });
  await world.custody.act({ kind: 'drop', reason: 'no' }, { ids: [whole.id] }, 'cli:root', 9, soon());
  await world.custody.act({ kind: 'hold', until: NEVER, atEnd: 'expire' }, { ids: [kept.id] }, 'cli:root', 9, soon());
  const runner = world.runner();
  await runner.step();
  assert.equal((await world.deliverDue()).length, 1);
  await world.ask('pause', { id });
  await runner.step();
  assert.equal((await world.deliverDue()).length, 0);
  await world.ask('resume', { id });
  await runThrough(world, id);
  const { items } = await world.ask<{ items: { id: string; outcome: string; detail: string; address: string }[] }>(
    'lines',
    { id },
  );
  assert.deepEqual(
    items.map((one) => [one.id, one.outcome, one.detail]),
    [
      [half.id, 'served', ''],
      [whole.id, 'left', 'discarded'],
      [kept.id, 'served', ''],
      [unwanted.id, 'served', ''],
    ],
  );
  assert.equal(items[0]?.address, 'r2@partner.test');
});

test('H7: choices are for their time and their tenant; operators have an hour longer', async () => {
  const { world, unwanted } = await afterTheFault();
  const { id } = await world.ask('draft', { title: 'Fault', scope: { from: 'noon' } });
  const stop = (tenant: string, by: string, more: object = {}) =>
    world.ask('choose', { id, tenant, choice: 'stop', ...more }, by);
  await assert.rejects(stop('globex', 'eve@globex.test'), /There is no campaign/, 'a draft is nobody’s');
  await world.ask('announce', { id, ...TIMES });
  await assert.rejects(
    world.ask('announce', { id, ...TIMES }),
    /is announced, and can be announced only while it is drafted/,
  );
  await assert.rejects(stop('acme', 'it@acme.test', { messages: [unwanted.id] }), /None of this mail of acme/);
  await assert.rejects(stop('other', 'x@other.test'), /There is no campaign/);
  assert.deepEqual(await stop('globex', 'eve@globex.test'), { messages: 2 });
  world.clock.ms += 24 * HOUR;
  await assert.rejects(stop('acme', 'it@acme.test'), /no choice can be taken any more\. It took choices until/);
  assert.deepEqual(await stop('acme', 'cli:root'), { messages: 2 });
  world.clock.ms += 11 * HOUR;
  await assert.rejects(stop('acme', 'cli:root'), /no choice can be taken any more/);
});

test('design 6: a tenant sees its part of a campaign and nothing of another’s', async () => {
  const { world } = await afterTheFault();
  const { id } = await world.ask('draft', { title: 'Fault', scope: { from: 'noon' } });
  assert.deepEqual(await world.ask('list', { tenant: 'globex' }), []);
  assert.deepEqual((await world.ask<{ items: unknown[] }>('lines', { id, tenant: 'globex' })).items, []);
  await world.ask('announce', { id, ...TIMES });
  const own = await world.ask('show', { id, tenant: 'globex' });
  assert.deepEqual(
    own.tenants.map(({ tenant }) => tenant),
    ['globex'],
  );
  assert.deepEqual([own.messages, own.recipients, own.scope, own.by, own.events], [2, 2, {}, '', []]);
  const { items } = await world.ask<{ items: { tenant: string }[] }>('lines', { id, tenant: 'globex' });
  assert.deepEqual(
    items.map(({ tenant }) => tenant),
    ['globex', 'globex'],
  );
  await assert.rejects(
    world.ask('draft', { title: 'Nothing', scope: { from: 'noon', tenant: 'other' } }),
    /Nobody in this window/,
  );
});
