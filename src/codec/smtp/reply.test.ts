import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatReply, parseCapabilities, type Reply, ReplyParser, type ReplyStep, replies, reply } from './index.ts';

function parse(...pieces: readonly string[]): ReplyStep[] {
  const parser = new ReplyParser();
  const steps: ReplyStep[] = [];
  for (const piece of pieces) {
    parser.feed(Buffer.from(piece, 'latin1'));
    for (let step = parser.next(); step.kind !== 'hungry'; step = parser.next()) {
      steps.push(step);
      if (step.kind === 'malformed') return steps;
    }
  }
  return steps;
}

const everyReply: readonly Reply[] = Object.values(replies).map((entry) =>
  typeof entry === 'function' ? (entry as (argument: string, more: readonly string[]) => Reply)('x', ['DSN']) : entry,
);

test('M3: every reply names a code, an enhanced code of its class, and fits one line', () => {
  assert(everyReply.length > 60);
  for (const answer of everyReply) {
    const text = formatReply(answer);
    assert.match(text, /^(?:[2-5][0-9]{2}[ -][ -~]+\r\n)+$/, text);
    assert.equal(text.split('\r\n').length - 1, answer.lines.length, text);
    if (answer.enhanced !== null) assert.equal(answer.enhanced[0], String(answer.code)[0], text);
  }
});

test('RFC 5321 §4.2: an acceptance reads as the contract has it', () => {
  assert.equal(formatReply(replies.accepted('0123')), '250 2.0.0 Ok: queued as 0123\r\n');
  assert.equal(
    formatReply(replies.ehloReply('mx.example', ['SIZE 1', 'DSN'])),
    '250-mx.example\r\n250-SIZE 1\r\n250 DSN\r\n',
  );
});

test('RFC 5321 §4.5.3.1.5: a long line goes on in the next, each within 512 octets', () => {
  const lines = formatReply(reply(550, '5.7.1', 'word '.repeat(300))).split('\r\n');
  assert.equal(lines.pop(), '');
  assert(lines.length > 2 && lines.every((line) => line.length <= 510));
  assert(lines.slice(0, -1).every((line) => line.startsWith('550-5.7.1 ')) && lines.at(-1)?.startsWith('550 5.7.1 '));
});

test('B3: a reply of ours stays one that a peer can read, whatever a rule says in it', () => {
  const [step] = parse(formatReply(reply(550, '5.7.1', 'word '.repeat(50_000))));
  assert(step?.kind === 'reply' && step.reply.lines.length === 64);
});

test('RFC 5321 §4.2.1: nothing in a reply can end its line', () => {
  assert.equal(formatReply(reply(550, null, 'a\r\n250 ok\u0000é')), '550 a??250 ok??\r\n');
});

test('RFC 5321 §4.2: a formatted reply is parsed as it was', () => {
  const line = fc.stringMatching(/^[!-~][ -~]{0,80}$/).map((text) => `t${text.trim().replace(/ +/g, ' ')}`);
  const code = fc.constantFrom(220, 250, 354, 421, 450, 550, 554);
  fc.assert(
    fc.property(
      code,
      fc.constantFrom(null, '1.1', '7.30'),
      fc.array(line, { minLength: 1, maxLength: 9 }),
      (number, detail, lines) => {
        const enhanced = detail === null || number === 354 ? null : `${String(number)[0]}.${detail}`;
        const [step] = parse(formatReply(reply(number, enhanced, ...lines)));
        assert.deepEqual(step, { kind: 'reply', reply: { code: number, enhanced, lines } });
      },
    ),
  );
});

test('RFC 5321 §4.2: however replies are cut into pieces, they are the same', () => {
  const text = '250-a\r\n250-b\r\n250 c\r\n550 5.1.1 no\r\n221\r\nnonsense\r\n';
  fc.assert(
    fc.property(fc.nat(text.length), fc.nat(text.length), (a, b) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      assert.deepEqual(parse(text.slice(0, from), text.slice(from, to), text.slice(to)), parse(text));
    }),
  );
});

test('RFC 2034 §4: an enhanced code of another class means nothing', () => {
  const [step] = parse('550 2.1.5 odd\r\n');
  assert.deepEqual(step, { kind: 'reply', reply: { code: 550, enhanced: null, lines: ['2.1.5 odd'] } });
});

test('B3: replies without bound are malformed', () => {
  for (const text of [
    '250-x\r\n'.repeat(300),
    `250 ${'x'.repeat(9000)}`,
    '250-a\r\n550 b\r\n',
    '999 x\r\n',
    'HTTP/1.1 400\r\n',
  ]) {
    assert.equal(parse(text).at(-1)?.kind, 'malformed', text.slice(0, 20));
  }
});

test('RFC 3464 §2.3.6: controls of a peer become blanks', () => {
  const [step] = parse('550 a\tb\x1b[31m\r\n');
  assert.deepEqual(step?.kind === 'reply' && step.reply.lines, ['a b [31m']);
});

test('RFC 5321 §4.1.1.1: capabilities are read in any case, unknown ones ignored', () => {
  const peer = parseCapabilities({
    code: 250,
    enhanced: null,
    lines: [
      'mx',
      'size 1000',
      'Pipelining',
      'AUTH PLAIN LOGIN',
      'AUTH=LOGIN',
      'X-ODD',
      'LIMITS RCPTMAX=50 MAILMAX=x RCPTDOMAINMAX=1',
    ],
  });
  assert.deepEqual([peer.size, peer.pipelining, peer.auth, peer.chunking], [1000, true, ['PLAIN', 'LOGIN'], false]);
  assert.deepEqual(peer.limits, { rcptMax: 50, rcptDomainMax: 1 });
});
