import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseSpfRecord } from '#/codec/spf/index.ts';
import { type Domain, within } from '#/model/index.ts';
import { FakeResolver } from '#/testkit/index.ts';
import { checkSpf, maySend, type SpfDns } from './index.ts';

const QUESTION = { ip: '192.0.2.1', helo: 'mx.world.test', sender: 'a@world.test' };

/** A zone of TXT records alone, which counts what it is asked. */
function zone(texts: (name: string) => readonly string[]): SpfDns & { asked: number } {
  const nothing = (): readonly string[] => {
    dns.asked += 1;
    return [];
  };
  const dns = {
    asked: 0,
    texts: async (name: string) => {
      dns.asked += 1;
      return texts(name);
    },
    addresses: async () => nothing(),
    mx: async () => nothing(),
    names: async () => nothing(),
  };
  return dns;
}

test('RFC 7208 §4.6.4: records that include each other, or ask for ever, are cut at ten look-ups', async () => {
  for (const record of [
    'v=spf1 include:other.test -all',
    'v=spf1 redirect=world.test',
    `v=spf1 ${'include:x.test '.repeat(50)}-all`,
    'v=spf1 exists:%{i}.a.test exists:b.test exists:c.test exists:d.test -all',
    `v=spf1 ${'mx a ptr '.repeat(20)}-all`,
  ]) {
    const dns = zone(() => [record]);
    assert.equal(await checkSpf(QUESTION, dns), 'permerror', record);
    assert.ok(dns.asked <= 25, `${record}: ${dns.asked}`);
  }
});

test('design 6: no record makes the reader throw or ask without end, and what DNS can not say is no verdict', async () => {
  const word = fc.constantFrom(
    'v=spf1',
    ' ',
    'a',
    'mx',
    'ptr',
    'ip4:',
    '192.0.2.1',
    '/24',
    '//64',
    'include:',
    'x.test',
    'exists:',
    '%{',
    'i',
    'r',
    '-',
    '}',
    '%%',
    'redirect=',
    'exp=',
    '-all',
    '~',
    '=',
    ':',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 20 }), async (words) => {
      const text = `v=spf1 ${words.join('')}`;
      parseSpfRecord(text);
      const dns = zone(() => [text]);
      await checkSpf(QUESTION, dns);
      assert.ok(dns.asked <= 25);
    }),
  );
  const silent = zone(() => {
    throw new Error('no answer');
  });
  assert.equal(await checkSpf(QUESTION, silent), 'temperror');
});

test('RFC 7208 §4: whether a host may send is asked for all its addresses', async () => {
  const resolver = new FakeResolver();
  const ask = () => maySend('acme.test' as Domain, 'mx.acme.test', resolver, within(1_000));
  assert.equal(await ask(), null);
  resolver.addresses = async () => ['192.0.2.1', '2001:db8::1'];
  resolver.textAnswers.set('acme.test', ['v=spf1 ip4:192.0.2.0/24 -all']);
  assert.equal(await ask(), false);
  resolver.textAnswers.set('acme.test', ['v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all']);
  assert.equal(await ask(), true);
});
