import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { endOfData, formatReply, SmtpStepper, type Step, stuff } from './index.ts';

const bodyBytesMax = 200_000;

/** Plays a session that agrees to everything, and writes down what it saw, chunks of one body joined. */
function play(pieces: readonly Buffer[], max: number = bodyBytesMax): string[] {
  const stepper = new SmtpStepper({ bodyBytesMax: max });
  const seen: string[] = [];
  let body = '';
  for (const piece of pieces) {
    stepper.feed(piece);
    for (let step = stepper.next(); step.kind !== 'hungry'; step = stepper.next()) {
      if (step.kind === 'chunk') {
        body += step.bytes.toString('latin1');
        continue;
      }
      // The content of a refused body is void, so it is not compared.
      if (step.kind === 'end') seen.push(`body ${JSON.stringify(body)}`);
      body = '';
      seen.push(tell(step));
      obey(stepper, step);
    }
    assert(stepper.buffered() <= 12_288, `${stepper.buffered()} octets are kept`);
  }
  return seen;
}

function obey(stepper: SmtpStepper, step: Step): void {
  if (step.kind !== 'command') return;
  if (step.command.verb === 'DATA') stepper.expectData();
  if (step.command.verb === 'BDAT') stepper.expectChunk(step.command.size, step.command.last);
  if (step.command.verb === 'AUTH' && step.command.initial === null) stepper.expectAuth();
}

function tell(step: Step): string {
  if (step.kind === 'refuse') return `${step.hangUp ? 'hang up ' : ''}${formatReply(step.reply).trim()}`;
  if (step.kind === 'command') return JSON.stringify(step.command);
  return JSON.stringify(step);
}

function say(...lines: readonly string[]): Buffer {
  return Buffer.from(lines.join(''), 'latin1');
}

function body(text: string): string[] {
  return play([say('DATA\r\n', text, 'NOOP\r\n')]).slice(1);
}

const noop = '{"verb":"NOOP","text":""}';
const bare = '554 5.6.0 The message has a line that does not end with CR and LF together; correct the sending program';

test('RFC 2920 §3.1: pipelined commands come out one by one, in order', () => {
  const seen = play([say('EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nhello\r\n.\r\nQUIT\r\n')]);
  assert.equal(seen.length, 7);
  assert.deepEqual(seen.slice(3), ['{"verb":"DATA"}', 'body "hello\\r\\n"', '{"kind":"end"}', '{"verb":"QUIT"}']);
});

test('RFC 5321 §4.5.2: one leading dot is taken off each line, a lone dot ends the body', () => {
  assert.deepEqual(body('..\r\na\r\n..b\r\n.c\r\n.\r\n'), [
    'body ".\\r\\na\\r\\n.b\\r\\nc\\r\\n"',
    '{"kind":"end"}',
    noop,
  ]);
});

test('RFC 5321 §4.1.1.4: a body may be empty', () => {
  assert.deepEqual(body('.\r\n'), ['body ""', '{"kind":"end"}', noop]);
});

for (const fake of ['\n.\n', '\n.\r\n', '\r\n.\n', '\r.\r', '\r\n.\r', '\r.\r\n', '\r\r\n.\n', '.\n', '.\r.\r\n']) {
  test(`RFC 5321 §4.1.1.4: ${JSON.stringify(fake)} does not end a body, and the body is refused at its true end`, () => {
    const smuggled = `a${fake}MAIL FROM:<evil@x>\r\nDATA\r\nb\r\n.\r\n`;
    assert.deepEqual(body(smuggled), [bare, noop]);
    assert.deepEqual(body(`\r\n${smuggled}`), [bare, noop]);
  });
}

test('RFC 5321 §2.3.8: a bare CR or LF anywhere in a body refuses it', () => {
  for (const text of ['a\nb\r\n', 'a\rb\r\n', '\n\r\n', 'a\r\r\n', 'a\r\n\nb\r\n', '\r\r\n']) {
    assert.deepEqual(body(`${text}.\r\n`), [bare, noop], JSON.stringify(text));
  }
});

test('RFC 5321 §4.1.1.4: a condemned body does not end behind a bare LF either, wherever it is cut', () => {
  const text = 'DATA\r\na\nb\n.\r\nMAIL FROM:<evil@x>\r\n.\r\nNOOP\r\n';
  for (let at = 0; at <= text.length; at++) {
    assert.deepEqual(play([say(text.slice(0, at)), say(text.slice(at))]).slice(1), [bare, noop], `cut at ${at}`);
  }
});

