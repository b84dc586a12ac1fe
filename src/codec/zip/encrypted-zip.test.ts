import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { openZip } from '#/testkit/index.ts';
import { encryptedZip, SALT_BYTES, type ZipEntry } from './index.ts';

const NOON = Date.UTC(2026, 10, 30, 12, 34, 56);
const PASSWORD = 'k7mq2v9xw4tbn8zr';

/** Compressed where that makes it smaller, as a mail's files are. */
function entry(name: string, octets: Buffer): ZipEntry {
  const compressed = deflateRawSync(octets);
  const isCompressed = compressed.length < octets.length;
  const salt = createHash('sha256').update(name).digest().subarray(0, SALT_BYTES);
  return { name, bytes: octets.length, content: isCompressed ? compressed : octets, isCompressed, salt };
}

function zipped(...entries: readonly ZipEntry[]): Buffer {
  return Buffer.concat([...encryptedZip(entries, PASSWORD, NOON)]);
}

test('H1: another program opens it by its password: names in any letters, empty files, files of any length', async () => {
  const files = new Map<string, Buffer>([
    ['見積書 2026-11.pdf', Buffer.from('%PDF-1.4')],
    ['empty.txt', Buffer.alloc(0)],
    ['long.txt', Buffer.from('the same line again\n'.repeat(20_000))],
    ...[1, 15, 16, 17, 65_535, 65_536, 65_537, 200_000].map(
      (bytes) => [`${bytes}.bin`, createHash('shake256', { outputLength: bytes }).update('x').digest()] as const,
    ),
  ]);
  const zip = zipped(...[...files].map(([name, octets]) => entry(name, octets)));
  const opened = await openZip(zip, PASSWORD);
  assert.deepEqual(opened.files, files);
  assert.match(opened.listed, /Path = 見積書 2026-11\.pdf$/m);
  assert.match(opened.listed, /^Method = AES-256 Deflate$/m);
  assert.match(opened.listed, /^Method = AES-256 Store$/m);
  assert.match(opened.listed, /^Modified = 2026-11-30 12:34:56/m);
  assert.doesNotMatch(opened.listed, /^Encrypted = -$/m);
});

test('H1: by another password, or where an octet was changed, nothing opens', async () => {
  const zip = zipped(entry('a.txt', Buffer.from('secret')));
  assert.equal((await openZip(zip, 'k7mq2v9xw4tbn8zs')).files, null);
  const changed = Buffer.from(zip);
  const at = 30 + 'a.txt'.length + 11 + SALT_BYTES + 2;
  changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
  assert.equal((await openZip(changed, PASSWORD)).files, null);
  assert.ok(!zip.includes('secret'));
});

test('design 1: the same entries make the same octets, of which every release has to make the same again', () => {
  const stored = { name: 'a.txt', bytes: 6, content: Buffer.from('secret'), isCompressed: false };
  const zip = zipped({ ...stored, salt: Buffer.alloc(SALT_BYTES, 7) });
  assert.deepEqual(zip, zipped({ ...stored, salt: Buffer.alloc(SALT_BYTES, 7) }));
  assert.equal(
    createHash('sha256').update(zip).digest('hex'),
    'a2155ef03df0420669b3975c6115dcfa8e3486f7f28c8086d5696c3bbd8d3be7',
  );
  assert.notDeepEqual(zip, zipped({ ...stored, salt: Buffer.alloc(SALT_BYTES, 8) }));
});

test('H1: whatever is in it comes out octet for octet', async () => {
  const file = fc.uint8Array({ maxLength: 2_000 }).map((octets) => Buffer.from(octets));
  await fc.assert(
    fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 4 }), async (files) => {
      const zip = zipped(...files.map((octets, i) => entry(`${i}`, octets)));
      const opened = await openZip(zip, PASSWORD);
      assert.deepEqual(opened.files, new Map(files.map((octets, i) => [`${i}`, octets])));
    }),
    { numRuns: 10 },
  );
});
