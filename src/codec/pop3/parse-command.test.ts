import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Command, parseCommand, type Reply, replies } from './index.ts';

const READ: readonly (readonly [string, Command])[] = [
  ['CAPA', { verb: 'CAPA' }],
  ['quit ', { verb: 'QUIT' }],
  ['Stat', { verb: 'STAT' }],
  ['USER alice@acme.test', { verb: 'USER', name: 'alice@acme.test' }],
  ['user  驚き ', { verb: 'USER', name: '驚き' }],
  ['PASS  two  blanks ', { verb: 'PASS', password: ' two  blanks ' }],
  ['AUTH plain', { verb: 'AUTH', mechanism: 'PLAIN', initial: null }],
  ['AUTH PLAIN AGEAYg==', { verb: 'AUTH', mechanism: 'PLAIN', initial: 'AGEAYg==' }],
  ['AUTH PLAIN =', { verb: 'AUTH', mechanism: 'PLAIN', initial: '' }],
  ['LIST', { verb: 'LIST', message: null }],
  ['LIST 7', { verb: 'LIST', message: 7 }],
  ['UIDL 007', { verb: 'UIDL', message: 7 }],
  ['RETR 1', { verb: 'RETR', message: 1 }],
  ['DELE 0', { verb: 'DELE', message: 0 }],
  ['TOP 3 0', { verb: 'TOP', message: 3, lines: 0 }],
  ['TOP  3   10 ', { verb: 'TOP', message: 3, lines: 10 }],
];

for (const [line, command] of READ) {
  test(`RFC 1939 §3: ${JSON.stringify(line)} is read`, () => {
    assert.deepEqual(parseCommand(line), { kind: 'command', command });
  });
}

const REFUSED: readonly (readonly [string, Reply])[] = [
  ['', replies.unknownCommand],
  [' STAT', replies.unknownCommand],
  ['LAST', replies.unknownCommand],
  ['constructor', replies.unknownCommand],
  ['__proto__ 1', replies.unknownCommand],
  ['APOP mrose c4c9334bac560ecc979e58001b3e22fb', replies.apopNotOffered],
  ['STAT 1', replies.noArgument],
  ['USER', replies.nameMissing],
  ['USER  ', replies.nameMissing],
  ['PASS', replies.passwordMissing],
  ['AUTH', replies.mechanismMissing],
  ['AUTH PLAIN a b', replies.initialMalformed],
  ['LIST one', replies.numberMissing],
  ['RETR', replies.numberMissing],
  ['RETR -1', replies.numberMissing],
  ['RETR 1 2', replies.numberMissing],
  ['RETR 1e3', replies.numberMissing],
  ['DELE 99999999999', replies.numberMissing],
  ['TOP 1', replies.topArguments],
  ['TOP 1 -1', replies.topArguments],
  ['TOP 1 2 3', replies.topArguments],
];

for (const [line, reply] of REFUSED) {
  test(`RFC 1939 §3: ${JSON.stringify(line)} is refused with what to do`, () => {
    assert.deepEqual(parseCommand(line), { kind: 'refuse', reply, hangUp: false });
  });
}

test('B3: a browser that was sent here by a web page is sent away', () => {
  const reply = replies.notAWebServer;
  assert.deepEqual(parseCommand('POST /x HTTP/1.1'), { kind: 'refuse', reply, hangUp: true });
});
