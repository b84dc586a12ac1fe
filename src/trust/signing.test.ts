import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { BodyHash, formatKeyRecord, readSignatures, verifySignature } from '#/codec/dkim/index.ts';
import { readHeaders } from '#/codec/mime/index.ts';
import { type Domain, type MailInCustody, SYSTEM_TENANT, type Tenant, type TenantId } from '#/model/index.ts';
import type { DomainKey } from '#/ports/index.ts';
import { claimOf } from '#/testkit/index.ts';
import { KeyBook, mailSigner } from './index.ts';

const NOON = Date.UTC(2026, 11, 1, 12);
const HOST = 'mx.holdfast.test' as Domain;
const CONTENT =
  'Received: by mx\r\nFrom: Alice <alice@acme.test>\r\nTo: bob@world.test\r\nSubject: Hello\r\n\r\nGood day.\r\n';

function keyOf(selector: string, more: Partial<DomainKey> = {}): DomainKey {
  const { algorithm = 'ed25519-sha256' } = more;
  const pair =
    algorithm === 'rsa-sha256' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519');
  return {
    ...{ tenant: 'acme' as TenantId, domain: 'acme.test' as Domain, selector, algorithm },
    record: formatKeyRecord(pair.publicKey),
    sealed: pair.privateKey.export({ format: 'der', type: 'pkcs8' }),
    ...{ madeAt: 0, activeAt: NOON, retiredAt: null },
    ...more,
  };
}

function setUp(
  keys: readonly DomainKey[],
  domains: readonly { name: string; proven: boolean }[] = [{ name: 'acme.test', proven: true }],
) {
  const asked: TenantId[] = [];
  let now = 0;
  let away = false;
  const list = async (tenant: TenantId) => {
    asked.push(tenant);
    if (away) throw new Error('away');
    return keys.filter((key) => key.tenant === tenant);
  };
  const book = new KeyBook({
    keys: { list },
    seal: { seal: (_, o) => o, open: (_, o) => o },
    clock: { monotonic: () => now },
  });
  const tenant = { id: 'acme', domains: domains.map((one) => ({ ...one, catchAll: null })) } as unknown as Tenant;
  const directory = { current: () => ({ tenant: (id: TenantId) => (id === tenant.id ? tenant : undefined) }) as never };
  const signer = mailSigner({ hostname: HOST }, { book, directory });
  const field = async (mail: Partial<MailInCustody> = {}, content = CONTENT): Promise<string> => {
    const made = claimOf({ mail: { receivedAt: NOON, ...mail } }).mail;
    if (!signer.mayConcern(made)) return '';
    return (await signer.sign(made, [Buffer.from(content)]))?.toString('latin1') ?? '';
  };
  return { signer, field, asked, pass: (ms: number) => (now += ms), setAway: (value: boolean) => (away = value) };
}

function selectorsOf(field: string): readonly string[] {
  return [...field.matchAll(/[ \t]s=([^;]+);/g)].map(([, selector]) => selector ?? '');
}

function verdictsOf(mail: Buffer, records: readonly string[]): readonly string[] {
  const section = readHeaders([mail]);
  return readSignatures(section, 9).map((answer, i) => {
    assert.ok(answer.kind === 'signature');
    const body = new BodyHash('relaxed');
    body.push(mail.subarray(section.bytes));
    return verifySignature(answer.signature, {
      section,
      body: body.end(),
      records: [records[i] ?? ''],
      now: NOON / 1000,
    }).result;
  });
}

