/** A person asks what is kept of them, and to be erased, on a running installation (design 6, Privacy). */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually, Holdfast } from '../support/holdfast.ts';
import { TestClient } from '../support/load.ts';
import { type Sink, startSink } from '../support/sink.ts';

const RESOURCES = `tenants:
  - id: acme
    name: acme
    domains: [acme.test]
    users:
      - { address: alice@acme.test, password: "correct horse", aliases: [a.archer@acme.test], attributes: { displayName: Alice } }
      - { address: bob@acme.test, password: "battery staple" }
    groups: [{ name: sales, address: sales@acme.test, members: [alice@acme.test] }]
    relays:
      - { name: server, kind: server, networks: [127.0.0.2/32], senders: ["*@acme.test"] }
`;
const GUEST = 'guest@peer.test';
let holdfast: Holdfast;
let sink: Sink;

before(async () => {
  sink = await startSink();
  const routes = `routes:\n  - { domains: ["*"], host: 127.0.0.1, port: ${sink.port}, tls: none }`;
  holdfast = await Holdfast.start({
    resources: RESOURCES,
    settings: `outbound: on\nroles: [[gate, deliver], janitor]\n${routes}`,
  });
});

after(async () => {
  await holdfast[Symbol.asyncDispose]();
  await sink[Symbol.asyncDispose]();
});

/** A mail; its queue ID. */
async function send(from: string, to: string): Promise<string> {
  const client = await TestClient.open(holdfast.ports.smtp, '127.0.0.2', 60_000);
  assert.ok(client, 'nobody greets');
  await client.say(`MAIL FROM:<${from}>`);
  await client.say(`RCPT TO:<${to}>`);
  await client.say('DATA');
  const reply = await client.say([`From: <${from}>`, 'Subject: an offer', '', 'Hello', '.'].join('\r\n'));
  client.close();
  const [, id] = /queued as (\S+)/.exec(reply ?? '') ?? [];
  assert.ok(id, `not accepted: ${reply}`);
  return id;
}

interface Index {
  readonly places: readonly { readonly place: string; readonly records: number; readonly file: string }[];
  readonly leftOut: readonly unknown[];
}

/** Records by place, as the files have them. */
async function exportTo(name: string, ...words: readonly string[]): Promise<Map<string, Record<string, unknown>[]>> {
  const folder = join(holdfast.folder, name);
  const index = await holdfast.json<Index>('subject', 'export', ...words, '--out', folder);
  assert.ok(index.leftOut.length > 0);
  const files = await readdir(folder);
  assert.deepEqual(files.toSorted(), [...index.places.map(({ file }) => file), 'index.json'].toSorted());
  const places = new Map<string, Record<string, unknown>[]>();
  for (const { place, records, file } of index.places) {
    const lines = (await readFile(join(folder, file), 'utf8')).split('\n').slice(0, -1);
    assert.equal(lines.length, records, place);
    places.set(
      place,
      lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    );
  }
  return places;
}

test('design 6: an export has what names a person; erased, nothing that can go does, and all else is as it was', async () => {
  const ids = [await send('alice@acme.test', GUEST), await send('a.archer@acme.test', GUEST)];
  const bobs = await send('bob@acme.test', 'other@peer.test');
  await eventually('all of it is delivered', () => sink.others.length + sink.taken.size >= 3, 60_000);
  await holdfast.cli('queue', 'show', ids[0] ?? '', '--read-body', `asked by ${GUEST}`);
  const alice = await exportTo('alice', 'a.archer@acme.test');
  const idsIn = (found: typeof alice, place: string) => found.get(place)?.map(({ id }) => id);
  assert.deepEqual(idsIn(alice, 'mail')?.toSorted(), ids.toSorted());
  assert.deepEqual(
    alice.get('account')?.map(({ kind }) => kind),
    ['users', 'groups'],
  );
  assert.doesNotMatch(JSON.stringify([...alice]), /argon2id/);
  const guest = await exportTo('guest', GUEST);
  assert.deepEqual(idsIn(guest, 'mail')?.toSorted(), ids.toSorted());
  const acts = guest.get('audit-log')?.map(({ act }) => act) ?? [];
  assert.ok(acts.includes('mail.body') && acts.includes('subject.export'), acts.join(' '));

  const refused = await holdfast.cli('subject', 'erase', 'alice@acme.test', '--reason', 'asked', '--yes');
  assert.equal(refused.code, 1, refused.stderr);
  assert.match(refused.stdout + refused.stderr, /Resources still name them: acme \(users\), acme \(groups\)/);
  type Erasure = { pseudonym: string; places: { place: string; records: number; isErased: boolean }[] };
  const erase = ['subject', 'erase', GUEST, '--reason', `request of ${GUEST}`];
  const dry = await holdfast.json<Erasure>(...erase, '--dry-run');
  assert.equal(dry.places.find(({ place }) => place === 'audit-log')?.records, acts.length + 0);
  const done = await holdfast.json<Erasure>(...erase, '--yes');
  assert.equal(done.pseudonym, dry.pseudonym);
  const left = await holdfast.json<Erasure>(...erase, '--dry-run');
  assert.deepEqual(
    left.places.filter(({ isErased, records }) => isErased && records > 0),
    [],
  );
  assert.equal(left.places.find(({ place }) => place === 'mail')?.records, ids.length, 'kept, and said to be');

  const audit = await holdfast.json<{ balanced: boolean; auditLog: { entries: number; brokenAt: number | null } }>(
    'audit',
  );
  assert.equal(audit.balanced, true);
  assert.equal(audit.auditLog.brokenAt, null);
  const bob = await exportTo('bob', 'bob@acme.test');
  assert.deepEqual(idsIn(bob, 'mail'), [bobs]);
  await holdfast.stop();
  const control = await readFile(join(holdfast.data, 'control.db'));
  assert.ok(!control.includes(GUEST), 'no page of the file has the address, free ones neither');
  assert.ok(control.includes(done.pseudonym));
  await holdfast.launch();
  assert.equal((await holdfast.json<typeof audit>('audit')).auditLog.brokenAt, null);
});
