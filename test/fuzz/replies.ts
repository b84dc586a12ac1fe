import assert from 'node:assert/strict';
import { formatReply, parseCapabilities, ReplyParser, type ReplyStep, reply } from '#/codec/smtp/index.ts';
import { type FuzzTarget, octetByOctet, pieces, randomFrom, seedOf } from './target.ts';

const texts = [
  '220 mx ESMTP\r\n250-mx\r\n250-SIZE 100\r\n250-AUTH=LOGIN\r\n250 LIMITS RCPTMAX=5\r\n',
  '550-5.1.1 no\r\n550 5.1.1 such\r\n',
  '250\r\n421 4.3.2 bye\r\n',
];

/** However the stream is cut, the replies are the same, bounded and on lines of their own; what we format stays one reply. */
export const replies: FuzzTarget = {
  name: 'replies',
  words: [
    '\r\n',
    '\n',
    '250-',
    '250 ',
    '550 5.1.1 ',
    '5.7.1',
    '-',
    '\0',
    '\xff',
    'SIZE ',
    'AUTH ',
    'LIMITS ',
    'RCPTMAX=',
    '=',
  ],
  seeds: texts.map((text) => Buffer.from(text)),
  run(input) {
    const whole = read([input]);
    assert.deepEqual(read(pieces(input, randomFrom(seedOf(input)))), whole);
    if (input.length < 300) assert.deepEqual(read(octetByOctet(input)), whole);
    const again = read([Buffer.from(formatReply(reply(550, '5.7.1', input.toString('utf8'))))]);
    assert.deepEqual([again.length, again[0]?.kind], [1, 'reply']);
    return whole.map(kindOf).join().slice(0, 100);
  },
};

function read(fed: readonly Buffer[]): ReplyStep[] {
  const parser = new ReplyParser();
  const steps: ReplyStep[] = [];
  for (const piece of fed) {
    parser.feed(piece);
    for (let step = parser.next(); step.kind !== 'hungry'; step = parser.next()) {
      steps.push(step);
      if (step.kind === 'malformed') return steps;
      check(step);
    }
    assert(parser.buffered() <= 8193, 'more than a line is kept');
  }
  return steps;
}

function check(step: ReplyStep): void {
  if (step.kind !== 'reply') return;
  parseCapabilities(step.reply);
  assert(
    step.reply.lines.every((line) => !/[\0-\x1f\x7f]/.test(line)),
    'a control passed',
  );
}

function kindOf(step: ReplyStep): string {
  if (step.kind === 'malformed') return step.why;
  return step.kind === 'reply'
    ? `${step.reply.code} ${step.reply.enhanced} ${Math.min(step.reply.lines.length, 3)}`
    : '';
}
