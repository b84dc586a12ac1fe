import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IncidentId, MailAddress, PolicyVersion, ShareId, TenantId } from '#/model/index.ts';
import { Mention, within } from '#/model/index.ts';
import { type PeopleGeneration, type Person, type PersonHash, Refusal } from '#/ports/index.ts';
import {
  ACME,
  claimOfAccepted,
  DELIVERED,
  GLOBEX,
  mail,
  NOON,
  recipient,
  StandingClock,
  settlementOf,
  soon,
  worker,
} from '#/store/contract/index.ts';
import {
  openMemoryCampaigns,
  openMemoryCustody,
  openMemoryDownloads,
  openMemoryIncidents,
  openMemoryPastMails,
  openMemoryPeople,
  openMemoryPolicyMemory,
  openMemoryRegistry,
} from '#/store/index.ts';
import { directoryOf, tenantOf } from '#/testkit/index.ts';
import { type SubjectParts, subjectOperations } from './index.ts';

const ALICE = 'alice@acme.test' as MailAddress;
const ALIAS = 'a.archer@acme.test' as MailAddress;
const TENANTS = [
  tenantOf({ id: 'acme', domains: ['acme.test'], users: [[ALICE, ALIAS], ['bob@acme.test']] }),
  tenantOf({ id: 'globex', domains: ['globex.test'], users: [['carol@globex.test']] }),
];
const LIMITS = { againMs: 0, perWindow: 9, windowMs: 1, total: 9 };

interface Page {
  readonly place: string;
  readonly records: readonly Readonly<Record<string, unknown>>[];
  readonly next: string | null;
}

interface Erasure {
  readonly pseudonym: string;
  readonly places: readonly { readonly place: string; readonly records: number; readonly isErased: boolean }[];
  readonly correspondents: number | null;
}

class World {
  readonly clock = new StandingClock();
  readonly custody = openMemoryCustody({ clock: this.clock });
  readonly registry = openMemoryRegistry();
  readonly downloads = openMemoryDownloads();
  readonly incidents = openMemoryIncidents();
  readonly past = openMemoryPastMails();
  readonly people = openMemoryPeople();
  readonly memory = openMemoryPolicyMemory();
  readonly parts: SubjectParts = {
    ...{ journal: this.custody, registry: this.registry, auditLog: this.registry, past: this.past },
    ...{ downloads: this.downloads, decisions: this.downloads.decisions, incidents: this.incidents },
    campaigns: openMemoryCampaigns(),
    directory: { current: () => directoryOf(TENANTS) },
    ...{ names: this.registry, correspondents: this.memory.correspondents, clock: this.clock },
    personHash: (tenant, address) => `${tenant} ${address}` as PersonHash,
    key: () => Buffer.alloc(32, 1),
    pushes: this.people.pushes,
    generations: { current: async (tenant) => generationOf(tenant) },
    viewMail: ({ id, tenant }) => ({ id, tenant }),
    readPast: async ({ content }) => JSON.parse(Buffer.from(content ?? '[]').toString()) as object[],
  };
  readonly #operations = subjectOperations(this.parts);

