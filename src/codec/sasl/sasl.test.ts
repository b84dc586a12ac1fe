import assert from 'node:assert/strict';
import { pbkdf2Sync } from 'node:crypto';
import { test } from 'node:test';
import {
  encodeBase64,
  formatPlain,
  LoginExchange,
  parsePlain,
  prepareText,
  ScramClient,
  type ScramSecret,
  ScramServer,
  scramKeys,
} from './index.ts';

test('RFC 4616 §4: PLAIN is read as it was written', () => {
  const credentials = { authorizeAs: 'Ursel', user: 'Kurt', password: 'xipj3plmq' };
  assert.deepEqual(parsePlain(formatPlain(credentials)), credentials);
  assert.deepEqual(parsePlain(formatPlain(credentials).replace(/=+$/, '')), credentials);
});

test('RFC 4616 §2: what is not three parts in base64 is malformed', () => {
  for (const text of [
    '',
    '*',
    '!!!!',
    encodeBase64('a\0b'),
    encodeBase64('\0\0p'),
    encodeBase64('\0u\0'),
    encodeBase64('a\0b\0c\0d'),
  ]) {
    assert.equal(parsePlain(text), null, text);
  }
});

test('M1: LOGIN asks twice, or once where the name came along', () => {
  const exchange = new LoginExchange();
  assert.deepEqual(exchange.begin(null), { kind: 'ask', challenge: 'VXNlcm5hbWU6' });
  assert.deepEqual(exchange.answer(encodeBase64('alice')), { kind: 'ask', challenge: 'UGFzc3dvcmQ6' });
  const done = { kind: 'credentials', user: 'alice', password: 'paper jam' } as const;
  assert.deepEqual(exchange.answer(encodeBase64('paper jam')), done);
  const short = new LoginExchange();
  short.begin(encodeBase64('alice'));
  assert.deepEqual(short.answer(encodeBase64('paper jam')), done);
  assert.deepEqual(new LoginExchange().begin('%'), { kind: 'malformed' });
});

test('RFC 4013 §3: the examples of SASLprep', () => {
  assert.equal(prepareText('I\u00adX'), 'IX');
  assert.equal(prepareText('USER'), 'USER');
  assert.equal(prepareText('\u00aa'), 'a');
  assert.equal(prepareText('\u2168'), 'IX');
  assert.equal(prepareText('\u0007'), null);
});

// RFC 7677 §3: the example exchange.
const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
const salted = pbkdf2Sync('pencil', salt, 4096, 32, 'sha256');
const secret: ScramSecret = { ...scramKeys(salted), salt, iterations: 4096 };
const clientFirst = 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO';
const serverNonce = '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
const serverFirst = `r=rOprNGfwEbeRWgbNEkqO${serverNonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`;
const clientFinal = `c=biws,r=rOprNGfwEbeRWgbNEkqO${serverNonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`;
const serverFinal = 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=';

test('RFC 7677 §3: the server side of the example', () => {
  const server = new ScramServer();
  assert.deepEqual(server.first(clientFirst), { user: 'user', authorizeAs: '' });
  assert.equal(server.challenge(secret, serverNonce), serverFirst);
  assert.equal(server.final(clientFinal), serverFinal);
});

test('RFC 7677 §3: the client side of the example', () => {
  const client = new ScramClient('user', 'rOprNGfwEbeRWgbNEkqO');
  assert.equal(client.first(), clientFirst);
  assert.deepEqual(client.challenge(serverFirst), { salt, iterations: 4096 });
  assert.equal(client.final(salted), clientFinal);
  assert.equal(client.verify(serverFinal), true);
  assert.equal(client.verify('v=AAAA'), false);
  assert.equal(client.verify('e=other-error'), false);
});

function serverAfterChallenge(): ScramServer {
  const server = new ScramServer();
  server.first(clientFirst);
  server.challenge(secret, serverNonce);
  return server;
}

test('RFC 5802 §5.1: a wrong proof, nonce or binding is refused', () => {
  for (const [from, to] of [
    ['dHzb', 'dHzc'],
    ['FIlj', 'FIlk'],
    ['biws', 'eSws'],
    [',p=', ',x=y,p='],
  ] as const) {
    assert.equal(serverAfterChallenge().final(clientFinal.replace(from, to)), null, to);
  }
  assert.equal(new ScramServer().final(clientFinal), null);
});

test('RFC 5802 §7: channel binding and malformed first messages are refused', () => {
  for (const message of [
    'p=tls-unique,,n=user,r=abcdefgh',
    'n,,n=,r=abcdefgh',
    'n,,m=x,n=u,r=abcdefgh',
    'n,,n=a=b,r=abcdefgh',
    'n,,n=u,r=a',
    '',
  ]) {
    assert.equal(new ScramServer().first(message), null, message);
  }
  assert.deepEqual(new ScramServer().first('y,a=bo=2Css,n=a=3Db,r=abcdefgh'), { user: 'a=b', authorizeAs: 'bo,ss' });
});

test('RFC 7677 §4: a server that asks for too few or too many rounds, or keeps our nonce, is not followed', () => {
  const client = new ScramClient('user', 'rOprNGfwEbeRWgbNEkqO');
  assert.equal(client.challenge(serverFirst.replace('i=4096', 'i=100')), null);
  assert.equal(client.challenge(serverFirst.replace('i=4096', 'i=9999999')), null);
  assert.equal(client.challenge('r=rOprNGfwEbeRWgbNEkqO,s=AAAA,i=4096'), null);
  assert.equal(client.challenge('r=somebodyelse,s=AAAA,i=4096'), null);
});
