import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { readHeaders } from '#/codec/mime/index.ts';
import {
  BodyHash,
  type Canonicalization,
  type DkimAlgorithm,
  formatKeyRecord,
  parseKeyRecord,
  prepareSignature,
  readSignatures,
  verifySignature,
} from './index.ts';

const AT = 1_796_000_000;
const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ED25519 = generateKeyPairSync('ed25519');
const PAIRS = { 'rsa-sha256': RSA, 'ed25519-sha256': ED25519 } as const;
const MAIL = [
  'Received: from a.test by b.test; Tue, 1 Dec 2026 00:00:00 +0000',
  'From: Alice <alice@acme.test>',
  'To: bob@world.test',
  'Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=',
  ' and more',
  'Date: Tue, 1 Dec 2026 00:00:00 +0000',
  'Message-ID: <1@acme.test>',
  '',
  'Hello  Bob, ',
  '\tthis is\t \t it.',
  '',
  '',
  '',
].join('\r\n');

function hashOf(body: Uint8Array, form: Canonicalization = 'relaxed', pieceBytes = 1_000_000) {
  const hash = new BodyHash(form);
  for (let at = 0; at < body.length; at += pieceBytes) hash.push(body.subarray(at, at + pieceBytes));
  return hash.end();
}

function signed(text: string | Buffer, algorithm: DkimAlgorithm = 'ed25519-sha256', key?: KeyObject): Buffer {
  const mail = Buffer.from(text);
  const section = readHeaders([mail]);
  const signer = { algorithm, domain: 'acme.test', selector: 'one', at: AT };
  const unsigned = prepareSignature(section, hashOf(mail.subarray(section.bytes)).hash, signer);
  const value = sign(unsigned.digest, unsigned.octets, key ?? PAIRS[algorithm].privateKey);
  return Buffer.concat([unsigned.finish(value), mail]);
}

function verdictOf(mail: Buffer, record: string, now = AT) {
  const section = readHeaders([mail]);
  const [first] = readSignatures(section, 1);
  if (first?.kind !== 'signature') return { result: 'none', why: first?.why ?? null };
  const { bodyForm, bodyBytes } = first.signature;
  const hash = new BodyHash(bodyForm, bodyBytes ?? Number.POSITIVE_INFINITY);
  hash.push(mail.subarray(section.bytes));
  return verifySignature(first.signature, { section, body: hash.end(), records: [record], now });
}

const record = (algorithm: DkimAlgorithm = 'ed25519-sha256') => formatKeyRecord(PAIRS[algorithm].publicKey);

test('RFC 6376 §3.4.5: the canonical forms are those of the example', () => {
  const body = Buffer.from(' C \r\nD \t E\r\n\r\n\r\n');
  assert.deepEqual(hashOf(body, 'relaxed').hash, hashOf(Buffer.from(' C\r\nD E\r\n'), 'simple').hash);
  assert.equal(hashOf(body, 'relaxed').bytes, ' C\r\nD E\r\n'.length);
  assert.equal(hashOf(body, 'simple').bytes, ' C \r\nD \t E\r\n'.length);
});

test('RFC 6376 §3.4.3: an empty body has the hashes that the standard gives, and a line end that lacks is added', () => {
  const empty = Buffer.alloc(0);
  assert.equal(hashOf(empty, 'simple').hash.toString('base64'), 'frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=');
  assert.equal(hashOf(empty, 'relaxed').hash.toString('base64'), '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=');
  for (const form of ['simple', 'relaxed'] as const) {
    assert.deepEqual(hashOf(Buffer.from('a'), form), hashOf(Buffer.from('a\r\n\r\n'), form));
    assert.deepEqual(hashOf(Buffer.from('\r\n\r\n'), form), hashOf(empty, form));
  }
});