  async erase(addresses: readonly string[], dryRun = false): Promise<Erasure> {
    return (await this.#ask('subject.erase', { addresses, reason: 'asked', dryRun })) as Erasure;
  }

  async page(input: object): Promise<Page> {
    return (await this.#ask('subject.export', input)) as Page;
  }

  async #ask(name: string, input: object): Promise<unknown> {
    const found = this.#operations.find((one) => one.name === name);
    assert.ok(found);
    const context = { by: 'cli:root', call: within(30_000) };
    return found.output.parse(await found.handle(found.input.parse(input), context));
  }

  /** All records by place, and every page's `next` followed. */
  async export(address: string, tenant?: string): Promise<Map<string, Page['records'][number][]>> {
    const places = new Map<string, Page['records'][number][]>();
    for (let after: string | null = null, isFirst = true; isFirst || after !== null; isFirst = false) {
      const page: Page = await this.page({ address, after, ...(tenant === undefined ? {} : { tenant }) });
      places.getOrInsertComputed(page.place, () => []).push(...page.records);
      after = page.next;
    }
    return places;
  }
}

/** Of acme Alice alone is known. */
function generationOf(tenant: TenantId): PeopleGeneration {
  const alice: Person = {
    ...{ address: ALICE, aliases: [ALIAS], attributes: { phone: '+81 3' }, manager: null, groups: [], photo: null },
  };
  const isHers = (address: string): boolean => tenant === ACME && (address === ALICE || address === ALIAS);
  return {
    ...{ id: 'g1', source: 'csv', at: NOON, size: 1 },
    person: (address) => (isHers(address) ? alice : null),
    inGroup: () => false,
  };
}

const idsIn = (records: readonly Readonly<Record<string, unknown>>[] | undefined) => records?.map(({ id }) => id);

test('design 6: an export has all mail of a person, by any of their addresses, each once, however many pages there are', async () => {
  const world = new World();
  const sent = [];
  // More than a page of them within one millisecond, and some that are not theirs.
  for (let i = 0; i < 230; i++) {
    if (i === 120) await world.clock.sleep(1);
    sent.push(mail(world.clock, { sender: i % 2 === 0 ? ALICE : ALIAS }));
    await world.custody.accept([mail(world.clock, { sender: 'bob@acme.test' as MailAddress })], null, soon());
  }
  const toAlice = mail(world.clock, {
    ...{ sender: 'x@peer.test' as MailAddress, recipients: [recipient(1, { address: ALICE, original: ALIAS })] },
  });
  await world.custody.accept([...sent, toAlice], null, soon());
  const found = await world.export('Alice@ACME.test');
  assert.deepEqual(idsIn(found.get('mail'))?.toSorted(), [...sent, toAlice].map(({ id }) => id).toSorted());
});

test('design 6: an export tells of mail that has ended', async () => {
  const world = new World();
  await world.custody.enlist(worker('1'), soon());
  const sent = mail(world.clock);
  await world.custody.accept([sent], worker('1').id, soon());
  await world.custody.settle(settlementOf(claimOfAccepted(sent), DELIVERED), worker('1').id, soon());
  assert.deepEqual(idsIn((await world.export(ALICE)).get('mail')), [sent.id]);
});

test('design 6: every other place that names a person is in their export, and others are not', async () => {
  const world = new World();
  const resources = {
    tenants: [
      {
        id: 'acme',
        contacts: [ALICE, 'bob@acme.test'],
        users: [{ address: ALICE, password: { argon2id: 'secret' }, attributes: { displayName: 'Alice' } }],
        groups: [{ name: 'sales', address: 'sales@acme.test', members: [ALICE, 'bob@acme.test'] }],
        policies: [{ name: 'one', when: { senders: ['bob@acme.test'] } }],
      },
    ],
  };
  const change = { at: NOON, by: ALICE, lines: ['bob@acme.test is new'] };
  await world.registry.replace(
    0,
    resources,
    { ...change, policies: [{ tenant: 'acme', before: [], after: [1] }] },
    soon(),
  );
  const entry = { at: NOON, act: 'queue.show', reason: 'why' };
  await world.registry.audit({ ...entry, by: 'cli:root', subject: `from:${ALIAS}` }, soon());
  await world.registry.audit({ ...entry, by: 'cli:root', subject: 'from:bob@acme.test' }, soon());
  const row = { tenant: 'acme', day: '2026-11-21', dayCount: 1, lastSeen: NOON, lastError: null, lastErrorAt: 0 };
  await world.registry.saveUsage(
    [
      { ...row, identity: `user:${ALICE}` },
      { ...row, identity: 'user:bob@acme.test' },
    ],
    soon(),
  );
  const link = { tokenHash: 't', secretHash: null, version: 'v1' as PolicyVersion };
  const share = {
    ...{
      id: '01M6Z0V6K8Q30001.abc' as ShareId,
      message: mail(world.clock).id,
      tenant: ACME,
      owner: null,
      subject: 's',
    },
    ...({ language: 'en', proof: 'none', expireMs: 1, downloads: 1, madeAt: NOON, files: [] } as const),
    links: [
      { ...link, n: 1, address: ALICE },
      { ...link, n: 2, address: 'bob@acme.test' as MailAddress, tokenHash: 'u' },
    ],
  };
  assert.equal(await world.downloads.keep(share, 1_000, soon()), 'kept');
  const decided = { tenant: ACME, message: share.message, at: NOON };
  await world.downloads.decisions.note(
    [
      { ...decided, person: ALICE },
      { ...decided, person: 'bob@acme.test' },
    ],
    1_000,
    soon(),
  );
  const batch = { id: share.message, tenant: ACME, from: NOON, to: NOON, mails: 2, missed: 0 };
  const content = Buffer.from(JSON.stringify([{ sender: ALICE }, { sender: 'bob@acme.test' }]));
  assert.ok(await world.past.keep({ ...batch, content }, { batches: 9, bytes: 9_000 }, soon()));
  const wish = { webhook: null, language: 'en', components: [], at: NOON } as const;
  await world.incidents.subscribe({ ...wish, id: 's1', address: ALICE }, LIMITS, soon());
  await world.incidents.subscribe({ ...wish, id: 's2', address: 'bob@acme.test' as MailAddress }, LIMITS, soon());
  const found = await world.export(ALICE);
  assert.deepEqual(found.get('account'), [
    { tenant: 'acme', kind: 'contacts', entry: ALICE },
    { tenant: 'acme', kind: 'users', entry: { address: ALICE, attributes: { displayName: 'Alice' } } },
    { tenant: 'acme', kind: 'groups', entry: { name: 'sales', address: 'sales@acme.test' } },
  ]);
  assert.deepEqual(
    found.get('audit-log')?.map(({ subject }) => subject),
    [`from:${ALIAS}`],
  );
  assert.deepEqual(
    found.get('usage')?.map(({ identity }) => identity),
    [`user:${ALICE}`],
  );
  assert.deepEqual(
    found.get('rule-changes')?.map(({ by }) => by),
    [ALICE],
  );
  assert.deepEqual(
    found.get('resource-changes')?.map(({ lines }) => lines),
    [change.lines],
  );
  assert.deepEqual(
    found.get('downloads')?.map(({ links }) => (links as { address: string }[]).map((one) => one.address)),
    [[ALICE]],
  );
  assert.deepEqual(
    found.get('people')?.map(({ tenant, source, attributes }) => [tenant, source, attributes]),
    [['acme', 'csv', { phone: '+81 3' }]],
  );
  assert.equal(found.get('held-decisions')?.length, 1);
  assert.deepEqual(found.get('inspection-facts'), [{ sender: ALICE }]);
  assert.deepEqual(idsIn(found.get('subscriptions')), ['s1']);
});

test('design 6: an administrator gets what their tenant keeps, and nothing that belongs to all', async () => {
  const world = new World();
  const own = mail(world.clock, { recipients: [recipient(1, { address: 'guest@peer.test' as MailAddress })] });
  const other = { ...own, ...mail(world.clock, { tenant: GLOBEX, recipients: own.recipients }) };
  await world.custody.accept([own, other], null, soon());
  await world.registry.audit({ at: NOON, by: 'cli:root', act: 'a', subject: 'guest@peer.test', reason: '' }, soon());
  const all = await world.export('guest@peer.test');
  assert.equal(all.get('mail')?.length, 2);
  assert.equal(all.get('audit-log')?.length, 1);
  const found = await world.export('guest@peer.test', 'acme');
  assert.deepEqual(idsIn(found.get('mail')), [own.id]);
  assert.equal(found.has('audit-log'), false);
  await assert.rejects(world.page({ address: 'guest@peer.test', tenant: 'acme', after: 'audit-log' }), Refusal);
});

test('design 6: who is erased is in no place that is said to be erased, others are, and what is kept is named', async () => {
  const world = new World();
  const guest = 'guest@peer.test';
  const bob = 'bob@acme.test';
  await world.custody.accept([mail(world.clock, { sender: guest as MailAddress })], null, soon());
  for (const who of [guest, bob]) {
    const address = who as MailAddress;
    await world.registry.audit({ at: NOON, by: 'cli:root', act: 'a', subject: `from:${who}`, reason: '' }, soon());
    await world.incidents.subscribe(
      { webhook: null, language: 'en', components: [], at: NOON, id: who, address },
      LIMITS,
      soon(),
    );
    const letter = { id: mail(world.clock).id, n: 1, tenant: ACME, subscriber: null, address, madeAt: NOON };
    await world.incidents.owe('20261121-01' as IncidentId, null, [letter], soon());
    await world.downloads.decisions.note([{ tenant: ACME, person: who, message: letter.id, at: NOON }], 1_000, soon());
    const pair = { tenant: ACME, sender: `acme ${who}` as PersonHash, recipient: 'acme x' as PersonHash, day: 1 };
    await world.memory.correspondents.learn([pair], soon());
  }
  const batch = { from: NOON, to: NOON, mails: 1, missed: 0 };
  for (const [tenant, sender] of [
    [ACME, guest],
    [GLOBEX, bob],
  ] as const) {
    const content = Buffer.from(JSON.stringify([{ tenant, sender }]));
    const bounds = { batches: 9, bytes: 9_000 };
    await world.past.keep({ ...batch, id: mail(world.clock).id, tenant, content }, bounds, soon());
  }
  const bobs = await world.export(bob);
  const counted = await world.erase(['Guest@peer.test'], true);
  const countOf = (found: Erasure, isErased: boolean) =>
    Object.fromEntries(
      found.places.filter((one) => one.isErased === isErased && one.records > 0).map((one) => [one.place, one.records]),
    );
  assert.deepEqual(countOf(counted, true), {
    'audit-log': 1,
    'held-decisions': 1,
    subscriptions: 1,
    'incident-letters': 1,
    'inspection-facts': 1,
  });
  assert.deepEqual(countOf(counted, false), { mail: 1 });
  assert.equal((await world.export(guest)).get('subscriptions')?.length, 1, 'a dry run changes nothing');
  const done = await world.erase([guest]);
  assert.deepEqual(done, { ...counted, correspondents: 1 });
  const left = await world.erase([guest]);
  assert.deepEqual(countOf(left, true), {});
  assert.deepEqual(await world.export(bob), bobs);
  const [entry] = await world.registry.auditEntries(0, 1, soon());
  assert.equal(entry?.subject, `from:${done.pseudonym}`);
  assert.equal((await world.registry.verifyAudit(soon())).brokenAt, null);
});

test('design 6: nobody is erased whom resources still name', async () => {
  const world = new World();
  const tenants = [{ id: 'acme', groups: [{ name: 'sales', members: ['guest@peer.test'] }] }];
  await world.registry.replace(0, { tenants }, { at: NOON, by: 'x', lines: [] }, soon());
  await assert.rejects(world.erase(['guest@peer.test']), /acme \(groups\)/);
});

test('design 6: somebody is named by their whole address alone, in any case, with a detail too', () => {
  const mention = new Mention(['a.b@acme.test']);
  for (const text of [
    'a.b@acme.test',
    'to <A.B@Acme.Test>',
    'user:a.b@acme.test',
    'a.b+x@acme.test.',
    '"a.b@acme.test"',
  ])
    assert.ok(mention.isIn(text), text);
  for (const text of [
    'xa.b@acme.test',
    'axb@acme.test',
    'a.b@acme.test.jp',
    'a.b@acme.testing',
    'b@acme.test',
    '*@acme.test',
  ])
    assert.ok(!mention.isIn(text), text);
});

test('design 6: what a program pushed of a person is in their export, however many were pushed', async () => {
  const world = new World();
  for (let i = 0; i < 230; i++) {
    const name = i === 225 ? ALICE : `p${i}@acme.test`;
    const body = JSON.stringify({ userName: name, title: 'Buyer' });
    const facts = { nameKey: name, externalId: '', body, version: 1, createdAt: NOON, changedAt: NOON };
    const id = `id-${String(i).padStart(3, '0')}`;
    await world.people.pushes.insert({ tenant: ACME, kind: 'User', id, ...facts }, 1_000, soon());
  }
  assert.deepEqual(idsIn((await world.export(ALICE)).get('pushed-people')), ['id-225']);
  assert.deepEqual((await world.export(ALICE, 'globex')).get('pushed-people'), [], 'another tenant');
});
