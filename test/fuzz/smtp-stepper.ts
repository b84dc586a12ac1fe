import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { formatReply, SmtpStepper, type Step } from '#/codec/smtp/index.ts';
import { type FuzzTarget, octetByOctet, pieces, randomFrom, seedOf } from './target.ts';

const lineBytesMax = 12_288;
const hostile = readFileSync(new URL('../../fixtures/hostile/smtp-lines.tsv', import.meta.url), 'latin1');
const lines = hostile
  .split('\n')
  .filter((row) => row !== '' && !row.startsWith('#') && !row.includes('\\{'))
  .map((row) => (row.split('\t')[0] ?? '').replaceAll('\\r', '\r').replaceAll('\\n', '\n').replaceAll('\\x', '%x'));

const dialogues: readonly string[] = [
  'EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nA: b\r\n\r\n..c\r\n.\r\nQUIT\r\n',
  'MAIL FROM:<>\r\nRCPT TO:<c@d>\r\nBDAT 5\r\nab\r\n.BDAT 4 LAST\r\n\r\n.\nRSET\r\n',
  'AUTH LOGIN\r\nYQ==\r\nAUTH PLAIN =\r\nDATA\r\na\n.\nb\r\n.\r\nNOOP\r\n',
];

/** However the stream is cut, the steps are the same; nothing beyond a line is kept; each step moves on; no throw. */
export const smtpStepper: FuzzTarget = {
  name: 'smtp-stepper',
  words: [
    '\r\n',
    '\r\n.\r\n',
    '\n.\n',
    '\r',
    '\n',
    '.',
    '\0',
    '\x16',
    'DATA\r\n',
    'BDAT 7\r\n',
    'BDAT 2 LAST\r\n',
    'MAIL FROM:<a@b>',
    'RCPT TO:',
    'AUTH PLAIN\r\n',
    'RSET\r\n',
    ' SIZE=',
    ' BODY=8BITMIME',
    ' NOTIFY=',
    ' ORCPT=rfc822;',
    '"',
    '<',
    '>',
    '\xe3\x81\x82',
    ...lines,
  ],
  seeds: dialogues.map((text) => Buffer.from(text, 'latin1')),
  run(input) {
    const whole = play([input]);
    assert.deepEqual(play(pieces(input, randomFrom(seedOf(input)))), whole);
    if (input.length < 300) assert.deepEqual(play(octetByOctet(input)), whole);
    return whole
      .map((line) => line.slice(0, 12))
      .join()
      .slice(0, 200);
  },
};

function play(fed: readonly Buffer[]): string[] {
  const stepper = new SmtpStepper({ bodyBytesMax: 500 });
  const seen: string[] = [];
  let body = '';
  let steps = 0;
  for (const piece of fed) {
    stepper.feed(piece);
    for (let step = stepper.next(); step.kind !== 'hungry'; step = stepper.next()) {
      assert(++steps < 100_000, 'the steps have no end');
      if (step.kind === 'chunk') body += step.bytes.toString('latin1');
      else {
        if (step.kind === 'end') checkBody(body);
        seen.push(step.kind === 'end' ? `end ${body}` : tell(stepper, step));
        body = '';
      }
    }
    assert(stepper.buffered() <= lineBytesMax, 'more than a line is kept');
  }
  return seen;
}

function checkBody(body: string): void {
  assert(body.length <= 500, 'a body over the bound is taken');
  // A BDAT chunk may end or begin inside CRLF; inside, a body that is taken has whole line ends only.
  assert(!/[^\r]\n|\r[^\n]|\0/.test(body), 'a body with a bare line end is taken');
}

function tell(stepper: SmtpStepper, step: Step): string {
  if (step.kind === 'refuse') return `${step.hangUp ? 'closed ' : ''}${formatReply(step.reply)}`;
  if (step.kind !== 'command') return JSON.stringify(step);
  const { command } = step;
  if (command.verb === 'DATA') stepper.expectData();
  if (command.verb === 'BDAT') stepper.expectChunk(command.size, command.last);
  if (command.verb === 'AUTH' && command.initial === null) stepper.expectAuth();
  return JSON.stringify(command);
}