/** The two forms as the standard describes them, without a thought of speed. */
function modelOf(body: string, form: Canonicalization): string {
  const lines = form === 'simple' ? body : body.replace(/[ \t]+/g, ' ').replace(/ (?=\r\n|$)/g, '');
  let end = lines.length;
  while (lines.slice(0, end).endsWith('\r\n')) end -= 2;
  return end === 0 && form === 'relaxed' ? '' : `${lines.slice(0, end)}\r\n`;
}

test('RFC 6376 §3.4: a body has the form of the plain model, however its pieces are cut', () => {
  const body = fc.array(fc.constantFrom('a', ' ', '\t', '\r\n', '\r', '\n', 'line', '\r\n\r\n'), { maxLength: 40 });
  const letters = body.map((words) => words.join(''));
  fc.assert(
    fc.property(
      letters,
      fc.constantFrom<Canonicalization>('simple', 'relaxed'),
      fc.integer({ min: 1, max: 7 }),
      (text, form, size) => {
        const made = hashOf(Buffer.from(text), form, size);
        const model = hashOf(Buffer.from(modelOf(text, form)), 'simple');
        if (modelOf(text, form) !== '') assert.deepEqual(made, model);
        else assert.equal(made.bytes, 0);
      },
    ),
  );
  const long = Buffer.from(`${'x '.repeat(40_000)}\r\n${'\r\n'.repeat(20_000)}end`);
  assert.deepEqual(hashOf(long, 'relaxed', 16_385), hashOf(Buffer.from(modelOf(long.toString(), 'relaxed')), 'simple'));
});

test('RFC 6376 §5: what we sign holds, with either algorithm, and the same content has the same signature', () => {
  for (const algorithm of ['rsa-sha256', 'ed25519-sha256'] as const) {
    const mail = signed(MAIL, algorithm);
    assert.deepEqual(verdictOf(mail, record(algorithm)), { result: 'pass', why: null });
    assert.deepEqual(signed(MAIL, algorithm), mail);
    const field = mail.toString('latin1').slice(0, mail.indexOf('Received:'));
    assert.ok(!/\bl=/.test(field), field);
    for (const line of field.split('\r\n')) assert.ok(line.length <= 78, line);
  }
});

test('RFC 6376 §3.4.2: folding and white space may change on the way', () => {
  const changed = signed(MAIL)
    .toString('latin1')
    .replace('Subject: ', 'SUBJECT :\r\n\t')
    .replace('is\t \t it.', 'is it. ');
  assert.deepEqual(verdictOf(Buffer.from(changed, 'latin1'), record()), { result: 'pass', why: null });
});

test('RFC 6376 §8.15: a second From, Subject, To or Reply-To is found, whether there was one or not', () => {
  for (const field of [
    'From: eve@evil.test',
    'Subject: other',
    'To: eve@evil.test',
    'Reply-To: eve@evil.test',
    'Cc: x@y.test',
  ]) {
    const mail = signed(MAIL);
    const added = Buffer.concat([Buffer.from(`${field}\r\n`), mail]);
    assert.equal(verdictOf(added, record()).result, 'fail', field);
    const below = mail.toString('latin1').replace('\r\n\r\n', `\r\n${field}\r\n\r\n`);
    assert.equal(verdictOf(Buffer.from(below, 'latin1'), record()).result, 'fail', field);
  }
});

