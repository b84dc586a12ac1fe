import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Pop3Stepper, replies, type Step } from './index.ts';

/** All steps, SASL expected behind AUTH without a first answer. */
function steps(pieces: readonly Buffer[]): Step[] {
  const stepper = new Pop3Stepper();
  const seen: Step[] = [];
  for (const piece of pieces) {
    stepper.feed(piece);
    for (let step = stepper.next(); step.kind !== 'hungry'; step = stepper.next()) {
      if (step.kind === 'command' && step.command.verb === 'AUTH' && step.command.initial === null)
        stepper.expectSasl();
      seen.push(step);
    }
    assert.ok(stepper.buffered() <= 12_288, 'more than a line is kept');
  }
  return seen;
}

function verbs(text: string): string[] {
  return steps([Buffer.from(text)]).map((step) => (step.kind === 'command' ? step.command.verb : step.kind));
}

test('RFC 1939 §3: a line ends with CRLF, or with LF where somebody types', () => {
  assert.deepEqual(verbs('STAT\r\nNOOP\nLIST\r\n'), ['STAT', 'NOOP', 'LIST']);
  assert.deepEqual(verbs('STAT'), []);
  assert.deepEqual(verbs('NO\rOP\r\nNOOP \0\r\nSTAT\r\n'), ['refuse', 'refuse', 'STAT']);
});

test('RFC 6856 §2.2: what is not ASCII is UTF-8', () => {
  assert.deepEqual(verbs('USER 驚き\r\n'), ['USER']);
  const [step] = steps([Buffer.from('PASS \xff\r\n', 'latin1')]);
  assert.deepEqual(step, { kind: 'refuse', reply: replies.notUtf8, hangUp: false });
});

test('RFC 5034 §4: the answer to a challenge is a line of its own, and may be long', () => {
  const answer = 'A'.repeat(12_000);
  assert.deepEqual(steps([Buffer.from(`AUTH PLAIN\r\n${answer}\r\nSTAT\r\n`)]).slice(1), [
    { kind: 'line', text: answer },
    { kind: 'command', command: { verb: 'STAT' } },
  ]);
  assert.deepEqual(verbs(`AUTH PLAIN ${answer}\r\n`), ['AUTH']);
});

test('B3: a line that is too long is refused once, at its end; one without end ends the dialogue', () => {
  assert.deepEqual(verbs(`NOOP ${'x'.repeat(2_000)}\r\nSTAT\r\n`), ['refuse', 'STAT']);
  const [step, ...more] = steps(Array.from({ length: 80 }, () => Buffer.alloc(1_000, 'x')));
  assert.deepEqual(step, { kind: 'refuse', reply: replies.lineTooLong, hangUp: true });
  assert.deepEqual(more, []);
});

test('B3: a TLS handshake in the clear is told where it belongs', () => {
  const [step] = steps([Buffer.from('16030100', 'hex')]);
  assert.deepEqual(step, { kind: 'refuse', reply: replies.plainTextPort, hangUp: true });
});

test('RFC 2595 §4: what was heard before TLS is forgotten', () => {
  const stepper = new Pop3Stepper();
  stepper.feed(Buffer.from('STLS\r\nUSER mallory\r\n'));
  stepper.next();
  assert.equal(stepper.buffered(), 14);
  stepper.discard();
  assert.deepEqual(stepper.next(), { kind: 'hungry' });
});

test('B3: however a stream is cut, its steps are the same', () => {
  const word = fc.constantFrom(
    'STAT',
    'USER a',
    'AUTH PLAIN',
    'TOP 1 2',
    '\r\n',
    '\n',
    '\r',
    ' ',
    '\x16',
    'x'.repeat(900),
    'é',
  );
  const stream = fc.array(word, { maxLength: 30 }).map((words) => Buffer.from(words.join('')));
  fc.assert(
    fc.property(stream, fc.array(fc.nat(200), { maxLength: 20 }), (octets, cuts) => {
      const bounds = [0, ...cuts.map((cut) => Math.min(cut, octets.length)).sort((a, b) => a - b), octets.length];
      const pieces = bounds.slice(1).map((to, i) => octets.subarray(bounds[i], to));
      assert.deepEqual(steps(pieces), steps([octets]));
      assert.deepEqual(steps(Array.from(octets, (_, i) => octets.subarray(i, i + 1))), steps([octets]));
    }),
    { numRuns: 200 },
  );
});
