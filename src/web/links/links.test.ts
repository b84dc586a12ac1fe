import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Decision, type HeldVerb, type MailAddress, type MailId, type Tenant, within } from '#/model/index.ts';
import { directoryOf, judged, tenantOf, verdictOf, WebFixture } from '#/testkit/index.ts';

const SKETCH = {
  id: 'acme',
  domains: ['acme.test'],
  users: [['alice@acme.test'], ['bob@acme.test'], ['carol@acme.test']],
  approvalByLink: true,
};
const ACME = tenantOf(SKETCH);
const HOLD: Decision = { kind: 'hold', forMs: 900_000, atEnd: 'send' };
const DAY_MS = 86_400_000;

function asking(least = 1): Decision {
  const by = ['bob@acme.test', 'carol@acme.test'] as MailAddress[];
  return { kind: 'approve', by, deputies: [], least, expireMs: 864_000_000, selfApproval: false };
}

function linkTo(web: WebFixture, mail: MailId, decision: Decision, person: string, verbs: readonly HeldVerb[]): string {
  const part = { mail, tenant: ACME.id, verdict: verdictOf(decision) };
  const link = web.links.linkTo(part, person as MailAddress, verbs, web.bench.clock.now() + DAY_MS);
  assert.equal(link?.asksSignIn, false);
  return link?.url ?? '';
}

test('design 6: GET of a link shows and changes nothing; POST acts, as its person, for that part of the mail alone', async () => {
  await using web = await WebFixture.start([ACME]);
  const id = await judged(web.bench, [HOLD, asking()]);
  const link = linkTo(web, id, HOLD, 'alice@acme.test', ['stop', 'delete']);
  const browser = web.browser();
  for (let i = 0; i < 3; i++) await browser.go(link);
  assert.deepEqual(await web.bench.states(id), ['held', 'approval']);
  assert.match(browser.page.text, /customer0@partner\.test/);
  assert.doesNotMatch(browser.page.text, /customer1@partner\.test/);
  await browser.post(link, [['verb', 'release']]);
  assert.deepEqual(await web.bench.states(id), ['held', 'approval'], 'not what the link is for');
  await browser.post(link, [['verb', 'delete']]);
  assert.match(browser.page.text, /It was deleted/);
  assert.deepEqual(await web.bench.states(id), ['discarded', 'approval']);
  assert.equal((await browser.go(link)).status, 410);
  const [trace] = await web.bench.store.trace({ ids: [id] }, 1, within(30_000));
  assert.match(JSON.stringify(trace?.events), /alice@acme\.test through a link in mail/);
});

test('design 6: an approver votes by a link once, and it says whether others are waited for', async () => {
  await using web = await WebFixture.start([ACME]);
  const id = await judged(web.bench, [asking(2)]);
  const [bob, carol] = ['bob@acme.test', 'carol@acme.test'].map((name) =>
    linkTo(web, id, asking(2), name, ['approve', 'reject']),
  );
  const browser = web.browser();
  await browser.post(bob ?? '', [['verb', 'approve']]);
  assert.match(browser.page.text, /You approved it[\s\S]*as soon as all/);
  assert.doesNotMatch((await browser.go(bob ?? '')).text, /value="approve"/);
  await browser.post(bob ?? '', [['verb', 'approve']]);
  assert.deepEqual(await web.bench.states(id), ['approval']);
  await browser.post(carol ?? '', [['verb', 'approve']]);
  assert.doesNotMatch(browser.page.text, /as soon as all/);
  assert.deepEqual(await web.bench.states(id), ['queued']);
});