test('RFC 6376 §6.1.3: any mail that we sign holds, and none of whose octets one is another', () => {
  const name = fc.constantFrom('From', 'To', 'Subject', 'Cc', 'Date', 'X-Own', 'List-Id', 'Received', 'from');
  const value = fc.string({ unit: fc.constantFrom('a', ' ', '\t', '\r\n ', 'é', ';', ':', '='), maxLength: 30 });
  const fields = fc.array(fc.tuple(name, value), { maxLength: 8 });
  const body = fc.string({ unit: fc.constantFrom('a', ' ', '\r\n', '\t', 'é', '.'), maxLength: 60 });
  fc.assert(
    fc.property(fields, body, fc.nat(), (list, text, at) => {
      const head = list.map(([one, what]) => `${one}: x${what}y\r\n`).join('');
      const mail = signed(Buffer.from(`From: a@acme.test\r\n${head}\r\n${text}`));
      assert.deepEqual(verdictOf(mail, record()), { result: 'pass', why: null });
      const body0 = readHeaders([mail]).bytes;
      const letters = [...mail.keys()].filter((i) => i >= body0 && mail[i] === 0x61);
      const place = letters[at % Math.max(letters.length, 1)];
      if (place === undefined) return;
      mail[place] = 0x62;
      assert.deepEqual(verdictOf(mail, record()), { result: 'fail', why: 'the body was changed' });
    }),
    { numRuns: 300 },
  );
});

test('RFC 6376 §3.5: each tag of a signature that is changed makes it fail', () => {
  for (const [from, to] of [
    ['t=1796000000', 't=1796000001'],
    ['s=one', 's=two'],
    ['c=relaxed/relaxed', 'c=relaxed/simple'],
    ['h=from', 'h=x:from'],
  ] as const) {
    const text = signed(MAIL).toString('latin1');
    assert.ok(text.includes(from), from);
    assert.equal(verdictOf(Buffer.from(text.replace(from, to), 'latin1'), record()).result, 'fail', to);
  }
});

/** Signed by hand, as no signer of ours does. */
function signedAs(tags: string, mail = 'From: a@acme.test\r\n\r\nbody\r\n'): Buffer {
  const bh = hashOf(Buffer.from('body\r\n')).hash.toString('base64');
  const head = `DKIM-Signature: v=1; d=acme.test; s=one; bh=${bh}; ${tags}; b=`;
  const text = `from:a@acme.test\r\ndkim-signature:${head.slice('DKIM-Signature: '.length)}`;
  const value = sign('sha256', Buffer.from(text), RSA.privateKey).toString('base64');
  return Buffer.from(`${head}${value}\r\n${mail}`);
}

test('RFC 6376 §3.5: a signature that names another domain, has expired, or ends before it begins proves nothing', () => {
  const result = (tags: string, mail?: string) => verdictOf(signedAs(tags, mail), record('rsa-sha256')).result;
  const good = 'a=rsa-sha256; c=relaxed/relaxed; h=From';
  assert.equal(result(good), 'pass');
  assert.equal(result(`${good}; i=x@sub.acme.test`), 'pass');
  assert.equal(result(`${good}; x=${AT}`), 'pass');
  assert.equal(result(`${good}; x=${AT - 1}`), 'fail');
  assert.equal(result(`${good}; t=${AT}; x=${AT}`), 'none');
  assert.equal(result(`${good}; i=x@evil.test`), 'none');
  assert.equal(result(`${good}; i=x@evilacme.test`), 'none');
  assert.equal(result('a=rsa-sha256; c=relaxed/relaxed; h=Subject'), 'none');
  assert.equal(result('a=rsa-sha256; c=nowsp; h=From'), 'none');
  assert.equal(result(`${good}; q=http`), 'none');
  assert.equal(result(`${good}; h=From`), 'none');
});

test('RFC 8301 §3: rsa-sha1 and keys below 1024 bits prove nothing', () => {
  assert.equal(verdictOf(signedAs('a=rsa-sha1; c=relaxed/relaxed; h=From'), record('rsa-sha256')).result, 'none');
  const weak = generateKeyPairSync('rsa', { modulusLength: 768 });
  const answer = parseKeyRecord(formatKeyRecord(weak.publicKey));
  assert.equal(answer.kind, 'unusable');
});

test('RFC 6376 §8.2: a signature of part of the body is not taken for one of the whole', () => {
  const tags = 'a=rsa-sha256; c=relaxed/relaxed; h=From; l=6';
  assert.equal(verdictOf(signedAs(tags), record('rsa-sha256')).result, 'pass');
  const longer = signedAs(tags, 'From: a@acme.test\r\n\r\nbody\r\nand more\r\n');
  assert.equal(verdictOf(longer, record('rsa-sha256')).result, 'policy');
});

