import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MailAddress, TenantId } from '#/model/index.ts';
import type { PeopleGeneration, PeopleGenerations } from '#/ports/index.ts';
import { claimOf, plainContent, routeKey, routeTo, startBench, testLoopStamps } from '#/testkit/index.ts';

const ALICE = {
  address: 'alice@acme.test' as MailAddress,
  aliases: [],
  attributes: { displayName: 'Alice Archer' },
  manager: null,
  groups: ['sales'],
  photo: null,
};
const generation: PeopleGeneration = {
  id: 'g7',
  source: 'resources',
  at: 0,
  size: 1,
  person: (address) => (address === ALICE.address ? ALICE : null),
  inGroup: (address, group) => address === ALICE.address && group === 'sales',
};
const people: PeopleGenerations = { current: async () => generation, byId: async () => null, photo: async () => null };
/** A port where nobody listens: what is signed comes before any connection. */
const NOBODY = 1;
const SALES = { name: 'sales', when: { senders: 'group:sales' }, text: '{{ displayName }}' };

async function outcomeOf(claim: ReturnType<typeof claimOf>, options: Parameters<typeof startBench>[0]) {
  await using bench = startBench({ routes: [routeTo(NOBODY)], signatures: [SALES], people, ...options });
  bench.work.offer(routeKey(NOBODY), [{ ...claim, destination: routeKey(NOBODY) }]);
  await bench.work.until({ released: 1 });
  return bench.work.settlements[0]?.outcomes[0]?.outcome;
}

test('C1: what a mail is signed with is written down before its first attempt, from one generation of people', async () => {
  const outcome = await outcomeOf(claimOf({}), {});
  assert.ok(outcome?.kind === 'signed');
  assert.deepEqual(
    outcome.sign.signatures.map(({ rule, text }) => [rule, text]),
    [['sales', 'Alice Archer']],
  );
  assert.equal(outcome.sign.generation, 'g7');
  assert.equal(outcome.detail, 'sales (people: g7)');
});

test('C1: that a mail leaves without a signature is written down too, with the reason', async () => {
  const automatic = claimOf({ content: 'From: alice@acme.test\r\nAuto-Submitted: auto-replied\r\n\r\nAway.\r\n' });
  const outcome = await outcomeOf(automatic, {});
  assert.ok(outcome?.kind === 'signed');
  assert.deepEqual(outcome.sign.signatures, []);
  assert.match(outcome.detail, /no signature: a program answered by itself/);
});

test('design 6: mail that has gone back to its cloud and comes round again is not signed twice, and its trace says why', async () => {
  const head = Buffer.from(plainContent);
  const value = testLoopStamps({ now: () => 0 }).write({ hop: 1, at: 1_800_000_000_000 }, 'acme' as TenantId, head);
  const outcome = await outcomeOf(claimOf({ content: `X-Holdfast-Stamp: ${value}\r\n${plainContent}` }), {});
  assert.ok(outcome?.kind === 'signed');
  assert.deepEqual(outcome.sign.signatures, []);
  assert.match(outcome.detail, /it has gone back to its cloud before/);
});

test('C1: mail that was tried before, forwards, reports and mail from strangers are not signed', async () => {
  const parent = claimOf({}).mail.id;
  const others = [
    claimOf({ recipient: { attempts: 1, lastAttemptAt: 0 } }),
    claimOf({ recipient: { possiblyDuplicate: true } }),
    claimOf({ mail: { parent } }),
    claimOf({ mail: { purpose: 'dsn', sender: null } }),
    claimOf({ mail: { identity: { kind: 'peer', tenant: null, name: '' } } }),
  ];
  for (const claim of others) assert.notEqual((await outcomeOf(claim, {}))?.kind, 'signed');
});

test('M4: mail waits a minute where nobody can say who people are, and is not lost', async () => {
  const away: PeopleGenerations = { ...people, current: () => Promise.reject(new Error('the store is away')) };
  const outcome = await outcomeOf(claimOf({}), { people: away });
  assert.ok(outcome?.kind === 'returned');
  assert.ok(outcome.due > Date.now());
});
