/** Attachments that become an encrypted ZIP: what is in it, what stands around it, and that each attempt is the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBody } from '#/codec/mime/index.ts';
import type { Change, MailAddress, ZipId } from '#/model/index.ts';
import { openZip } from '#/testkit/index.ts';
import { factsOf, mailWith, partAt } from '../extract/sample-mail.ts';
import { mailVariants, ZipKeys } from '../index.ts';
import { cutFiles } from './cut.ts';

const TO = { n: 1, address: 'taro@example.test' as MailAddress, original: null };
const KEYS = new ZipKeys((purpose) => Buffer.from(purpose.padEnd(32)));
const VARIANTS = mailVariants(null, KEYS);
const ID = '01M6Z0V6K8Q3T9XA.abc' as ZipId;
const NOON = Date.UTC(2026, 10, 30, 12);

function zip(parts: readonly string[], id = ID): Change {
  return { kind: 'encryptZip', parts, passwordTo: 'sender', zip: { id, at: NOON, language: 'ja' } };
}

async function changed(mail: Buffer, ...changes: readonly Change[]): Promise<Buffer> {
  const variant = await VARIANTS.makeInTurns(mail, changes, TO);
  assert.equal(variant.kind, 'made', variant.kind === 'impossible' ? variant.why.en : '');
  return Buffer.concat(variant.kind === 'made' ? variant.chunks : []);
}

async function why(mail: Buffer, change: Change, variants = VARIANTS): Promise<string> {
  const variant = await variants.makeInTurns(mail, [change], TO);
  return variant.kind === 'impossible' ? variant.why.en : 'made';
}

function fileAt(mail: Buffer, path: string): Buffer {
  const [file] = cutFiles(mail, [path]);
  assert.ok(file);
  return file.octets;
}

test('H1: attachments give way to one ZIP that opens by its password alone; the mail’s other parts stay', async () => {
  const mail = mailWith(
    ['見積書.pdf', Buffer.from('%PDF-1.4')],
    ['plan.txt', Buffer.from('the plan')],
    ['見積書.PDF', Buffer.from('another')],
  );
  const made = await changed(mail, zip(['2', '4']));
  const facts = await factsOf(made);
  assert.deepEqual(
    facts.parts.filter(({ path }) => !path.includes('/')).map(({ path, role }) => `${path} ${role}`),
    [' container', '1 body', '2 attachment', '3 attachment'],
  );
  assert.equal(partAt(facts, '2').name, 'attachments.zip');
  assert.equal(partAt(facts, '2').encrypted, true);
  assert.equal(partAt(facts, '3').text, 'the plan');
  const { files } = await openZip(fileAt(made, '2'), KEYS.password(ID));
  assert.deepEqual(
    files,
    new Map([
      ['見積書.pdf', Buffer.from('%PDF-1.4')],
      ['見積書 (2).PDF', Buffer.from('another')],
    ]),
  );
  assert.equal((await openZip(fileAt(made, '2'), 'another')).files, null);
});

test('design 1: each attempt makes the same octets; another mail has another password and no octet of the same key stream', async () => {
  const mail = mailWith(['a.txt', Buffer.from('the same text '.repeat(100))]);
  const [one, two] = [await changed(mail, zip(['2'])), await changed(mail, zip(['2']))];
  assert.ok(one.equals(two));
  const other = '01M6Z0V6K8Q3T9XB.abc' as ZipId;
  assert.notEqual(KEYS.password(other), KEYS.password(ID));
  assert.match(KEYS.password(ID), /^[0-9a-hjkmnp-tv-z]{16}$/);
  assert.ok(!(await changed(mail, zip(['2'], other))).equals(one));
  const [a, b] = [Buffer.from('one'), Buffer.from('two')];
  assert.notDeepEqual(KEYS.salt(ID, 1, a), KEYS.salt(ID, 1, b));
  assert.deepEqual(KEYS.salt(ID, 1, a), KEYS.salt(ID, 1, Buffer.from(a)));
});

test('H1: no name in it leads out of the folder that it is unpacked into, and none is there twice', async () => {
  const names = ['../../etc/passwd', 'C:\\autoexec.bat', '/abs', 'x', 'X', 'x (2)', '.', '‮gnp.exe', ''];
  const mail = mailWith(...names.map((name, i) => [name, Buffer.from(`${i}`)] as const));
  const paths = names.map((_, i) => `${i + 2}`);
  const { files } = await openZip(fileAt(await changed(mail, zip(paths)), '2'), KEYS.password(ID));
  const found = [...(files ?? new Map<string, Buffer>()).keys()];
  assert.equal(found.length, names.length);
  for (const name of found) assert.doesNotMatch(name, /[/\\:\u202e]|^\.+$/, name);
});

test('H1: a mail that is nothing but a file becomes one that is nothing but its ZIP', async () => {
  const mail = Buffer.from(
    'From: a@acme.test\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQ=\r\n',
  );
  const made = await changed(mail, zip(['1']));
  assert.match(made.toString('latin1'), /Content-Type: application\/zip; name="attachments\.zip"\r\n/);
  assert.equal(made.toString('latin1').match(/content-type/gi)?.length, 1);
  const [, body = ''] = made.toString('latin1').split('\r\n\r\n');
  for (const line of body.split('\r\n')) assert.ok(line.length <= 76);
  const octets = decodeBody('base64', Buffer.from(body, 'latin1'));
  assert.ok(octets);
  const { files } = await openZip(octets, KEYS.password(ID));
  assert.equal(files?.get('a.pdf')?.toString(), '%PDF-1.4');
});

test('H1: without keys, of what is signed or gone, and of too many files no mail with a ZIP is made, and none without', async () => {
  const mail = mailWith(['a.pdf', Buffer.from('x')]);
  const { zip: _zip, ...bare } = zip(['2']) as Extract<Change, { kind: 'encryptZip' }>;
  assert.match(await why(mail, bare), /not put into a ZIP/);
  assert.match(await why(mail, zip(['2']), mailVariants(null)), /not put into a ZIP/);
  assert.match(await why(mail, zip(['9'])), /not found/);
  assert.match(await why(mail, zip(Array.from({ length: 1_001 }, () => '2'))), /too many/);
  const signed = Buffer.from(mail.toString('latin1').replace('multipart/mixed', 'multipart/signed'), 'latin1');
  assert.match(await why(signed, zip(['2'])), /signed/);
  const atOnce = VARIANTS.make(mail, [zip(['2'])], TO);
  assert.equal(atOnce.kind, 'impossible', 'what takes long is made in turns alone');
});

test('H1: what is packed comes back octet for octet, and the rest of the mail stays octet for octet', async () => {
  const file = fc.record({ octets: fc.uint8Array({ maxLength: 300 }), packed: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 5 }), async (files) => {
      const mail = mailWith(...files.map(({ octets }, i) => [`${i}.bin`, Buffer.from(octets)] as const));
      const paths = files.flatMap(({ packed }, i) => (packed ? [`${i + 2}`] : []));
      if (paths.length === 0) return;
      const made = await changed(mail, zip(paths));
      const count = files.length - paths.length + 1;
      const after = cutFiles(
        made,
        Array.from({ length: count }, (_, i) => `${i + 2}`),
      );
      const zipped = after.filter(({ name }) => name === 'attachments.zip');
      assert.equal(zipped.length, 1);
      const left = files.flatMap(({ octets, packed }) => (packed ? [] : [Buffer.from(octets)]));
      assert.deepEqual(
        after.flatMap(({ name, octets }) => (name === 'attachments.zip' ? [] : [Buffer.from(octets)])),
        left,
      );
      const opened = await openZip(zipped[0]?.octets ?? Buffer.alloc(0), KEYS.password(ID));
      const packed = files.flatMap(({ octets, packed }, i) =>
        packed ? [[`${i}.bin`, Buffer.from(octets)] as const] : [],
      );
      assert.deepEqual(opened.files, new Map(packed));
    }),
    { numRuns: 15 },
  );
});