test('design 6: mail of somebody proven is signed for the proven domain of its author, and nothing else is', async () => {
  const { field } = setUp(
    [
      keyOf('one'),
      keyOf('idle', { domain: 'idle.test' as Domain }),
      keyOf('host', { tenant: SYSTEM_TENANT, domain: HOST }),
    ],
    [
      { name: 'acme.test', proven: true },
      { name: 'idle.test', proven: false },
    ],
  );
  const acme = 'acme' as TenantId;
  const from = (address: string) => CONTENT.replace('alice@acme.test', address);
  assert.deepEqual(selectorsOf(await field()), ['one']);
  assert.deepEqual(selectorsOf(await field({ identity: { kind: 'relay', tenant: acme, name: 'server' } })), ['one']);
  assert.equal(await field({}, from('alice@idle.test')), '');
  assert.equal(await field({}, from('alice@other.test')), '');
  assert.equal(await field({}, from('alice@sub.acme.test')), '');
  assert.equal(await field({}, CONTENT.replace('From:', 'From: eve@acme.test\r\nFrom:')), '');
  assert.equal(await field({ identity: { kind: 'peer', tenant: null, name: '' } }), '');
  // A forward of what a stranger wrote in alice's name.
  assert.equal(
    await field({ identity: { kind: 'system', tenant: acme, name: 'alice@acme.test' }, origin: 'generated' }),
    '',
  );
  assert.equal(await field({ identity: { kind: 'user', tenant: 'other' as TenantId, name: 'x@other.test' } }), '');
  const report = { identity: { kind: 'system', tenant: null, name: '' }, origin: 'generated', purpose: 'dsn' } as const;
  assert.deepEqual(selectorsOf(await field(report, from(`mailer-daemon@${HOST}`))), ['host']);
  assert.equal(await field(report), '');
});

test('RFC 6376 §3.1: a key signs what was accepted while it was active, however late the attempt is', async () => {
  const keys = [
    keyOf('old', { activeAt: NOON - 100, retiredAt: NOON }),
    keyOf('new', { activeAt: NOON }),
    keyOf('rsa', { activeAt: NOON + 50, algorithm: 'rsa-sha256' }),
    keyOf('waits', { activeAt: null }),
  ];
  const { field } = setUp(keys);
  for (const [at, selectors] of [
    [NOON - 101, []],
    [NOON - 100, ['old']],
    [NOON - 1, ['old']],
    [NOON, ['new']],
    [NOON + 50, ['new', 'rsa']],
  ] as const) {
    const made = await field({ receivedAt: at });
    assert.deepEqual(selectorsOf(made), selectors);
    assert.equal(await field({ receivedAt: at }), made);
    assert.ok(selectors.length === 0 || made.includes(`t=${Math.floor(at / 1000)};`));
  }
});

test('RFC 6376 §5: content in pieces of any size has the same signatures, and they hold', async () => {
  const keys = [keyOf('one'), keyOf('rsa', { algorithm: 'rsa-sha256' })];
  const { signer } = setUp(keys);
  const content = Buffer.from(`${CONTENT}${'word  '.repeat(20_000)}\r\n\r\n`);
  const { mail } = claimOf({ mail: { receivedAt: NOON } });
  const whole = await signer.sign(mail, [content]);
  assert.ok(whole !== null);
  for (const size of [1, 7, 65_536]) {
    const pieces = Array.from({ length: Math.ceil(content.length / size) }, (_, i) =>
      content.subarray(i * size, (i + 1) * size),
    );
    assert.deepEqual(
      await signer.sign(mail, size === 1 ? pieces.slice(0, 400).concat(content.subarray(400)) : pieces),
      whole,
    );
  }
  assert.deepEqual(
    verdictsOf(
      Buffer.concat([whole, content]),
      keys.map(({ record }) => record),
    ),
    ['pass', 'pass'],
  );
});

test('design 1: keys are asked for once in a while, and a store that is away makes the mail wait', async () => {
  const it = setUp([keyOf('one')]);
  await it.field();
  await it.field();
  assert.equal(it.asked.length, 1);
  it.pass(5_000);
  it.setAway(true);
  await assert.rejects(it.field(), /away/);
  it.setAway(false);
  assert.deepEqual(selectorsOf(await it.field()), ['one']);
  const none = setUp([]);
  await none.field();
  // No key is certain now, and costs nothing.
  assert.equal(none.signer.mayConcern(claimOf().mail), false);
  assert.equal(none.asked.length, 1);
});
