import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision, MailAddress } from '#/model/index.ts';
import { judged, tenantOf, WebFixture } from '#/testkit/index.ts';

const ACME = tenantOf({
  id: 'acme',
  domains: ['acme.test'],
  users: [['alice@acme.test'], ['bob@acme.test'], ['carol@acme.test'], ['root@acme.test']],
  admins: ['root@acme.test'],
});
const GLOBEX = tenantOf({
  id: 'globex',
  domains: ['globex.test'],
  users: [['eve@globex.test']],
  admins: ['eve@globex.test'],
});
const HOLD: Decision = { kind: 'hold', forMs: 900_000, atEnd: 'send' };
const STRICT: Decision = { kind: 'hold', forMs: null, atEnd: 'expire' };

function asking(least = 1): Decision {
  const by = ['bob@acme.test', 'carol@acme.test'] as MailAddress[];
  return { kind: 'approve', by, deputies: [], least, expireMs: 864_000_000, selfApproval: false };
}

function subject(text: string) {
  return { facts: { from: 'alice@acme.test', subject: text, messageId: '<1@acme.test>' } };
}

test('H1: its sender sees on a page why mail is held, until when and who really gets it, and sends, stops and deletes it', async () => {
  await using web = await WebFixture.start([ACME, GLOBEX]);
  const id = await judged(web.bench, [HOLD, HOLD], subject('Quotation'));
  const browser = web.browser();
  await browser.go('/held');
  assert.match(browser.path, /^\/sign-in/);
  await browser.signIn('alice@acme.test');
  assert.equal(browser.path, '/held');
  for (const told of [
    'Quotation',
    'goes to 3 domains outside',
    'customer0@partner.test',
    'customer1@partner.test',
    'Sent by itself at',
  ])
    assert.ok(browser.page.text.includes(told), told);
  await browser.submit('/held/act', { id, verb: 'stop', reason: '' });
  assert.match(browser.page.text, /1 mail stopped \(2 recipients\)/);
  assert.match(browser.page.text, /Stopped/);
  await browser.go(`/held/${id}`);
  assert.match(browser.page.text, /Goes to 2 recipients/);
  await browser.submit('/held/act', { verb: 'release', reason: 'checked' });
  assert.match(browser.page.text, /1 mail released \(2 recipients\)/);
  assert.deepEqual(await web.bench.states(id), ['queued', 'queued']);
  await browser.go(`/held/${id}`);
  assert.equal(browser.page.status, 404);
});

test('H1: what can’t be undone is asked about once, with what it hits; several mails go at once', async () => {
  await using web = await WebFixture.start([ACME]);
  const ids = [await judged(web.bench, [HOLD], subject('One')), await judged(web.bench, [HOLD], subject('Two'))];
  const browser = web.browser();
  await browser.signIn('alice@acme.test');
  await browser.submit('/held/act', { id: ids, verb: 'delete', reason: 'wrong file' });
  assert.match(browser.page.text, /Delete 2 mails\?[\s\S]*One[\s\S]*Two[\s\S]*can’t be undone/);
  assert.deepEqual(await web.bench.states(ids[0] as never), ['held']);
  await browser.submit('/held/act', { verb: 'delete', reason: 'wrong file' });
  assert.match(browser.page.text, /2 mails deleted \(2 recipients\)/);
  for (const id of ids) assert.deepEqual(await web.bench.states(id), ['discarded']);
});

test('H1: who is asked finds it among their approvals, and nobody else does; a rejection carries the comment', async () => {
  await using web = await WebFixture.start([ACME, GLOBEX]);
  const id = await judged(web.bench, [asking()], subject('Offer'));
  for (const [name, sees] of [
    ['bob@acme.test', true],
    ['alice@acme.test', false],
    ['root@acme.test', false],
    ['eve@globex.test', false],
  ] as const) {
    const browser = web.browser();
    await browser.signIn(name, '/approvals');
    assert.equal(browser.page.text.includes('Offer'), sees, name);
    await browser.go('/approvals?tray=all');
    assert.equal(browser.page.text.includes('Offer'), sees || name === 'root@acme.test', name);
    await browser.go(`/held/${id}`);
    assert.equal(browser.page.status, name === 'eve@globex.test' ? 404 : 200, name);
  }
  const bob = web.browser();
  await bob.signIn('bob@acme.test', `/held/${id}`);
  await bob.submit('/held/act', { verb: 'reject', reason: 'Not to <them>' });
  await bob.submit('/held/act', { verb: 'reject', reason: 'Not to <them>' });
  assert.match(bob.page.text, /1 mail rejected/);
  assert.deepEqual(await web.bench.states(id), ['bounced']);
  assert.deepEqual(
    web.audited.map(({ by, act, reason }) => [by, act, reason]),
    [['bob@acme.test', 'held.reject', 'Not to <them>']],
  );
});

test('H1: where somebody else was first, or may not, the page says so, and the others are done all the same', async () => {
  await using web = await WebFixture.start([ACME]);
  const mine = await judged(web.bench, [HOLD], subject('Mine'));
  const gone = await judged(web.bench, [HOLD], subject('Gone'));
  const [one, two] = [web.browser(), web.browser()];
  await one.signIn('alice@acme.test');
  await two.signIn('alice@acme.test');
  await one.submit('/held/act', { id: gone, verb: 'release' });
  await two.submit('/held/act', { id: [gone, mine], verb: 'release' });
  assert.match(two.page.text, /1 mail released[\s\S]*may not be changed by you/);
  await two.submit('/held/act', { verb: 'release' });
  assert.equal(two.page.status, 200);
  await two.post('/held/act', [['verb', 'release']]);
  assert.equal(two.page.status, 200);
});

