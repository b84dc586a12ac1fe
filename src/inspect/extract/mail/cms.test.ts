import assert from 'node:assert/strict';
import { test } from 'node:test';
import zlib from 'node:zlib';
import fc from 'fast-check';
import { ber } from '../sample-files.ts';
import { factsOf, mailWith, partAt, unreadOf } from '../sample-mail.ts';

const oid = (hex: string) => ber(0x06, Buffer.from(hex, 'hex'));
const signedType = oid('2a864886f70d010702');
const dataType = oid('2a864886f70d010701');
const inner = Buffer.from(
  'Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nthe=20secret plan',
);

function signed(content: Buffer): Buffer {
  const algorithms = ber(0x31, ber(0x30, oid('608648016503040201')));
  const encapsulated = ber(0x30, dataType, ber(0xa0, content));
  return ber(0x30, signedType, ber(0xa0, ber(0x30, ber(0x02, Buffer.from([1])), algorithms, encapsulated, ber(0x31))));
}

async function read(octets: Buffer) {
  return await factsOf(mailWith(['smime.p7m', octets, 'application/pkcs7-mime; smime-type=signed-data']));
}

test('H1: a mail that is signed as a whole is opened, in one string and in pieces without lengths', async () => {
  const whole = await read(signed(ber(0x04, inner)));
  assert.equal(partAt(whole, '2/smime.1').text, 'the secret plan');
  const open = Buffer.concat([
    Buffer.from([0x24, 0x80]),
    ber(0x04, inner.subarray(0, 50)),
    ber(0x04, inner.subarray(50)),
    Buffer.from([0, 0]),
  ]);
  const pieces = await read(
    Buffer.concat([
      Buffer.from([0x30, 0x80]),
      signedType,
      Buffer.from([0xa0, 0x80, 0x30, 0x80]),
      ber(0x02, Buffer.from([1])),
      ber(0x31),
      Buffer.from([0x30, 0x80]),
      dataType,
      Buffer.from([0xa0, 0x80]),
      open,
    ]),
  );
  assert.equal(partAt(pieces, '2/smime.1').text, 'the secret plan');
});

test('H1: an encrypted mail is told, and a signature beside its text is no riddle', async () => {
  const enveloped = await read(ber(0x30, oid('2a864886f70d010703'), ber(0xa0, ber(0x30, ber(0x02, Buffer.from([0]))))));
  assert.deepEqual([partAt(enveloped, '2').encrypted, unreadOf(enveloped)], [true, ['2 encrypted']]);
  const beside = await read(
    ber(0x30, signedType, ber(0xa0, ber(0x30, ber(0x02, Buffer.from([1])), ber(0x31), ber(0x30, dataType), ber(0x31)))),
  );
  assert.deepEqual(beside.unread, []);
});

test('H1: a packed mail is opened', async () => {
  const packed = ber(0x04, zlib.deflateSync(inner));
  const content = ber(
    0x30,
    ber(0x02, Buffer.from([0])),
    ber(0x30, oid('2a864886f70d0109100308')),
    ber(0x30, dataType, ber(0xa0, packed)),
  );
  const facts = await read(ber(0x30, oid('2a864886f70d0109100109'), ber(0xa0, content)));
  assert.equal(partAt(facts, '2/smime.1').text, 'the secret plan');
});

test('M4: any octets in the place of a signed mail are facts', async () => {
  const whole = signed(ber(0x04, inner));
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (at, octet) => {
      const changed = Buffer.from(whole);
      changed[at] = octet;
      await read(changed);
    }),
    { numRuns: 60 },
  );
});
