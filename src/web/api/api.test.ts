import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision, MailAddress } from '#/model/index.ts';
import type { OperationDescription } from '#/ports/index.ts';
import { judged, tenantOf, WebFixture } from '#/testkit/index.ts';
import { findRoute, routesOf } from './paths.ts';

const ACME = tenantOf({
  id: 'acme',
  domains: ['acme.test'],
  users: [['alice@acme.test', 'a.archer@acme.test'], ['bob@acme.test'], ['root@acme.test']],
  admins: ['root@acme.test'],
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
  deputies: [],
  least: 1,
  expireMs: null,
  selfApproval: false,
};

interface Listed {
  readonly mails: readonly { readonly id: string }[];
}

test('design 5: a program lists, shows and releases what its user may, with the words and answers of the command line', async () => {
  await using web = await WebFixture.start([ACME, GLOBEX]);
  const id = await judged(web.bench, [HOLD]);
  const listed = await web.api('/held?tray=mine&limit=5', 'alice@acme.test');
  assert.deepEqual([listed.status, (listed.json as Listed).mails.map((mail) => mail.id)], [200, [id]]);
  assert.equal((await web.api(`/held/${id}`, 'alice@acme.test')).status, 200);
  const released = await web.api('/held/release', 'alice@acme.test', { ids: [id] });
  assert.deepEqual(
    [released.status, released.json],
    [200, { recipients: 1, messages: [id], refused: 0, why: null, late: 0, more: false }],
  );
  const again = await web.api('/held/release', 'alice@acme.test', { ids: [id] });
  assert.deepEqual([again.status, again.headers.get('content-type')], [409, 'application/problem+json; charset=utf-8']);
});

test('design 6: who does not sign in, signs in wrong or is no person gets nothing, and a browser’s form is no request', async () => {
  await using web = await WebFixture.start([ACME]);
  const id = await judged(web.bench, [HOLD]);
  const plain = await fetch(`${web.base}/api/v1/held`, { headers: { connection: 'close' } });
  assert.deepEqual(
    [plain.status, plain.headers.get('www-authenticate')],
    [401, 'Basic realm="Holdfast", charset="UTF-8"'],
  );
  assert.equal((await web.api('/held', 'nobody@acme.test')).status, 401);
  const authorization = `Basic ${Buffer.from('alice@acme.test:pass alice').toString('base64')}`;
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', ''])
    assert.equal(
      (
        await fetch(`${web.base}/api/v1/held/delete`, {
          method: 'POST',
          headers: { authorization, 'content-type': type, connection: 'close' },
          body: JSON.stringify({ ids: [id] }),
        })
      ).status,
      415,
      type,
    );
  web.signIn.later = true;
  const later = await web.api('/held', 'alice@acme.test');
  assert.deepEqual([later.status, later.headers.get('retry-after')], [429, '60']);
});

test('design 6: tenant and person are the caller’s; an administrator acts for somebody of theirs, and that is written down', async () => {
  await using web = await WebFixture.start([ACME, GLOBEX]);
  const id = await judged(web.bench, [ASK]);
  const approve = (name: string, more: object) => web.api('/held/approve', name, { ids: [id], ...more });
  assert.equal((await approve('alice@acme.test', { as: 'bob@acme.test' })).status, 403);
  assert.equal((await approve('eve@globex.test', { as: 'bob@acme.test' })).status, 403);
  assert.equal((await approve('eve@globex.test', { tenant: 'acme' })).status, 403);
  assert.equal((await approve('eve@globex.test', {})).status, 409);
  const unknown = await approve('root@acme.test', { as: 'nobody@acme.test' });
  const foreign = await approve('root@acme.test', { as: 'eve@globex.test' });
  assert.deepEqual([unknown.status, unknown.json], [403, foreign.json]);
  assert.deepEqual(await web.bench.states(id), ['approval']);
  assert.equal((await approve('root@acme.test', { as: 'bob@acme.test', reason: 'bob is away' })).status, 200);
  const { by, act, subject, reason } = web.audited.at(-1) ?? {};
  assert.deepEqual(
    [by, act, subject, reason],
    ['root@acme.test', 'held.approve', `${id} as bob@acme.test`, 'bob is away'],
  );
  assert.equal((await web.api('/held?as=a.archer%40acme.test', 'alice@acme.test')).status, 200, 'an alias is oneself');
});

test('design 5: what is wrong in itself is told by name, and what is away with when to come again', async () => {
  await using web = await WebFixture.start([ACME]);
  const id = await judged(web.bench, [HOLD]);
  const ask = (path: string, body?: object) => web.api(path, 'alice@acme.test', body);
  for (const [path, status, body] of [
    ['/held?limit=many', 400],
    ['/held?color=red', 400],
    ['/held/0000000000000000', 404],
    ['/held/act', 404],
    ['/nothing', 404],
    ['/held/release', 400, { ids: 'all' }],
    ['/books/audit', 404, {}],
  ] as const) {
    const answer = await ask(path, body);
    assert.deepEqual([answer.status, (answer.json as { status: number }).status], [status, status], path);
  }
  web.away = true;
  const away = await ask('/held/release', { ids: [id] });
  assert.deepEqual([away.status, away.headers.get('retry-after')], [503, '5']);
  assert.match(away.text, /Whether it was done can’t be said/);
});

test('design 5: OpenAPI names every path with its schemas, without signing in', async () => {
  await using web = await WebFixture.start([ACME]);
  const answer = await fetch(`${web.base}/api/v1/openapi.json`, { headers: { connection: 'close' } });
  const document = (await answer.json()) as { openapi: string; paths: Record<string, Record<string, unknown>> };
  assert.equal(document.openapi, '3.1.0');
  assert.deepEqual(Object.keys(document.paths).sort(), [
    '/held',
    '/held/approve',
    '/held/delete',
    '/held/history',
    '/held/reject',
    '/held/release',
    '/held/stop',
    '/held/{id}',
  ]);
  const list = JSON.stringify(document.paths['/held']?.get);
  assert.match(list, /"name":"tray","in":"query","required":false/);
  assert.doesNotMatch(list, /"name":"tenant"/);
  assert.match(JSON.stringify(document.paths['/held/{id}']), /"name":"id","in":"path","required":true/);
});

test('design 6: an operation is served only where its input can be held to the caller', () => {
  const described = (name: string, scope: OperationDescription['scope'], names: readonly string[], reads = true) => ({
    ...{ name, summary: '', scope, reads, output: {} },
    input: { properties: Object.fromEntries(names.map((one) => [one, { type: 'string' }])) },
  });
  const routes = routesOf([
    described('books.audit', 'operator', ['tenant']),
    described('held.peek', 'person', ['tenant']),
    described('relay.all', 'tenant', []),
    described('mailbox.import', 'tenant', ['tenant'], false),
    described('resources.export', 'tenant', ['tenant']),
    described('queue.show', 'tenant', ['tenant', 'id']),
    described('queue.list', 'tenant', ['tenant']),
  ]);
  assert.deepEqual(
    routes.map(({ method, path }) => `${method} ${path}`),
    ['GET /queue/{id}', 'GET /queue'],
  );
  assert.equal(findRoute(routes, 'GET', '/queue/06FD')?.id, '06FD');
  for (const path of ['/queue/', '/queue/a/b', '/other', '']) assert.equal(findRoute(routes, 'GET', path), null, path);
});
