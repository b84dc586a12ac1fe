/** Milters as they talk: what each is told, and what its answers come to. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { fakeServer, judge, letter, toPort } from '#/testkit/hooks/index.ts';
import { STEPS } from './packets.ts';

const RULES = [{ name: 'milter', when: { hooks: 'beside' }, action: { hold: { atEnd: 'expire' } } }];
const MAIL = Buffer.from(
  'From: alice@acme.test\r\nTO : taro@example.test\r\nSubject: folded\r\n\tline\r\n\r\nline one\r\n.line two\r\n',
);

type Says = (letter: string, data: Buffer) => readonly (readonly [letter: string, data?: string])[];
const CONTINUE: Says = () => [['c']];

function framed(letter: string, data: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(data.length + 1);
  head.write(letter, 4, 'latin1');
  return Buffer.concat([head, data]);
}

/** A milter that wants these steps, and answers as it is told. What it hears is kept. */
async function milterThat(says: Says, steps = 0, version = 6) {
  const heard: [string, string][] = [];
  const answer = (socket: Socket, letter: string, data: Buffer): void => {
    heard.push([letter, data.toString('latin1').replaceAll('\0', '|')]);
    if (letter === 'Q') socket.end();
    else if (letter === 'O') {
      const offer = Buffer.alloc(12);
      offer.writeUInt32BE(version);
      offer.writeUInt32BE(steps, 8);
      socket.write(framed('O', offer));
    } else if (letter !== 'D')
      for (const [one, text = ''] of says(letter, data)) socket.write(framed(one, Buffer.from(text, 'latin1')));
  };
  const server = await fakeServer((socket) => {
    let rest = Buffer.alloc(0);
    socket.on('data', (piece: Buffer) => {
      rest = Buffer.concat([rest, piece]);
      while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
        const end = 4 + rest.readUInt32BE(0);
        answer(socket, rest.toString('latin1', 4, 5), rest.subarray(5, end));
        rest = rest.subarray(end);
      }
    });
  });
  return { ...server, heard };
}

/** Says one thing to one command, and goes on at all others. */
function at(command: string, ...replies: readonly (readonly [letter: string, data?: string])[]): Says {
  return (letter) => (letter === command ? replies : [['c']]);
}

async function opinionOf(says: Says, steps = 0) {
  await using server = await milterThat(says, steps);
  await using inspection = judge('milter', toPort(server.port), RULES);
  const verdict = await inspection.verdict(MAIL);
  return { verdict, heard: server.heard, log: inspection.log.lines };
}

test('H1: a milter hears a mail as a mail server would tell it, step by step', async () => {
  const { verdict, heard } = await opinionOf(CONTINUE, STEPS.headerSpace);
  assert.equal(verdict.kind, 'pass');
  assert.deepEqual(heard.slice(1, 16), [
    ['D', 'Cj|holdfast|'],
    ['C', 'localhost|4||127.0.0.1|'],
    ['H', 'localhost|'],
    ['D', 'Mi|MAIL|{mail_addr}|alice@acme.test|{auth_authen}|alice@acme.test|{auth_type}|PLAIN|'],
    ['M', '<alice@acme.test>|'],
    ['D', 'R{rcpt_addr}|taro@example.test|'],
    ['R', '<taro@example.test>|'],
    ['D', 'Ti|MAIL|'],
    ['T', ''],
    ['L', 'From| alice@acme.test|'],
    ['L', 'TO| taro@example.test|'],
    ['L', 'Subject| folded\n\tline|'],
    ['N', ''],
    ['B', 'line one\r\n.line two\r\n'],
    ['E', ''],
  ]);
});

test('H1: steps that a milter leaves out are left out, and answers that it spares are not waited for', async () => {
  const { noConnect, noHelo, noBody, quietHeader, quietRecipient } = STEPS;
  const says: Says = (letter) => (letter === 'L' || letter === 'R' ? [] : [['c']]);
  const steps = noConnect | noHelo | noBody | quietHeader | quietRecipient;
  const { verdict, heard } = await opinionOf(says, steps);
  assert.equal(verdict.kind, 'pass');
  assert.equal(
    heard
      .map(([letter]) => letter)
      .join('')
      .replace(/Q$/, ''),
    'ODMDRDTLLLNE',
  );
  assert.ok(heard.some(([letter, text]) => letter === 'L' && text === 'From|alice@acme.test|'));
});

for (const [what, says, kind, reason] of [
  ['refuses the mail', at('E', ['r']), 'hold', /it refuses the mail/],
  [
    'refuses it with words',
    at('E', ['y', '550 5.7.1 Spam%% \r\nnext\0']),
    'hold',
    /it refuses the mail \(“550 5\.7\.1 Spam%% next”\)/,
  ],
  ['refuses a recipient', at('R', ['y', '550 5.1.1 Not them\0']), 'hold', /Not them/],
  ['would throw it away', at('N', ['d']), 'hold', /throw the mail away/],
  ['puts it into quarantine', at('E', ['q', 'looks odd\0'], ['c']), 'hold', /put the mail aside \(“looks odd”\)/],
  ['accepts it before it has heard a line of it', at('M', ['a']), 'hold', /could not be read/],
  ['trusts whoever connects', at('C', ['a']), 'hold', /could not be read/],
  ['accepts it for a recipient', at('R', ['a']), 'hold', /could not be read/],
  ['accepts it by its first line', at('L', ['a']), 'pass', /^/],
  ['has seen enough of the body', at('B', ['s']), 'pass', /^/],
  ['takes its time', at('E', ['p'], ['p'], ['a']), 'pass', /^/],
  ['marks it in its header', at('E', ['h', 'X-Spam\0Yes\0'], ['m', '\0\0\0\x01Subject\0***\0'], ['a']), 'pass', /^/],
  ['takes a recipient away', at('E', ['-', '<taro@example.test>\0'], ['a']), 'hold', /takes a recipient away/],
  ['writes another body', at('E', ['b', 'other'], ['a']), 'hold', /another body/],
  ['says not now', at('E', ['t']), 'hold', /could not be read/],
  ['says not now with a code', at('M', ['y', '451 4.7.1 later\0']), 'hold', /could not be read/],
] as const) {
  test(`H1: a milter that ${what}: ${kind}`, async () => {
    const { verdict, log } = await opinionOf(says);
    assert.equal(verdict.kind, kind);
    assert.match(verdict.reason.en, reason);
    const told = log.filter(({ event }) => event === 'inspect.check-unmade');
    assert.equal(told.length, /header|recipient away|another body/.test(what) ? 1 : 0);
  });
}

test('H1: a milter that is to judge by the envelope alone may accept by it, where its settings say so', async () => {
  await using server = await milterThat(at('M', ['a']));
  await using inspection = judge('milter', toPort(server.port), RULES, { acceptsEarly: true });
  assert.equal((await inspection.verdict(MAIL)).kind, 'pass');
});

for (const [what, says, steps, version] of [
  ['wants steps that were not offered', CONTINUE, 1 << 30, 6],
  ['speaks a later version', CONTINUE, 0, 7],
  ['answers what is no answer', at('M', ['?']), 0, 6],
  ['changes the mail before its end', at('M', ['h', 'X\0Y\0']), 0, 6],
  ['answers without an end', at('M', ['y', 'x'.repeat(300_000)]), 0, 6],
] as const) {
  test(`M4: a milter that ${what} has not cleared the mail`, async () => {
    await using server = await milterThat(says, steps, version);
    await using inspection = judge('milter', toPort(server.port), RULES);
    assert.equal((await inspection.verdict(letter('x'))).kind, 'hold');
  });
}
