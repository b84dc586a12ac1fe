import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision, MailAddress } from '#/model/index.ts';
import { judged, tenantOf, WebFixture } from '#/testkit/index.ts';
import type { PastMail } from './index.ts';

const ACME = tenantOf({
  id: 'acme',
  domains: ['acme.test'],
  users: [['alice@acme.test', 'a.archer@acme.test'], ['bob@acme.test'], ['carol@acme.test'], ['root@acme.test']],
  admins: ['root@acme.test'],
  groups: { 'sales@acme.test': ['bob@acme.test', 'inner@acme.test'], 'inner@acme.test': ['a.archer@acme.test'] },
});
const GLOBEX = tenantOf({
  id: 'globex',
  domains: ['globex.test'],
  users: [['eve@globex.test']],
  admins: ['eve@globex.test'],
});
const HOLD: Decision = { kind: 'hold', forMs: 900_000, atEnd: 'send' };
const ASK: Decision = {
  kind: 'approve',
  by: ['bob@acme.test' as MailAddress],
  ...{ deputies: [], least: 1, expireMs: 864_000_000, selfApproval: false },
};

interface Page {
  readonly mails: readonly PastMail[];
  readonly next: string | null;
}

async function historyOf(web: WebFixture, name: string, tray: string, more = ''): Promise<Page> {
  const { status, json } = await web.api(`/held/history?tray=${tray}${more}`, name);
  assert.equal(status, 200);
  return json as Page;
}

function deeds({ mails }: Page): unknown[] {
  return mails.map(({ deeds }) => deeds.map(({ what, by }) => [what, by]));
}

test('H1: a sender finds what became of their mail, whoever or whatever decided it, and mail that never waited is not there', async () => {
  await using web = await WebFixture.start([ACME, GLOBEX]);
  const released = await judged(web.bench, [HOLD, HOLD]);
  await judged(web.bench, [ASK]);
  await web.bench.store.accept([web.bench.mail({ to: ['x@partner.test'] })], null, { deadlineAt: Number.MAX_VALUE });
  await web.api('/held/release', 'alice@acme.test', { ids: [released], reason: 'checked' });
  const page = await historyOf(web, 'alice@acme.test', 'mine');
  assert.deepEqual(deeds(page), [
    [['asked', null]],
    [
      ['held', null],
      ['released', 'alice@acme.test'],
    ],
  ]);
  const [, mail] = page.mails;
  assert.deepEqual(
    mail?.deeds.map(({ recipients, detail }) => [recipients, detail]),
    [
      [2, 'Held, because it goes to 3 domains outside.'],
      [2, 'checked'],
    ],
  );
  assert.deepEqual((await historyOf(web, 'carol@acme.test', 'mine')).mails, []);
});

test('H1: an approver finds what they decided, an administrator what anybody did, and nobody another tenant’s', async () => {
  await using web = await WebFixture.start([ACME, GLOBEX]);
  const [approved, rejected, deleted] = [
    await judged(web.bench, [ASK, HOLD]),
    await judged(web.bench, [ASK]),
    await judged(web.bench, [HOLD]),
  ];
  await web.api('/held/approve', 'bob@acme.test', { ids: [approved] });
  await web.api('/held/reject', 'bob@acme.test', { ids: [rejected], reason: 'not to them' });
  await web.api('/held/delete', 'root@acme.test', { ids: [deleted], reason: 'account was compromised' });
  await web.api('/held/approve', 'carol@acme.test', { ids: [deleted] });
  const bobs = await historyOf(web, 'bob@acme.test', 'decided');
  assert.deepEqual(
    bobs.mails.map(({ id, recipients }) => [id, recipients.map(({ address }) => address)]),
    [
      [rejected, ['customer0@partner.test']],
      [approved, ['customer0@partner.test']],
    ],
    'of a mail only those recipients about whom they decided',
  );
  assert.deepEqual((await historyOf(web, 'carol@acme.test', 'decided')).mails, [], 'nothing came of it');
  assert.deepEqual(
    (await historyOf(web, 'root@acme.test', 'all')).mails.map(({ id }) => id),
    [deleted, rejected, approved],
  );
  assert.deepEqual(
    (await historyOf(web, 'bob@acme.test', 'all')).mails.map(({ id }) => id),
    [rejected, approved],
    'all is for administrators',
  );
  assert.deepEqual((await historyOf(web, 'eve@globex.test', 'all')).mails, []);
  const first = await historyOf(web, 'root@acme.test', 'all', '&limit=2');
  const next = await historyOf(web, 'root@acme.test', 'all', `&limit=2&after=${encodeURIComponent(first.next ?? '')}`);
  assert.deepEqual(
    [...first.mails, ...next.mails].map(({ id }) => id),
    [deleted, rejected, approved],
  );
  web.bench.clock.jump(31 * 86_400_000);
  assert.deepEqual((await historyOf(web, 'root@acme.test', 'all')).mails, [], '30 days');
});