test('design 6: a link dies with its time, its verdict, its person and its tenant’s consent; it never revives for another', async () => {
  await using web = await WebFixture.start([ACME]);
  const id = await judged(web.bench, [asking()]);
  const link = linkTo(web, id, asking(), 'bob@acme.test', ['approve', 'reject']);
  const browser = web.browser();
  const tries = async (): Promise<number> => (await browser.post(link, [['verb', 'approve']])).status;
  const otherVerdict = linkTo(web, id, asking(2), 'bob@acme.test', ['approve']);
  assert.equal((await browser.post(otherVerdict, [['verb', 'approve']])).status, 410);
  const notAsked = linkTo(web, id, asking(), 'alice@acme.test', ['approve']);
  assert.equal((await browser.post(notAsked, [['verb', 'approve']])).status, 410);
  const without: Tenant = {
    ...ACME,
    users: ACME.users.map((user) => ({ ...user, disabled: user.address === 'bob@acme.test' })),
  };
  web.directory.switchTo(directoryOf([without]));
  assert.equal(await tries(), 404);
  web.directory.switchTo(directoryOf([tenantOf({ ...SKETCH, approvalByLink: false })]));
  await browser.go(link);
  assert.match(browser.path, /^\/sign-in/);
  web.directory.switchTo(directoryOf([ACME]));
  web.bench.clock.jump(DAY_MS);
  assert.equal(await tries(), 404);
  assert.deepEqual(await web.bench.states(id), ['approval']);
  web.bench.clock.jump(-DAY_MS);
  assert.equal(await tries(), 200);
  assert.deepEqual(await web.bench.states(id), ['queued']);
});

test('design 6: a link goes by the verdict that the mail waits by, not by the rules of today: it decides while its person is a user who may', async () => {
  await using web = await WebFixture.start([ACME]);
  const id = await judged(web.bench, [asking()]);
  const link = linkTo(web, id, asking(), 'bob@acme.test', ['approve', 'reject']);
  const browser = web.browser();
  // Who is asked today is another one; the mail still waits for those whom its verdict names.
  const policies = [{ name: 'leak', when: {}, action: { approve: { by: ['carol@acme.test'] } } }];
  web.directory.switchTo(directoryOf([{ ...ACME, policies }]));
  assert.equal((await browser.go(link)).status, 200);
  // A user no more: of the tenant, or at all.
  const users = ACME.users.filter(({ address }) => address !== 'bob@acme.test');
  const elsewhere = tenantOf({
    id: 'globex',
    domains: ['acme.test'],
    users: [['bob@acme.test']],
    approvalByLink: true,
  });
  for (const people of [[{ ...ACME, users }], [{ ...ACME, users }, elsewhere]]) {
    web.directory.switchTo(directoryOf(people));
    const { status } = await browser.post(link, [['verb', 'approve']]);
    assert.ok(status === 404 || status === 410, String(status));
    assert.deepEqual(await web.bench.states(id), ['approval']);
  }
  web.directory.switchTo(directoryOf([{ ...ACME, policies }]));
  await browser.post(link, [['verb', 'approve']]);
  assert.deepEqual(await web.bench.states(id), ['queued']);
});

test('design 6: a link that was cut or changed is not known, and no token comes into the log', async () => {
  await using web = await WebFixture.start([ACME]);
  const id = await judged(web.bench, [HOLD]);
  const link = linkTo(web, id, HOLD, 'alice@acme.test', ['stop']);
  const browser = web.browser();
  const at = Math.floor(link.length / 2);
  const changed = `${link.slice(0, at)}${link[at] === 'A' ? 'B' : 'A'}${link.slice(at + 1)}`;
  for (const wrong of [link.slice(0, -1), changed, `${link}AAAA`, '/l/x', `/l/${'a'.repeat(499)}`]) {
    assert.equal((await browser.post(wrong, [['verb', 'stop']])).status, 404, wrong);
    assert.equal((await browser.go(wrong)).headers.get('cache-control'), 'no-store');
  }
  assert.deepEqual(await web.bench.states(id), ['held']);
  web.broken = true;
  assert.equal((await browser.go(link)).status, 500);
  const { lines } = web.log;
  assert.deepEqual(
    lines.map(({ event, fields }) => [event, fields.route]),
    [['web.failed', '/l/:token']],
  );
  assert.ok(!JSON.stringify(lines).includes(link.slice(3, 23)));
});
