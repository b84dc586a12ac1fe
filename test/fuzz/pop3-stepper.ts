import assert from 'node:assert/strict';
import { formatReply, MessageBody, Pop3Stepper, type Step } from '#/codec/pop3/index.ts';
import { type FuzzTarget, octetByOctet, pieces, randomFrom, seedOf } from './target.ts';

const lineBytesMax = 12_288;
const dialogues: readonly string[] = [
  'CAPA\r\nSTLS\r\nUSER a\r\nPASS b c\r\nSTAT\r\nLIST\r\nUIDL 1\r\nRETR 1\r\nTOP 1 0\r\nDELE 1\r\nRSET\r\nQUIT\r\n',
  'AUTH PLAIN\r\nAGEAYg==\r\nAUTH PLAIN =\r\nAUTH PLAIN\r\n*\r\nUTF8\r\nNOOP\n',
  'A: b\r\n\r\n.\r\n..x\n.\r\ny',
];

/**
 * However the stream is cut, the steps are the same; nothing beyond a line is kept; no throw. Taken as a message, the same octets have
 * one end on the wire, for a client that takes LF for a line end too.
 */
export const pop3Stepper: FuzzTarget = {
  name: 'pop3-stepper',
  words: [
    '\r\n',
    '\n',
    '\r',
    '.',
    '\n.\r\n',
    '\0',
    '\x16',
    'AUTH PLAIN\r\n',
    'RETR ',
    'TOP 1 ',
    ' HTTP/1.1',
    '\xe3\x81\x82',
    '\xff',
    'x'.repeat(600),
  ],
  seeds: dialogues.map((text) => Buffer.from(text, 'latin1')),
  run(input) {
    const cut = pieces(input, randomFrom(seedOf(input)));
    const whole = play([input]);
    assert.deepEqual(play(cut), whole);
    if (input.length < 300) assert.deepEqual(play(octetByOctet(input)), whole);
    for (const lines of [null, 0, 2]) checkMessage(input, cut, lines);
    return whole
      .map((line) => line.slice(0, 12))
      .join()
      .slice(0, 200);
  },
};

function play(fed: readonly Buffer[]): string[] {
  const stepper = new Pop3Stepper();
  const seen: string[] = [];
  for (const piece of fed) {
    stepper.feed(piece);
    for (let step = stepper.next(); step.kind !== 'hungry'; step = stepper.next()) seen.push(tell(stepper, step));
    assert(stepper.buffered() <= lineBytesMax, 'more than a line is kept');
  }
  return seen;
}

function tell(stepper: Pop3Stepper, step: Step): string {
  if (step.kind === 'refuse') return `${step.hangUp ? 'closed ' : ''}${formatReply(step.reply)}`;
  if (step.kind === 'command' && step.command.verb === 'AUTH' && step.command.initial === null) stepper.expectSasl();
  return JSON.stringify(step);
}

function checkMessage(input: Buffer, cut: readonly Buffer[], lines: number | null): void {
  const written = write([input], lines);
  assert.equal(write(cut, lines), written);
  assert.equal(/(?:^|\n)\.\r?\n/.exec(written)?.index, Math.max(written.length - 4, 0), 'an end before the end');
}

function write(pieces: readonly Buffer[], lines: number | null): string {
  const body = new MessageBody(lines);
  const written: Buffer[] = [];
  for (const piece of pieces) if (!body.full) written.push(...body.push(piece));
  return Buffer.concat([...written, ...body.end()]).toString('latin1');
}
