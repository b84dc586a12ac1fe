/** Mail programs that know an address only: they ask where they ask, and get in with what they are told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pop3Peer } from '#/testkit/index.ts';
import { Holdfast } from '../support/holdfast.ts';

const RESOURCES = `tenants:
  - id: acme
    name: Acme
    domains: [acme.test]
    users: [{ address: alice@acme.test, password: "correct horse" }]
`;

test('O1: who knows an address finds the ports that serve it, gets in there, and the DNS records say the same', async () => {
  await using holdfast = await Holdfast.start({ mailboxes: true, web: true, resources: RESOURCES });
  assert.equal((await holdfast.admin('/readyz?role=web')).status, 200);
  const url = `http://127.0.0.1:${holdfast.ports.http}/mail/config-v1.1.xml?emailaddress=alice@acme.test`;
  const config = await (await fetch(url)).text();
  const told = [
    ...config.matchAll(
      /type="(\w+)">\s+<hostname>mx\.holdfast\.test<\/hostname>\s+<port>(\d+)<\/port>\s+<socketType>(\w+)/g,
    ),
  ];
  const { imaps, imap, pop3s, pop3, submissions, submission } = holdfast.ports;
  assert.deepEqual(
    told.map(([, type, port, security]) => [type, Number(port), security]),
    [
      ['imap', imaps, 'SSL'],
      ['imap', imap, 'STARTTLS'],
      ['pop3', pop3s, 'SSL'],
      ['pop3', pop3, 'STARTTLS'],
      ['smtp', submissions, 'SSL'],
      ['smtp', submission, 'STARTTLS'],
    ],
  );
  using peer = await Pop3Peer.connect(Number(told[2]?.[2]), { tls: true });
  await peer.hears('+OK');
  await peer.asks('USER alice@acme.test', '+OK');
  await peer.asks('PASS correct horse', '+OK');
  const records = await holdfast.json<{ name: string; value: string }[]>('dns', 'show', 'acme.test');
  const value = (name: string) => records.find((one) => one.name === `${name}.acme.test`)?.value;
  assert.equal(value('_imaps._tcp'), `0 1 ${imaps} mx.holdfast.test.`);
  assert.equal(value('_autodiscover._tcp'), `0 0 ${holdfast.ports.https} mx.holdfast.test.`);
  assert.equal((await holdfast.cli('dns', 'show', 'world.test')).code, 1);
});
