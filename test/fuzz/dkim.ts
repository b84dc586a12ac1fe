import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import {
  BodyHash,
  formatKeyRecord,
  parseKeyRecord,
  prepareSignature,
  readSignatures,
  verifySignature,
} from '#/codec/dkim/index.ts';
import { readHeaders } from '#/codec/mime/index.ts';
import { type FuzzTarget, pieces, randomFrom, seedOf } from './target.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const record = formatKeyRecord(publicKey);
const texts = [
  'DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d=a.test; s=x; i=@b.a.test;\r\n\tt=1; x=2; l=3; h=from:to; bh=AAAA; b=AA\r\n AA\r\nFrom: a@b\r\n\r\nbody\r\n',
  'v=DKIM1; k=ed25519; t=y:s; h=sha256; s=*; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=',
  'From: a@b\r\nSubject : x \t y\r\n z\r\n\r\n a \t\r\n\r\n',
];

/** Any record and any mail is read without a throw; bodies have the same hash however they are cut; what we sign of it holds. */
export const dkim: FuzzTarget = {
  name: 'dkim',
  words: [
    'DKIM-Signature:',
    'v=1;',
    'a=rsa-sha256;',
    'c=',
    'relaxed',
    'simple',
    '/',
    'd=',
    's=',
    'h=',
    'from',
    ':',
    'bh=',
    'b=',
    'l=',
    'x=',
    'p=',
    ';',
    '=',
    '\r\n',
    '\r',
    '\n',
    ' ',
    '\t',
    'From:',
    '\x80',
  ],
  seeds: texts.map((text) => Buffer.from(text, 'latin1')),
  run(input) {
    const read = parseKeyRecord(input.toString('latin1')).kind;
    const section = readHeaders([input]);
    const body = input.subarray(section.bytes);
    const kinds = readSignatures(section, 4).map((answer) => {
      if (answer.kind !== 'signature') return answer.why;
      const evidence = { section, body: hashOf([body]), records: [record, input.toString('latin1')], now: 1 };
      return verifySignature(answer.signature, evidence).why;
    });
    const hash = hashOf([body]);
    assert.deepEqual(hashOf(pieces(body, randomFrom(seedOf(input)))), hash);
    assert.equal(verdictOf(input, signedField(input, hash.hash)), 'pass');
    return `${read} ${kinds.join()}`;
  },
};

function hashOf(parts: readonly Buffer[]) {
  const hash = new BodyHash('relaxed');
  for (const part of parts) hash.push(part);
  return hash.end();
}

function signedField(mail: Buffer, bodyHash: Buffer): Buffer {
  const signer = { algorithm: 'ed25519-sha256', domain: 'acme.test', selector: 'one', at: 1 } as const;
  const unsigned = prepareSignature(readHeaders([mail]), bodyHash, signer);
  return unsigned.finish(sign(null, unsigned.octets, privateKey));
}

function verdictOf(mail: Buffer, field: Buffer): string {
  // Each mail of ours begins with the Received field of its acceptance; what begins otherwise is read otherwise behind a field.
  // What is at a bound of the reader is over it with one field more.
  const { fields, complete } = readHeaders([mail]);
  if (fields[0]?.from !== 0 || !complete || fields.length > 150) return 'pass';
  const section = readHeaders([Buffer.concat([field, mail])]);
  const [answer] = readSignatures(section, 1);
  assert(answer?.kind === 'signature', 'what we wrote can not be read');
  const body = hashOf([section.source.subarray(section.bytes)]);
  return verifySignature(answer.signature, { section, body, records: [record], now: 1 }).result;
}