test('RFC 6376 §3.6.1: records of other versions, services, hashes and kinds are no keys, a record with nothing is revoked', () => {
  const p = record('rsa-sha256').replace('v=DKIM1; k=rsa; ', '');
  for (const [text, kind] of [
    [p, 'key'],
    [`v=DKIM1;${p};`, 'key'],
    [`v=DKIM1; h=sha1:sha256; s=email; t=y:s; n=x; ${p}`, 'key'],
    ['v=DKIM1; p=', 'revoked'],
    [`${p}; v=DKIM1`, 'unusable'],
    [`v=DKIM2; ${p}`, 'unusable'],
    [`v=DKIM1; h=sha1; ${p}`, 'unusable'],
    [`v=DKIM1; s=other; ${p}`, 'unusable'],
    [`v=DKIM1; k=ed25519; ${p}`, 'unusable'],
    [`v=DKIM1; k=dsa; ${p}`, 'unusable'],
    [`v=DKIM1; ${p}; ${p}`, 'unusable'],
    ['v=DKIM1', 'unusable'],
    ['', 'unusable'],
    ['v=spf1 -all', 'unusable'],
  ] as const)
    assert.equal(parseKeyRecord(text).kind, kind, text);
  const der = RSA.publicKey.export({ format: 'der', type: 'pkcs1' }).toString('base64');
  assert.equal(parseKeyRecord(`p=${der}`).kind, 'key');
});

test('RFC 8463 §A: the example of the standard holds, both of its signatures', () => {
  const mail = Buffer.from(EXAMPLE, 'latin1');
  const section = readHeaders([mail]);
  const answers = readSignatures(section, 5);
  assert.equal(answers.length, 2);
  for (const answer of answers) {
    assert.ok(answer.kind === 'signature');
    const { signature } = answer;
    const hash = hashOf(mail.subarray(section.bytes), signature.bodyForm);
    const text = signature.algorithm === 'ed25519-sha256' ? EXAMPLE_ED25519 : EXAMPLE_RSA;
    assert.deepEqual(verifySignature(signature, { section, body: hash, records: [text], now: AT }), {
      result: 'pass',
      why: null,
    });
  }
  const seed = Buffer.concat([
    Buffer.from('302e020100300506032b657004220420', 'hex'),
    Buffer.from('nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=', 'base64'),
  ]);
  const key = createPrivateKey({ key: seed, format: 'der', type: 'pkcs8' });
  assert.equal(
    formatKeyRecord(createPublicKey(key)),
    'v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=',
  );
});

const EXAMPLE_ED25519 = 'v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=';
const EXAMPLE_RSA = [
  'v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWR',
  'iGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutAC',
  'DfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3',
  'Ip3G+2kryOTIKT+l/K4w3QIDAQAB',
].join('');
const EXAMPLE = [
  'DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;',
  ' d=football.example.com; i=@football.example.com;',
  ' q=dns/txt; s=brisbane; t=1528637909; h=from : to :',
  ' subject : date : message-id : from : subject : date;',
  ' bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;',
  ' b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus',
  ' Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==',
  'DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;',
  ' d=football.example.com; i=@football.example.com;',
  ' q=dns/txt; s=test; t=1528637909; h=from : to : subject :',
  ' date : message-id : from : subject : date;',
  ' bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;',
  ' b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3',
  ' DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz',
  ' dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=',
  'From: Joe SixPack <joe@football.example.com>',
  'To: Suzie Q <suzie@shopping.example.net>',
  'Subject: Is dinner ready?',
  'Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)',
  'Message-ID: <20030712040037.46341.5F8J@football.example.com>',
  '',
  'Hi.',
  '',
  'We lost the game.  Are you hungry yet?',
  '',
  'Joe.',
  '',
].join('\r\n');
