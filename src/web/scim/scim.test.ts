/** SCIM as Entra ID and Okta speak it, over HTTP; and the generation that comes of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PeopleShelf, peopleOperations, startScimRound } from '#/directory/index.ts';
import { type TenantId, within } from '#/model/index.ts';
import { FakeLog, tenantOf, WebFixture } from '#/testkit/index.ts';

const ACME = 'acme' as TenantId;
const TENANTS = [tenantOf({ id: 'acme', domains: ['acme.test'] }), tenantOf({ id: 'bolt', domains: ['bolt.test'] })];
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

interface Said {
  readonly status: number;
  readonly headers: Headers;
  readonly json: Record<string, unknown> & { readonly id: string };
}

class Client implements AsyncDisposable {
  readonly web: WebFixture;
  token = '';

  private constructor(web: WebFixture) {
    this.web = web;
  }

  static async start(): Promise<Client> {
    const client = new Client(await WebFixture.start(TENANTS));
    client.token = await client.tokenOf('acme');
    return client;
  }

  async tokenOf(tenant: string, end = false): Promise<string> {
    const parts = { book: this.web.people, directory: this.web.directory, clock: this.web.bench.clock };
    const operations = peopleOperations({ ...parts, shelf: new PeopleShelf(parts), log: new FakeLog() });
    const found = operations.find(({ name }) => name === 'directory.token');
    const made = await found?.handle(found.input.parse({ tenant, end }), { by: 'cli:root', call: within(10_000) });
    return (made as { token: string | null }).token ?? '';
  }

  async ask(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<Said> {
    const answer = await fetch(`${this.web.base}/scim/v2${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/scim+json', ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, json: text === '' ? {} : JSON.parse(text) };
  }

  patch(path: string, ...operations: readonly object[]): Promise<Said> {
    return this.ask('PATCH', path, { schemas: [PATCH], Operations: operations });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.web[Symbol.asyncDispose]();
  }
}

function user(name: string, more: object = {}): object {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', ENTERPRISE],
    ...{ userName: `${name}@acme.test`, externalId: `ext-${name}`, active: true, displayName: name.toUpperCase() },
    emails: [{ primary: true, type: 'work', value: `${name}@acme.test` }],
    ...more,
  };
}

test('RFC 7644 §3: users and groups are made, found, read, changed and removed, each with its version', async () => {
  await using client = await Client.start();
  assert.deepEqual((await client.ask('GET', '/Users?filter=userName%20eq%20%22taro@acme.test%22')).json.Resources, []);
  const made = await client.ask('POST', '/Users', user('taro', { password: 'secret', title: 'Buyer' }));
  assert.equal(made.status, 201);
  assert.match(made.headers.get('content-type') ?? '', /^application\/scim\+json/);
  assert.equal(made.headers.get('location'), `https://mail.acme.test/scim/v2/Users/${made.json.id}`);
  assert.equal(made.headers.get('etag'), 'W/"1"');
  assert.ok(!('password' in made.json), 'passwords are not taken');
  const again = await client.ask('POST', '/Users', user('TARO'));
  assert.deepEqual([again.status, again.json.scimType], [409, 'uniqueness']);
  const found = await client.ask('GET', '/Users?FILTER=externalId%20eq%20%22ext-taro%22&startIndex=1&count=1');
  assert.deepEqual([found.json.totalResults, (found.json.Resources as Said['json'][])[0]?.id], [1, made.json.id]);
  const path = `/Users/${made.json.id}`;
  const moved = await client.ask(
    'PATCH',
    path,
    { Operations: [{ op: 'replace', value: { title: 'Boss' } }] },
    { 'if-match': 'W/"9"' },
  );
  assert.equal(moved.status, 412);
  const changed = await client.patch(path, { op: 'Replace', path: 'title', value: 'Boss' });
  assert.deepEqual([changed.status, changed.json.title, changed.headers.get('etag')], [200, 'Boss', 'W/"2"']);
  const put = await client.ask('PUT', path, user('taro'), { 'if-match': 'W/"2"' });
  assert.deepEqual([put.status, put.json.title], [200, undefined]);
  assert.equal((await client.ask('DELETE', path)).status, 204);
  assert.equal((await client.ask('GET', path)).status, 404);
  assert.equal((await client.ask('DELETE', path)).status, 404);
});

test('RFC 7644 §3.5.2: members of groups come and go as Entra ID and Okta write it', async () => {
  await using client = await Client.start();
  const ids: string[] = [];
  for (const name of ['a', 'b', 'c']) ids.push((await client.ask('POST', '/Users', user(name))).json.id);
  const [a = '', b = '', c = ''] = ids;
  const group = await client.ask('POST', '/Groups', { displayName: 'Sales', externalId: 'g', members: [{ value: a }] });
  assert.deepEqual([group.status, group.json.members], [201, [{ value: a }]]);
  const path = `/Groups/${group.json.id}`;
  const members = async () =>
    new Set(((await client.ask('GET', path)).json.members as { value: string }[]).map(({ value }) => value));
  await client.patch(path, { op: 'Add', path: 'members', value: [{ value: b }, { value: c }] });
  assert.deepEqual(await members(), new Set([a, b, c]));
  await client.patch(path, { op: 'Remove', path: 'members', value: [{ value: a }] });
  await client.patch(path, { op: 'remove', path: `members[value eq "${b}"]` });
  assert.deepEqual(await members(), new Set([c]));
  const renamed = await client.patch(path, {
    op: 'replace',
    value: { id: group.json.id, displayName: 'Tokyo', members: [{ value: a }] },
  });
  assert.deepEqual([renamed.json.displayName, await members()], ['Tokyo', new Set([a])]);
  assert.ok(!('members' in (await client.ask('GET', `${path}?excludedAttributes=members`)).json));
  await client.ask('DELETE', `/Users/${a}`);
  assert.deepEqual(await members(), new Set());
});

test('RFC 7644 §3.4.2: lists are paged and filtered, and what can’t be read is said in the words of SCIM', async () => {
  await using client = await Client.start();
  for (const name of ['a', 'b', 'c']) await client.ask('POST', '/Users', user(name));
  const page = await client.ask('GET', '/Users?startIndex=3&count=5');
  assert.deepEqual([page.json.totalResults, page.json.startIndex, page.json.itemsPerPage], [3, 3, 1]);
  const scanned = await client.ask(
    'GET',
    '/Users?filter=emails%5Btype%20eq%20%22work%22%20and%20value%20sw%20%22b%22%5D',
  );
  assert.equal(scanned.json.totalResults, 1);
  for (const [method, path, body, status, scimType] of [
    ['GET', '/Users?filter=userName%20like%20x', undefined, 400, 'invalidFilter'],
    ['POST', '/Users', { displayName: 'x' }, 400, 'invalidValue'],
    ['POST', '/Users', [], 400, 'invalidSyntax'],
    ['POST', '/Users', user('x', { title: 'x'.repeat(70_000) }), 413, 'tooMany'],
    ['PATCH', '/Users', {}, 405, undefined],
    ['GET', '/Nothing', undefined, 404, undefined],
  ] as const) {
    const said = await client.ask(method, path, body);
    assert.deepEqual([said.status, said.json.scimType, said.json.status], [status, scimType, String(status)], path);
  }
  for (const what of ['ServiceProviderConfig', 'ResourceTypes', 'Schemas', `Schemas/${ENTERPRISE}`])
    assert.equal((await client.ask('GET', `/${what}`)).status, 200, what);
});

test('design 6: a token opens its own tenant alone, and nothing once it was ended', async () => {
  await using client = await Client.start();
  const { json } = await client.ask('POST', '/Users', user('taro'));
  const acme = client.token;
  client.token = await client.tokenOf('bolt');
  assert.equal((await client.ask('GET', `/Users/${json.id}`)).status, 404);
  assert.equal((await client.ask('GET', '/Users')).json.totalResults, 0);
  for (const token of ['', 'x', acme.replace('.acme.', '.bolt.'), acme.slice(0, -1)]) {
    client.token = token;
    const said = await client.ask('GET', '/Users');
    assert.deepEqual([said.status, said.headers.get('www-authenticate')], [401, 'Bearer realm="Holdfast"']);
  }
  client.token = acme;
  await client.tokenOf('acme', true);
  assert.equal((await client.ask('GET', '/Users')).status, 401);
});

test('C5: what is pushed is a generation when it has been quiet; a synchronisation that is under way is never seen half-way', async () => {
  await using client = await Client.start();
  const { people: book, directory } = client.web;
  const { clock } = client.web.bench;
  const ids = new Map<string, string>();
  const manager = (): object => ({ [ENTERPRISE]: { department: 'Sales', manager: { value: ids.get('a') } } });
  for (const name of ['a', 'b', 'c'])
    ids.set(name, (await client.ask('POST', '/Users', user(name, { title: 'Buyer', ...manager() }))).json.id);
  const members = [...ids.values()].map((value) => ({ value }));
  await client.ask('POST', '/Groups', { displayName: 'Tokyo', members });
  const parts = { book, directory, clock, log: new FakeLog() };
  const time = clock;
  await using _round = startScimRound(parts);
  // The set is read as soon as it is taken for quiet.
  const read = book.pushes.after.bind(book.pushes);
  let reads = 0;
  book.pushes.after = (...given) => {
    reads += 1;
    return read(...given);
  };
  await time.advance(60_000);
  assert.equal(reads, 0, 'it was pushed just now');
  let stand = await book.stand(ACME, within(5_000));
  await time.advance(90_000);
  for (let looks = 0; stand === null && looks < 400; looks++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
    stand = await book.stand(ACME, within(5_000));
  }
  const shelf = new PeopleShelf(parts);
  const first = await shelf.current(ACME, within(5_000));
  assert.equal(first.source, 'scim');
  assert.deepEqual(first.person('b@acme.test'), {
    ...{ address: 'b@acme.test', aliases: [], manager: 'a@acme.test', groups: ['Tokyo'], photo: null },
    attributes: { department: 'Sales', displayName: 'B', jobTitle: 'Buyer' },
  });
  // One is deprovisioned.
  await client.patch(`/Users/${ids.get('c')}`, { op: 'Replace', path: 'active', value: 'False' });
  await time.advance(150_000);
  for (let looks = 0; looks < 400 && (await book.stand(ACME, within(5_000)))?.current === first.id; looks++)
    await new Promise((resolve) => setTimeout(resolve, 25));
  await time.advance(10_000);
  const second = await new PeopleShelf(parts).current(ACME, within(5_000));
  assert.equal(second.person('c@acme.test'), null);
  assert.equal(second.size, 2);
});
