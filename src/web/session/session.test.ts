import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredSecret, Tenant } from '#/model/index.ts';
import {
  directoryOf,
  FakeClock,
  FakeDirectorySource,
  FakeEndedSessions,
  judged,
  tenantOf,
  WebFixture,
} from '#/testkit/index.ts';
import { placeOf } from './gate.ts';
import { IDLE_MS, SESSION_MS } from './limits.ts';
import { SessionDesk } from './session.ts';

const ACME = tenantOf({ id: 'acme', domains: ['acme.test'], users: [['alice@acme.test'], ['bob@acme.test']] });
const [ALICE] = ACME.users;

function withSecret(secret: StoredSecret, disabled = false): Tenant {
  return { ...ACME, users: ACME.users.map((user) => ({ ...user, secret, disabled })) };
}

/** `ended` is shared by the processes and hosts that serve pages. */
function desk(ended = new FakeEndedSessions()) {
  const clock = new FakeClock();
  const directory = new FakeDirectorySource([withSecret({ kind: 'argon2id', phc: 'one' })]);
  const sessions = new SessionDesk({ key: Buffer.alloc(32, 1), directory, ended, clock });
  const user = directory.current().user(ALICE?.address as never)?.user;
  assert.ok(user);
  const session = sessions.begin(user);
  return { clock, directory, sessions, session, visitor: { session, tenant: ACME } };
}

test('design 6: a session ends by idleness, at the latest after its time, by sign-out, another password, and when its person is switched off', async () => {
  {
    const { clock, sessions, session } = desk();
    const cookie = sessions.format(session);
    assert.equal((await sessions.visitorOf(cookie))?.user.address, 'alice@acme.test');
    clock.jump(IDLE_MS + 1);
    assert.equal(await sessions.visitorOf(cookie), null);
  }
  {
    const { clock, sessions, session } = desk();
    let used = session;
    const start = clock.now();
    while (clock.now() - start <= SESSION_MS) {
      assert.ok(await sessions.visitorOf(sessions.format(used)));
      clock.jump(IDLE_MS / 2);
      used = sessions.renewed(used) ?? used;
    }
    assert.equal(await sessions.visitorOf(sessions.format(used)), null);
  }
  {
    const { sessions, session, visitor } = desk();
    await sessions.end(visitor);
    assert.equal(await sessions.visitorOf(sessions.format(session)), null);
  }
  for (const tenant of [
    withSecret({ kind: 'argon2id', phc: 'two' }),
    withSecret({ kind: 'argon2id', phc: 'one' }, true),
  ]) {
    const { directory, sessions, session } = desk();
    directory.switchTo(directoryOf([tenant]));
    assert.equal(await sessions.visitorOf(sessions.format(session)), null);
  }
});

test('design 6: a sign-out counts for every process and host that serves pages; while that can’t be said nobody comes in', async () => {
  const ended = new FakeEndedSessions();
  const [here, elsewhere] = [desk(ended), desk(ended)];
  const cookie = here.sessions.format(here.session);
  assert.ok(await elsewhere.sessions.visitorOf(cookie));
  ended.away = true;
  await assert.rejects(elsewhere.sessions.visitorOf(cookie), { code: 'store.unavailable' });
  await assert.rejects(here.sessions.end(here.visitor), { code: 'store.unavailable' });
  ended.away = false;
  await here.sessions.end(here.visitor);
  assert.equal(await elsewhere.sessions.visitorOf(cookie), null);
  const [row] = ended.ended.values();
  assert.equal(row?.until, here.session.signedInAt + SESSION_MS, 'it is kept as long as the cookie would be good');
});

test('design 6: no cookie, form token or sealed value counts that was made for something else', async () => {
  const { sessions, session } = desk();
  const other = { ...session, id: 'other' };
  const cookie = sessions.format(session);
  for (const wrong of [
    '',
    '.',
    'x',
    `${cookie}x`,
    cookie.replace('.', 'A.'),
    cookie.slice(1),
    sessions.formToken(session),
  ])
    assert.equal(await sessions.visitorOf(wrong), null, wrong);
  assert.equal(sessions.isFormToken(session, sessions.formToken(session)), true);
  assert.equal(sessions.isFormToken(other, sessions.formToken(session)), false);
  const sealed = sessions.seal(session, { done: 1 });
  assert.deepEqual(sessions.unseal(session, sealed), { done: 1 });
  assert.equal(sessions.unseal(other, sealed), null);
  assert.equal(sessions.unseal(session, `${sealed}A`), null);
  assert.equal(await sessions.visitorOf(sealed), null);
});