test('RFC 3030 §3: NUL needs BINARYMIME, which is not offered', () => {
  assert.match(body('a\0b\r\n.\r\n')[0] ?? '', /^554 5\.6\.0 .*NUL/);
});

test('RFC 3030 §2: chunks are counted, dots in them are content', () => {
  const seen = play([say('BDAT 5\r\n.\r\n.aBDAT 3\r\n\r\nbBDAT 0 LAST\r\nNOOP\r\n')]);
  assert.deepEqual(seen, [
    '{"verb":"BDAT","size":5,"last":false}',
    'body ".\\r\\n.a"',
    '{"kind":"end"}',
    '{"verb":"BDAT","size":3,"last":false}',
    'body "\\r\\nb"',
    '{"kind":"end"}',
    '{"verb":"BDAT","size":0,"last":true}',
    'body ""',
    '{"kind":"end"}',
    noop,
  ]);
});

test('RFC 3030 §2: CR and LF may stand in two chunks, but a CR at the very end is bare', () => {
  assert.equal(play([say('BDAT 2\r\na\rBDAT 1 LAST\r\n\n')]).at(-1), '{"kind":"end"}');
  assert.equal(play([say('BDAT 2\r\na\rBDAT 1 LAST\r\nb')]).at(-1), bare);
  assert.equal(play([say('BDAT 2 LAST\r\na\r')]).at(-1), bare);
});

test('RFC 3030 §2: a fault stays with the message, and ends with the next MAIL', () => {
  const seen = play([say('BDAT 1\r\n\nBDAT 1 LAST\r\naMAIL FROM:<>\r\nBDAT 1 LAST\r\na')]);
  assert.deepEqual([seen[1], seen[3], seen.at(-1)], [bare, bare, '{"kind":"end"}']);
  const reset = play([say('BDAT 2\r\n\n\rRSET\r\nMAIL FROM:<>\r\nBDAT 1 LAST\r\na')]);
  assert.equal(reset.at(-1), '{"kind":"end"}');
});

test('RFC 3030 §2: after a BDAT that can not be read nothing more is read', () => {
  assert.deepEqual(play([say('BDAT ten\r\nMAIL FROM:<evil@x>\r\n')]).length, 1);
});

test('RFC 1870 §6.3: a body over the size is read to its end and refused, and the dialogue goes on', () => {
  const seen = play([say('DATA\r\n', `${'x'.repeat(76)}\r\n`.repeat(3000), '.\r\nNOOP\r\n')]);
  assert.deepEqual(seen.slice(1), ['552 5.3.4 The message is too large; at most 200000 octets are accepted', noop]);
});

test('B3: a condemned body is not read for ever', () => {
  const stepper = new SmtpStepper({ bodyBytesMax: 10 });
  stepper.expectData();
  const flood = Buffer.alloc(1024 * 1024, 'x');
  let step: Step = { kind: 'hungry' };
  for (let i = 0; i < 70 && step.kind === 'hungry'; i++) {
    stepper.feed(flood);
    do step = stepper.next();
    while (step.kind === 'chunk');
  }
  assert.deepEqual([step.kind, step.kind === 'refuse' && step.hangUp, stepper.buffered()], ['refuse', true, 0]);
});

test('B3: a BDAT beyond all bounds is refused before it is read', () => {
  assert.match(play([say('BDAT 999999999999\r\n')]).at(-1) ?? '', /^hang up 552 5\.3\.4/);
});

test('RFC 5321 §4.5.3.1.4: an overlong line is refused once, and what follows it is read', () => {
  const seen = play([say('NOOP ', 'n'.repeat(9000), '\r\nNOOP\r\n')]);
  assert.deepEqual(seen, ['500 5.5.2 Line too long; shorten it and send it again', noop]);
});

test('B3: a line without end is hung up on', () => {
  assert.deepEqual(play(Array.from({ length: 20 }, () => say('n'.repeat(9000)))).length, 1);
});

test('RFC 5321 §2.3.8: after a line that ended with a bare LF nothing more is read', () => {
  assert.match(play([say('MAIL FROM:<a@b>\nRCPT TO:<c@d>\r\nDATA\r\n')]).join(), /^hang up 500 5\.5\.2 Lines must end/);
});

test('RFC 4954 §4: the answer to a challenge comes as it stands', () => {
  const seen = play([say('AUTH LOGIN\r\nYWxpY2U=\r\nNOOP\r\n')]);
  assert.deepEqual(seen.slice(1), ['{"kind":"line","text":"YWxpY2U="}', noop]);
  const long = play([say('AUTH LOGIN\r\n', 'A'.repeat(13_000), '\r\nNOOP\r\n')]);
  assert.deepEqual(long.slice(1), ['500 5.5.6 Authentication line too long', noop]);
});

