import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Domain, MailAddress } from '#/model/index.ts';
import { appleProfile } from './apple-profile.ts';
import { autoconfig } from './autoconfig.ts';
import { autodiscover } from './autodiscover.ts';
import { readAutodiscover } from './autodiscover-request.ts';
import { dnsRecordsOf } from './dns-records.ts';
import type { MailServices } from './services.ts';

const ACME = 'acme.test' as Domain;
const SERVICES: MailServices = {
  host: 'mail.acme.test' as Domain,
  mx: 'mx.acme.test' as Domain,
  httpsPort: 443,
  offered: [
    { protocol: 'imap', security: 'tls', port: 993 },
    { protocol: 'imap', security: 'starttls', port: 143 },
    { protocol: 'submission', security: 'tls', port: 465 },
  ],
};

test('RFC 6186 §3: what is served has its record, preferred in TLS from the start, and what is not is denied by a dot', () => {
  const records = dnsRecordsOf(ACME, SERVICES).map(({ name, type, value }) => `${name} ${type} ${value}`);
  assert.deepEqual(records, [
    'acme.test MX 10 mx.acme.test.',
    'acme.test TXT v=spf1 mx ~all',
    '_dmarc.acme.test TXT v=DMARC1; p=none',
    '_imaps._tcp.acme.test SRV 0 1 993 mail.acme.test.',
    '_imap._tcp.acme.test SRV 10 1 143 mail.acme.test.',
    '_pop3s._tcp.acme.test SRV 0 0 0 .',
    '_pop3._tcp.acme.test SRV 0 0 0 .',
    '_submissions._tcp.acme.test SRV 0 1 465 mail.acme.test.',
    '_submission._tcp.acme.test SRV 0 0 0 .',
    'autoconfig.acme.test CNAME mail.acme.test.',
    'autodiscover.acme.test CNAME mail.acme.test.',
    '_autodiscover._tcp.acme.test SRV 0 0 443 mail.acme.test.',
  ]);
});

test('O1: a host that takes no mail and shows no pages says nothing of them', () => {
  const records = dnsRecordsOf(ACME, { ...SERVICES, mx: null, httpsPort: null });
  assert.ok(records.every(({ type, name }) => type !== 'MX' && type !== 'TXT' && !name.startsWith('_autodiscover')));
});

test('O1: Thunderbird is told each service, how it is protected, and that the user name is the address', () => {
  const text = autoconfig(SERVICES, ACME);
  assert.match(text, /<domain>acme\.test<\/domain>/);
  assert.deepEqual(
    [...text.matchAll(/type="(\w+)">\s+<hostname>(.*)<\/hostname>\s+<port>(\d+)<\/port>\s+<socketType>(\w+)</g)].map(
      (found) => found.slice(1),
    ),
    [
      ['imap', 'mail.acme.test', '993', 'SSL'],
      ['imap', 'mail.acme.test', '143', 'STARTTLS'],
      ['smtp', 'mail.acme.test', '465', 'SSL'],
    ],
  );
  assert.match(autoconfig(SERVICES, null), /<domain>%EMAILDOMAIN%<\/domain>/);
});

const QUESTION = `<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">
  <Request>
    <EMailAddress>alice@ACME.test</EMailAddress>
    <AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema>
  </Request>
</Autodiscover>`;

test('O1: of an autodiscover request the address is read, with or without prefixes', () => {
  const asked = { kind: 'asks', address: 'alice@acme.test' };
  assert.deepEqual(readAutodiscover(QUESTION), asked);
  assert.deepEqual(readAutodiscover(`\uFEFF${QUESTION}`), asked);
  assert.deepEqual(readAutodiscover(QUESTION.replace(/<(\/?)(?=[A-Z])/g, '<$1a:')), asked);
  assert.deepEqual(readAutodiscover(QUESTION.replace('alice', 'al&amp;ice')), {
    kind: 'asks',
    address: 'al&ice@acme.test',
  });
  assert.deepEqual(readAutodiscover(QUESTION.replace('outlook/responseschema', 'mobilesync/responseschema')), {
    kind: 'other schema',
  });
});

test('design 6: an autodiscover request with a document type, entities, sections, comments, two addresses or none is not read', () => {
  for (const [from, to] of [
    ['<Autodiscover', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Autodiscover'],
    ['alice@', '&x;@'],
    ['alice@', '&#97;lice@'],
    ['alice@ACME.test', '<![CDATA[alice@acme.test]]>'],
    ['alice@', '<!-- x -->alice@'],
    ['<Request>', '<Request><EMailAddress>bob@acme.test</EMailAddress>'],
    ['<EMailAddress>alice@ACME.test</EMailAddress>', ''],
    ['alice@ACME.test', 'alice'],
    ['<Request>', '<?evil x?><Request>'],
    ['<?xml version="1.0" encoding="utf-8"?>', 'x'],
  ] as const) {
    assert.ok(QUESTION.includes(from), from);
    assert.deepEqual(readAutodiscover(QUESTION.replace(from, to)), { kind: 'unreadable' }, to);
  }
});

test('design 6: no request makes the reading of it fail or slow', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('<', '>', '/', 'EMailAddress', '<Autodiscover ', '&', 'a', ' ', '\uFEFF', ':')),
      (words) => {
        assert.ok(readAutodiscover(words.join('')).kind.length > 0);
      },
    ),
  );
  for (const piece of ['<a:EMailAddress>', '<EMailAddress>', '</EMailAddress>', 'a:', ' '])
    readAutodiscover(`<Autodiscover>${piece.repeat(16_384 / piece.length)}`);
});

test('design 6: an address is text in every form, whatever stands in it', () => {
  const address = `"<x>&'$&"@acme.test` as MailAddress;
  for (const text of [autodiscover(SERVICES, address), appleProfile(SERVICES, address) ?? '']) {
    assert.ok(text.includes('&#34;&#60;x&#62;&#38;&#39;$&#38;&#34;@acme.test'), text);
    assert.ok(!text.includes('<x>'));
  }
});

test('O1: a profile of one address is always the same, and another address has another', () => {
  const [alice, bob] = ['alice@acme.test', 'bob@acme.test'] as MailAddress[];
  assert.ok(alice && bob);
  const profile = appleProfile(SERVICES, alice);
  assert.equal(profile, appleProfile(SERVICES, alice));
  const uuids = (text: string | null) =>
    [...(text ?? '').matchAll(/[0-9A-F]{8}-[0-9A-F]{4}-8[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}/g)].map(String);
  assert.equal(new Set([...uuids(profile), ...uuids(appleProfile(SERVICES, bob))]).size, 4);
  assert.match(profile ?? '', /<key>IncomingMailServerPortNumber<\/key>\n<integer>993<\/integer>/);
  assert.equal(appleProfile({ ...SERVICES, offered: [] }, alice), null);
});
