import assert from 'node:assert/strict';
import { test } from 'node:test';
import { within } from '#/model/index.ts';
import { FakeResolver } from '#/testkit/index.ts';
import { checkRecords } from './dns-check.ts';
import type { DnsRecord } from './dns-records.ts';

const RECORDS: readonly DnsRecord[] = (
  [
    ['acme.test', 'MX', '10 mx.acme.test.'],
    ['acme.test', 'TXT', 'v=spf1 mx ~all'],
    ['_dmarc.acme.test', 'TXT', 'v=DMARC1; p=none'],
    ['k._domainkey.acme.test', 'TXT', 'v=DKIM1; k=rsa; p=abc'],
    ['_imap._tcp.acme.test', 'SRV', '0 0 0 .'],
  ] as const
).map(([name, type, value]) => ({ name, type, value, about: '' }));

test('RFC 6376 §3.6: what is in DNS is told apart: right, another text, wrong, missing, and no answer', async () => {
  const resolver = new FakeResolver();
  let may: boolean | null = null;
  const states = async () =>
    (await checkRecords(RECORDS, { resolver, maySend: async () => may }, within(1_000))).map(({ state }) => state);
  assert.deepEqual(await states(), ['missing', 'missing', 'missing', 'missing']);

  resolver.mxAnswers.set('acme.test', { kind: 'hosts', hosts: [{ preference: 5, host: 'mx.acme.test' }] });
  resolver.textAnswers.set('acme.test', ['other=text', 'v=spf1 mx ~all']);
  resolver.textAnswers.set('_dmarc.acme.test', ['v=DMARC1;p=none;']);
  resolver.textAnswers.set('k._domainkey.acme.test', ['v=DKIM1;k=rsa;p=abc']);
  assert.deepEqual(await states(), ['right', 'right', 'right', 'right']);

  resolver.mxAnswers.set('acme.test', { kind: 'hosts', hosts: [{ preference: 5, host: 'old.acme.test' }] });
  resolver.textAnswers.set('acme.test', ['v=spf1 mx ~all', 'v=spf1 -all']);
  resolver.textAnswers.set('_dmarc.acme.test', ['v=DMARC1; p=reject']);
  resolver.textAnswers.set('k._domainkey.acme.test', ['v=DKIM1; k=rsa; p=abd']);
  assert.deepEqual(await states(), ['wrong', 'wrong', 'differs', 'wrong']);

  for (const [answer, state] of [
    [true, 'right'],
    [false, 'wrong'],
    [null, 'unknown'],
  ] as const) {
    resolver.textAnswers.set('acme.test', ['v=spf1 include:spf.example ~all']);
    may = answer;
    assert.equal((await states())[1], state);
  }

  resolver.mx = () => Promise.reject(new Error('away'));
  assert.equal((await states())[0], 'unknown');
});
