import assert from 'node:assert/strict';
import {
  formatPlain,
  LoginExchange,
  parsePlain,
  prepareText,
  ScramClient,
  ScramServer,
  scramKeys,
} from '#/codec/sasl/index.ts';
import type { FuzzTarget } from './target.ts';

const secret = { ...scramKeys(Buffer.alloc(32, 1)), salt: Buffer.alloc(16), iterations: 4096 };
const texts = [
  'AGEAYg==',
  'n,,n=user,r=rOprNGfwEbeRWgbNEkqO',
  'y,a=b=2C,n=a=3D,r=12345678',
  'r=abcdefgh12345678,s=AAAA,i=4096',
  'c=biws,r=abcdefgh12345678,p=AAAA',
  'v=AAAA',
];

/** Whatever is said, nothing throws, nobody is let in without a proof, and what is read is read again alike. */
export const sasl: FuzzTarget = {
  name: 'sasl',
  words: [
    'n,,',
    'y,',
    'a=',
    'n=',
    'r=',
    ',',
    '=2C',
    '=3D',
    '=',
    's=',
    'i=4096',
    'c=biws',
    'p=',
    'v=',
    '\0',
    'abcdefgh',
    '\xc2\xad',
    '\xe3\x81\x82',
  ],
  seeds: texts.map((text) => Buffer.from(text)),
  run(input) {
    const text = input.toString('utf8');
    const plain = parsePlain(text);
    if (plain !== null) assert.deepEqual(parsePlain(formatPlain(plain)), plain);
    const login = new LoginExchange();
    const asked = login.begin(text).kind;
    const prepared = prepareText(text);
    const server = new ScramServer();
    const first = server.first(text);
    if (first !== null) server.challenge(secret, 'abcdefgh');
    assert.equal(server.final(text), null);
    const client = new ScramClient('user', 'abcdefgh');
    const challenged = client.challenge(text);
    assert.equal(client.verify(text), false);
    return `${plain !== null} ${asked} ${prepared !== null} ${first !== null} ${challenged !== null}`;
  },
};
