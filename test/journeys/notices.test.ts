/** News of trouble by a way of its own, in the whole program: nothing delivers mail here, and the contacts hear of it all the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ScriptedServer } from '#/testkit/index.ts';
import { eventually, Holdfast } from '../support/holdfast.ts';

const RESOURCES = `tenants:
  - id: acme
    name: Acme
    language: ja
    contacts: [boss@elsewhere.test]
    domains: [acme.test]
    users: [{ address: bob@acme.test, password: battery staple }]
`;

test('H8: while no mail is delivered, the contacts hear of it by status.notices', async () => {
  await using relay = await ScriptedServer.start({ credentials: { username: 'news', password: 'correct horse' } });
  const way = `{ host: 127.0.0.1, port: ${relay.port}, tls: none, username: news, password: correct horse }`;
  const settings = `roles: [[gate, janitor]]\nstatus: { notices: ${way} }`;
  await using holdfast = await Holdfast.start({ resources: RESOURCES, settings });
  const words = ['--title', 'Mail is late', '--text', 'Delivery rests.'];
  assert.equal((await holdfast.cli('incident', 'open', ...words)).code, 0);
  await eventually('the contact is told', async () => relay.mails.length === 1, 30_000);
  const [mail] = relay.mails;
  assert.deepEqual([mail?.sender, mail?.recipients], ['', ['boss@elsewhere.test']]);
  assert.match(mail?.content ?? '', /^To: <boss@elsewhere\.test>\r$/m);
  const { stdout } = await holdfast.cli('queue', 'list', '--json');
  assert.doesNotMatch(stdout, /boss@elsewhere\.test/);
});