test('design 6: nothing of a mail becomes markup, and no letters of it turn what stands around', async () => {
  await using web = await WebFixture.start([ACME]);
  const evil = '"><script>alert(1)</script>\u202egnp.exe';
  const lines = [
    `From: ${evil} <alice@acme.test>`,
    `To: <img src=x onerror=alert(1)>`,
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Disposition: attachment; filename="<b>.pdf"',
    '',
    'SECRET CONTENT',
    '--b--',
    '',
  ];
  const content = Buffer.from(lines.join('\r\n'));
  const body = { kind: 'memory', chunks: [content], size: content.length } as const;
  const id = await judged(web.bench, [HOLD], { ...subject(evil), body, size: content.length });
  const browser = web.browser();
  await browser.signIn('alice@acme.test');
  for (const path of ['/held', `/held/${id}`, `/held?q=${encodeURIComponent(evil)}`]) {
    const { text, headers } = await browser.go(path);
    assert.ok(!/<script|<img|<b>\.pdf|\u202e|SECRET/.test(text), path);
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/);
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
  }
  assert.match(browser.page.text, /&#60;script/);
});

test('M3: long trays come page by page, and a filter that can’t be read is told with its cause', async () => {
  await using web = await WebFixture.start([ACME]);
  for (let i = 0; i < 53; i++) await judged(web.bench, [HOLD], subject(`Mail ${i}.`));
  const browser = web.browser();
  await browser.signIn('alice@acme.test');
  const count = () => browser.page.text.match(/type="checkbox"/g)?.length ?? 0;
  assert.equal(count(), 50);
  const [, next = ''] = /<a href="([^"]*after=[^"]*)"/.exec(browser.page.text) ?? [];
  await browser.go(next.replaceAll('&#38;', '&'));
  assert.equal(count(), 3);
  await browser.go('/held?q=subject:"Mail 7."');
  assert.equal(count(), 1);
  await browser.go('/held?q=since:never');
  assert.equal(browser.page.status, 400);
  assert.match(browser.page.text, /class="mistake"/);
});

test('H1: the pages speak Japanese too, and keep to it', async () => {
  await using web = await WebFixture.start([ACME]);
  const id = await judged(web.bench, [HOLD]);
  const browser = web.browser();
  await browser.signIn('alice@acme.test');
  await browser.go('/held?lang=ja');
  await browser.go(`/held/${id}`);
  for (const told of ['lang="ja"', '保留', '社外の3ドメイン', '自動で送信されます', '削除'])
    assert.ok(browser.page.text.includes(told), told);
});

test('H1: a Japanese page says in Japanese why something was refused, and who may', async () => {
  await using web = await WebFixture.start([ACME]);
  const id = await judged(web.bench, [STRICT, asking()]);
  const told = async (name: string, fields: Record<string, string>) => {
    const browser = web.browser();
    await browser.signIn(name);
    await browser.go('/held?lang=ja');
    const [, form = ''] = /name="form" value="([^"]*)"/.exec(browser.page.text) ?? [];
    await browser.post('/held/act', Object.entries({ ...fields, id, form, back: '/held' }));
    const [, line = ''] = /class="told warn"[^>]*>([^\n]*)<\/p>/.exec(browser.page.text) ?? [];
    assert.doesNotMatch(line, /lang="en"|[a-z]{4,} [a-z]{2,} /, line);
    return line;
  };
  assert.match(
    await told('alice@acme.test', { verb: 'release' }),
    /ルール「leak」により、差出人は送信できません。管理者が代わりに操作できます: root@acme\.test。/,
  );
  assert.match(
    await told('alice@acme.test', { verb: 'approve' }),
    /自分のメールを承認することはできません。|承認待ちではなく/,
  );
  assert.match(await told('root@acme.test', { verb: 'release' }), /他の人のメールのため、理由を入力してください。/);
  const browser = web.browser();
  await browser.signIn('alice@acme.test');
  await browser.go('/held?lang=ja&q=since:never');
  assert.match(browser.page.text, /class="mistake"[^>]*>✕ 「never」は日時として読めません。/);
});

test('M4: while the process that has the mail is away pages say so, and when to come again', async () => {
  await using web = await WebFixture.start([ACME]);
  const id = await judged(web.bench, [HOLD]);
  const browser = web.browser();
  await browser.signIn('alice@acme.test');
  web.away = true;
  for (const asked of [
    () => browser.go('/held'),
    () => browser.go(`/held/${id}`),
    () => browser.go(`/l/${tokenOf(web, id)}`),
  ]) {
    const { status, headers } = await asked();
    assert.deepEqual([status, headers.get('retry-after')], [503, '5']);
  }
  web.away = false;
  await browser.go('/held');
  web.away = true;
  await browser.submit('/held/act', { id, verb: 'release' });
  assert.match(browser.page.text, /Whether what you asked for was done can’t be said/);
  assert.deepEqual(await web.bench.states(id), ['held']);
});

function tokenOf(web: WebFixture, mail: Awaited<ReturnType<typeof judged>>): string {
  const verdict = { kind: 'hold' } as never;
  const part = { mail, tenant: ACME.id, verdict };
  const link = web.links.linkTo(part, 'alice@acme.test' as MailAddress, ['stop'], web.bench.clock.now() + 60_000);
  return link?.url.split('/').at(-1) ?? '';
}