test('RFC 3207 §4.2: what came before TLS is forgotten', () => {
  const stepper = new SmtpStepper({ bodyBytesMax });
  stepper.feed(say('STARTTLS\r\nMAIL FROM:<evil@x>\r\n'));
  stepper.next();
  assert(stepper.buffered() > 0);
  stepper.discard();
  assert.deepEqual([stepper.buffered(), stepper.next().kind], [0, 'hungry']);
});

test('H3: body octets are views of what was fed', () => {
  const stepper = new SmtpStepper({ bodyBytesMax });
  stepper.expectData();
  const fed = say('hello\r\nworld\r\n.\r\n');
  stepper.feed(fed);
  const step = stepper.next();
  assert(step.kind === 'chunk' && step.bytes.buffer === fed.buffer);
});

const hostile = readFileSync(new URL('../../../fixtures/hostile/smtp-lines.tsv', import.meta.url), 'utf8')
  .split('\n')
  .filter((row) => row !== '' && !row.startsWith('#'))
  .map((row) => row.split('\t'));

function unescaped(text: string): Buffer {
  const plain = text.replace(/\\(?:\{(\d+):(.)\}|x([0-9a-f]{2})|(.))/g, (_, count, filler, hex, letter) => {
    if (count !== undefined) return filler.repeat(Number(count));
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    return ({ r: '\r', n: '\n', t: '\t' } as Record<string, string>)[letter] ?? letter;
  });
  return Buffer.from(plain, 'latin1');
}

for (const [line = '', expected = ''] of hostile) {
  test(`M1: ${line} is answered ${expected}`, () => {
    const [first = ''] = play([unescaped(line)]);
    assert.equal(first.startsWith('{') ? 'ok' : first.replace('hang up ', '').slice(0, 3), expected, first);
  });
}

const octets: fc.Arbitrary<string> = fc
  .array(
    fc.constantFrom(
      '\r\n',
      '.',
      '\r',
      '\n',
      '\r\n.\r\n',
      '\r\n..',
      'a',
      'bc',
      '\0',
      'é',
      'x'.repeat(300),
      'DATA\r\n',
      'BDAT 5\r\n',
      'BDAT 3 LAST\r\n',
      'MAIL FROM:<a@b>\r\n',
      'AUTH LOGIN\r\n',
      'x'.repeat(2100),
      'NOOP ',
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));

function cut(text: string, cuts: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text, 'latin1');
  const places = [...new Set(cuts.map((part) => Math.floor(part * bytes.length)))].sort((a, b) => a - b);
  const bounds = [0, ...places, bytes.length];
  return bounds.slice(1).map((to, i) => bytes.subarray(bounds[i], to));
}

test('RFC 5321 §4.1.1.4: however a stream is cut into pieces, its steps are the same', () => {
  const part = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(octets, fc.array(part, { maxLength: 40 }), (text, cuts) => {
      assert.deepEqual(play(cut(text, cuts), 1000), play([Buffer.from(text, 'latin1')], 1000));
    }),
    { numRuns: 1000 },
  );
});

test('RFC 5321 §4.1.1.4: octet by octet, the steps are the same', () => {
  fc.assert(
    fc.property(octets, (text) => {
      const bytes = Buffer.from(text, 'latin1');
      const single = Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));
      assert.deepEqual(play(single, 1000), play([bytes], 1000));
    }),
    { numRuns: 300 },
  );
});

test('RFC 5321 §4.5.2: what was stuffed comes out as it was, its last line ended', () => {
  const line = fc.constantFrom('.', '..', '', 'a', '.b', 'x.y', 'long '.repeat(40));
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (lines, cuts) => {
      const text = lines.join('\r\n');
      const expected = text.endsWith('\r\n') || text === '' ? text : `${text}\r\n`;
      const seen = play([say('DATA\r\n'), ...stuff(cut(text, cuts)), endOfData]);
      assert.deepEqual(seen.slice(1), [`body ${JSON.stringify(expected)}`, '{"kind":"end"}']);
    }),
  );
});

test('B3: a body of dots is stuffed into few pieces', () => {
  const content = Buffer.from('.\r\n'.repeat(100_000));
  const stuffed = stuff([content]);
  assert(stuffed.length < 5000, `${stuffed.length} pieces`);
  assert.equal(Buffer.concat(stuffed).toString(), '..\r\n'.repeat(100_000));
});