test('H1: what was done stands, also where it could not be written down for the history', async () => {
  await using web = await WebFixture.start([ACME]);
  const id = await judged(web.bench, [HOLD]);
  web.decisions.note = () => Promise.reject(new Error('away'));
  const { status } = await web.api('/held/release', 'alice@acme.test', { ids: [id] });
  assert.equal(status, 200);
  assert.deepEqual(await web.bench.states(id), ['queued']);
});

test('H1: mail from the address of a group is its members’: they see it and act as its sender; who is in no such group does not', async () => {
  await using web = await WebFixture.start([ACME, GLOBEX]);
  const team = {
    sender: 'sales@acme.test' as MailAddress,
    identity: { kind: 'relay', tenant: ACME.id, name: 'server' } as const,
  };
  const id = await judged(web.bench, [HOLD, ASK], team);
  const seen = async (name: string, tray: string) =>
    ((await web.api(`/held?tray=${tray}`, name)).json as { mails: { id: string }[] }).mails.length;
  for (const [name, count] of [
    ['bob@acme.test', 1],
    ['alice@acme.test', 1],
    ['carol@acme.test', 0],
    ['eve@globex.test', 0],
  ] as const)
    assert.equal(await seen(name, 'team'), count, name);
  assert.equal(await seen('alice@acme.test', 'all'), 1);
  assert.equal((await web.api('/held/stop', 'carol@acme.test', { ids: [id] })).status, 409);
  assert.equal((await web.api('/held/stop', 'alice@acme.test', { ids: [id] })).status, 200);
  assert.equal((await web.api('/held/release', 'alice@acme.test', { ids: [id] })).status, 200);
  assert.deepEqual(await web.bench.states(id), ['queued', 'approval']);
  const stranger = await judged(web.bench, [HOLD], { ...team, identity: { kind: 'peer', tenant: null, name: '' } });
  assert.equal((await web.api('/held/release', 'alice@acme.test', { ids: [stranger] })).status, 409, 'forged');
});

test('H1: the page of the past says in both languages what was done, by whom, and what they said, as text', async () => {
  await using web = await WebFixture.start([ACME]);
  const id = await judged(web.bench, [ASK]);
  await web.api('/held/reject', 'bob@acme.test', { ids: [id], reason: '<b>no</b>' });
  const browser = web.browser();
  await browser.signIn('bob@acme.test');
  await browser.go('/held/history?tray=decided&lang=ja');
  for (const said of ['履歴', '却下', '操作: bob@acme.test', '不達・却下'])
    assert.ok(browser.page.text.includes(said), said);
  assert.doesNotMatch(browser.page.text, /<b>no/);
  await browser.go('/held/history?tray=decided&lang=en');
  assert.match(browser.page.text, /Rejected[\s\S]*by bob@acme\.test/);
  assert.doesNotMatch(browser.page.text, /tray=all/);
});