test('design 6: the sign-in leads to pages of ours alone', () => {
  for (const good of ['/held', '/held/06FDTQ7W7GX3K9AB', '/approvals?tray=all&q=from:a*%40b'])
    assert.equal(placeOf(good), good);
  for (const bad of [
    '',
    '//evil.test/held',
    'https://evil.test/held',
    '/held\\@evil',
    '/heldx',
    '/held/"><x',
    '/sign-out',
  ])
    assert.equal(placeOf(bad), '/held', bad);
});

test('design 6: cookies are HttpOnly and strict; a wrong password, a name that nobody has and a device get the same answer', async () => {
  const tenant = { ...ACME, relays: tenantOf({ id: 'x', domains: [], relays: [{ name: 'scanner' }] }).relays };
  await using web = await WebFixture.start([tenant]);
  web.signIn.passwords.set('scanner', 'pass scanner');
  const browser = web.browser();
  const pages = [];
  for (const name of ['bob@acme.test', 'nobody@acme.test', 'scanner']) {
    const password = name === 'scanner' ? 'pass scanner' : 'wrong';
    const { status, text } = await browser.post('/sign-in', Object.entries({ name, password, next: '/held' }));
    pages.push([status, text.replaceAll(name, 'NAME')]);
  }
  assert.deepEqual(pages[0], pages[1]);
  assert.deepEqual(pages[0], pages[2]);
  assert.equal(pages[0]?.[0], 403);
  web.signIn.later = true;
  const later = await browser.signIn('bob@acme.test');
  assert.deepEqual([later.status, later.headers.get('retry-after')], [429, '60']);
  web.signIn.later = false;
  const answer = await fetch(`${web.base}/sign-in`, {
    method: 'POST',
    body: new URLSearchParams({ name: 'bob@acme.test', password: 'pass bob', next: '//evil.test' }),
    redirect: 'manual',
    headers: { connection: 'close' },
  });
  assert.equal(answer.headers.get('location'), '/held');
  assert.match(
    answer.headers.getSetCookie()[0] ?? '',
    /^session=.+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/,
  );
});

test('design 6: no form of another site, and none of another session, acts for who is signed in', async () => {
  await using web = await WebFixture.start([ACME]);
  const id = await judged(web.bench, [{ kind: 'hold', forMs: 900_000, atEnd: 'send' }]);
  const browser = web.browser();
  await browser.signIn('alice@acme.test');
  const old = /name="form" value="([^"]*)"/.exec(browser.page.text)?.[1] ?? '';
  const fields = { id, verb: 'release', back: '/held' };
  await browser.post('/held/act', Object.entries(fields));
  await browser.submit('/sign-out', {});
  await browser.go('/held');
  assert.match(browser.path, /^\/sign-in/);
  await browser.signIn('alice@acme.test');
  await browser.post('/held/act', Object.entries({ ...fields, form: old }));
  assert.deepEqual(await web.bench.states(id), ['held']);
  await browser.submit('/held/act', fields);
  assert.deepEqual(await web.bench.states(id), ['queued']);
});

test('design 6: a link from elsewhere finds the session by asking again from a page of ours', async () => {
  await using web = await WebFixture.start([ACME]);
  const browser = web.browser();
  const { text } = await browser.go('/held?tray=mine', { 'sec-fetch-site': 'cross-site' });
  assert.match(text, /<meta http-equiv="refresh" content="0;url=\/held\?tray=mine">/);
  await browser.go('/held?tray=mine', { 'sec-fetch-site': 'same-origin' });
  assert.match(browser.path, /^\/sign-in\?next=%2Fheld%3Ftray%3Dmine$/);
});

test('design 6: while nobody can say whether a session was ended, pages say so and change nothing, and a sign-out is no sign-out', async () => {
  await using web = await WebFixture.start([ACME]);
  const id = await judged(web.bench, [{ kind: 'hold', forMs: 900_000, atEnd: 'send' }]);
  const browser = web.browser();
  await browser.signIn('alice@acme.test');
  const shown = browser.page.text;
  web.sessions.away = true;
  for (const path of ['/held', '/approvals', `/held/${id}`, '/sign-in'])
    assert.equal((await browser.go(path)).status, 503, path);
  browser.page = { ...browser.page, text: shown };
  await browser.submit('/held/act', { id, verb: 'release' });
  assert.equal(browser.page.status, 503);
  assert.deepEqual(await web.bench.states(id), ['held']);
  browser.page = { ...browser.page, text: shown };
  await browser.submit('/sign-out', {});
  assert.equal(browser.page.status, 503);
  web.sessions.away = false;
  await browser.go('/held');
  assert.equal(browser.path, '/held', 'still signed in, to try again');
  await browser.submit('/sign-out', {});
  assert.match(browser.page.text, /You are signed out/);
});
