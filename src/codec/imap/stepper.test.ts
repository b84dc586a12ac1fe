import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatReply, ImapStepper, type Step } from './index.ts';

interface Playing {
  readonly stranger?: boolean;
  /** What the session does at a step beside going on. */
  readonly move?: (step: Step, stepper: ImapStepper) => void;
}

/** Plays a session that agrees to everything, and writes down what it saw, chunks of one message joined. */
function play(fed: readonly (string | Buffer)[], { stranger = false, move }: Playing = {}): string[] {
  const stepper = new ImapStepper();
  if (!stranger) stepper.signIn();
  const seen: string[] = [];
  let message = '';
  for (const piece of fed) {
    stepper.feed(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece);
    for (let step = stepper.next(); step.kind !== 'hungry'; step = stepper.next()) {
      if (step.kind === 'chunk') message += step.bytes.toString('latin1');
      else seen.push(step.kind === 'end' ? `message ${JSON.stringify(message)}` : tell(step));
      if (step.kind === 'end') message = '';
      move?.(step, stepper);
    }
  }
  return seen;
}

function tell(step: Step): string {
  switch (step.kind) {
    case 'refuse':
      return `${step.hangUp ? 'hang up ' : ''}${formatReply(step.tag, step.reply).trim()}`;
    case 'command':
      return `${step.tag} ${JSON.stringify(step.command)}`;
    case 'append':
      return `append ${step.bytes} to ${step.mailbox} ${JSON.stringify(step.head)}${step.synchronizing ? ' waits' : ''}`;
    case 'line':
      return `line ${step.text}`;
    default:
      return step.kind;
  }
}

const noop = '{"name":"NOOP"}';
const tooLong = 'BAD [LIMIT] Command too long; send it in several smaller ones';
const unread = 'Begin each command with a tag, a space and the name of the command';

test('RFC 9051 §5.5: pipelined commands come out one by one, in order', () => {
  assert.deepEqual(play(['a NOOP\r\nb CAPABILITY\r\nc LOGOUT\r\n']), [
    `a ${noop}`,
    'b {"name":"CAPABILITY"}',
    'c {"name":"LOGOUT"}',
  ]);
});

test('M1: a lone LF ends a line, and empty lines are passed over', () => {
  assert.deepEqual(play(['a NOOP\n\r\n\nb noop \n']), [`a ${noop}`, `b ${noop}`]);
});

test('RFC 9051 §4.3: a literal that waits is asked for; one that does not is read on', () => {
  assert.deepEqual(play(['a LOGIN {3}\r\n', 'bob {6+}\r\nse\r\ncr\r\n']), [
    'continue',
    'a {"name":"LOGIN","user":"bob","password":"se\\r\\ncr"}',
  ]);
});

test('B3: octets of a literal that look like an announcement announce nothing', () => {
  assert.deepEqual(play(['a LOGIN x {5+}\r\n{99+}\r\nb NOOP\r\n']), [
    'a {"name":"LOGIN","user":"x","password":"{99+}"}',
    `b ${noop}`,
  ]);
  assert.deepEqual(play(['a LOGIN x {1+}\r\n\r\nb NOOP\n']), [
    'a {"name":"LOGIN","user":"x","password":"\\r"}',
    `b ${noop}`,
  ]);
});

test('RFC 7888 §4: a literal of what is no command is not asked for, and passed over where it does not wait', () => {
  assert.deepEqual(play(['a FOO {5}\r\n', 'b FOO {8+}\r\nc NOOP\r\n and {3+}\r\nd N and more {7}\r\ne NOOP\r\n']), [
    'a BAD Command FOO is not known here; ask for CAPABILITY',
    'b BAD Command FOO is not known here; ask for CAPABILITY',
    `e ${noop}`,
  ]);
});

test('RFC 3516 §4.4: ~{n} is for APPEND alone', () => {
  assert.deepEqual(play(['a LOGIN x ~{3+}\r\nabc\r\nb NOOP\r\n']), [
    'a BAD Only APPEND takes a literal with ~; write it without',
    `b ${noop}`,
  ]);
});

test('RFC 9051 §6.3.12: APPEND announces the size before the message comes, and its command comes after it', () => {
  assert.deepEqual(
    play(['a APPEND {5}\r\n', 'Inbox (\\seen $Work) " 1-Feb-2026 09:00:00 +0900" {4}\r\n', 'a\0\r\n', '\r\n']),
    [
      'continue',
      'append 4 to INBOX {"flags":["\\\\Seen","$Work"],"receivedAt":1769904000000} waits',
      'message "a\\u0000\\r\\n"',
      'a {"name":"APPEND","mailbox":"INBOX","mails":[{"flags":["\\\\Seen","$Work"],"receivedAt":1769904000000}]}',
    ],
  );
});

test('RFC 6855 §4: a message may stand in UTF8 (…)', () => {
  const seen = play(['a APPEND x UTF8 (~{3+}\r\nabc)\r\nb APPEND x UTF8 (~{3+}\r\nabc\r\nc NOOP\r\n']);
  assert.deepEqual(
    seen.filter((line) => /^[a-c] /.test(line)),
    [
      'a {"name":"APPEND","mailbox":"x","mails":[{"flags":[],"receivedAt":null}]}',
      'b BAD Write APPEND mailbox (flags) "date" {octets}',
      `c ${noop}`,
    ],
  );
});

test('RFC 3502 §6.3.11: an empty message ends APPEND with NO, and what came before it is void', () => {
  const refused = 'NO An empty message ends APPEND; nothing was stored';
  assert.deepEqual(play(['a APPEND x {1+}\r\nm {0+}\r\n\r\nb NOOP\r\n', 'c APPEND x {0}\r\nd NOOP\r\n']), [
    'append 1 to x {"flags":[],"receivedAt":null}',
    'message "m"',
    `a ${refused}`,
    `b ${noop}`,
    `c ${refused}`,
    `d ${noop}`,
  ]);
});

test('RFC 9051 §6.3.12: what can not be read of APPEND is refused, its message passed over', () => {
  const form = 'BAD Write APPEND mailbox (flags) "date" {octets}';
  const sent = [
    'a APPEND x (\\Seen {3+}\r\nabc\r\n',
    'b APPEND x "31-Feb-2026 09:00:00 +0900" {3+}\r\nabc {5}\r\n',
    'c APPEND x\r\n',
    'd APPEND x {1+}\r\nm more\r\n',
    'e APPEND "" {1}\r\n',
    'f APPEND x {99999999999999999999}\r\n',
    'g NOOP\r\n',
  ];
  assert.deepEqual(
    play(sent).filter((line) => /^[a-g] /.test(line)),
    [
      `a ${form}`,
      'b BAD There is no such date and time; write it like " 1-Feb-2026 09:00:00 +0900"',
      `c ${form}`,
      'd BAD There is more after the end of this command; correct the command',
      'e NO [CANNOT] No mailbox can have this name; write & as &-, use no control characters and no empty level',
      'f BAD [TOOBIG] No message can be that large; correct the number',
      `g ${noop}`,
    ],
  );
});

test('B3: before someone signs in, APPEND brings no message', () => {
  const refused = 'a BAD Sign in first';
  assert.deepEqual(play(['a APPEND x {5}\r\n', 'b NOOP\r\n'], { stranger: true }), [refused, `b ${noop}`]);
  assert.deepEqual(play(['a APPEND x {5+}\r\nhello\r\nb NOOP\r\n'], { stranger: true }), [refused, `b ${noop}`]);
  assert.deepEqual(play(['a APPEND x {70000+}\r\nb NOOP\r\n'], { stranger: true }), [
    'hang up * BYE [TOOBIG] Too much was sent along with a refused command',
  ]);
});

test('RFC 9051 §4.3: a session that has refused a literal hears the next command', () => {
  const move: Playing['move'] = (step, stepper) => {
    if (step.kind === 'append' || step.kind === 'continue') stepper.abandon();
  };
  const sent = ['a APPEND x {9}\r\n', 'b LOGIN {3}\r\n', 'c APPEND x {8+}\r\nd NOOP\r\n {3+}\r\ne N\r\nf NOOP\r\n'];
  assert.deepEqual(play(sent, { move }), [
    'append 9 to x {"flags":[],"receivedAt":null} waits',
    'continue',
    'append 8 to x {"flags":[],"receivedAt":null}',
    `f ${noop}`,
  ]);
});

test('RFC 9051 §6.3.12: a session may give a message up in its middle, or at its end, and the rest is passed over', () => {
  const sent = ['a APPEND x {9}\r\n', 'abc', 'def\r\n', '1 {4+}\r\nb N', 'c\r\nd NOOP\r\n'];
  for (const at of ['chunk', 'end'] as const) {
    let given = false;
    const move: Playing['move'] = (step, stepper) => {
      if (step.kind !== at || given) return;
      given = true;
      stepper.abandon();
    };
    const seen = play(sent, { move });
    assert.equal(seen[0], 'append 9 to x {"flags":[],"receivedAt":null} waits');
    assert.equal(seen.at(-1), `d ${noop}`);
    assert.equal(seen.length, at === 'chunk' ? 2 : 3);
  }
});

test('RFC 9051 §6.2.2: the line after a challenge is no command, and announces no literal', () => {
  const move: Playing['move'] = (step, stepper) => {
    if (step.kind === 'command' && step.command.name === 'AUTHENTICATE') stepper.expectLine(step.tag);
  };
  assert.deepEqual(play(['a AUTHENTICATE plain\r\n', 'AGJvYg', 'A= {5+}\r\nb NOOP\r\n'], { stranger: true, move }), [
    'a {"name":"AUTHENTICATE","mechanism":"PLAIN","initial":null}',
    'line AGJvYgA= {5+}',
    `b ${noop}`,
  ]);
  const long = `${'A'.repeat(13_000)}{3+}\r\n`;
  assert.deepEqual(play(['a AUTHENTICATE PLAIN\r\n', long, 'b NOOP\r\n'], { stranger: true, move }).slice(1), [
    'a BAD [LIMIT] Line too long; sign in with a shorter token',
    `b ${noop}`,
  ]);
});

test('RFC 9051 §6.2.1: nothing that came before TLS is read after it', () => {
  const stepper = new ImapStepper();
  stepper.feed(Buffer.from('a STARTTLS\r\nb LOGIN x {9+}\r\nabc'));
  assert.equal(stepper.next().kind, 'command');
  assert.equal(stepper.buffered(), 19);
  stepper.discard();
  assert.equal(stepper.buffered(), 0);
  stepper.feed(Buffer.from('c NOOP\r\n'));
  assert.equal(tell(stepper.next()), `c ${noop}`);
  // Half a command is forgotten too.
  stepper.feed(Buffer.from('d LOGIN x {9+}\r\nabc'));
  assert.equal(stepper.next().kind, 'hungry');
  stepper.discard();
  stepper.feed(Buffer.from('e NOOP\r\n'));
  assert.equal(tell(stepper.next()), `e ${noop}`);
});

test('M1: TLS on the port without it, and browsers, hear what is wrong, and that is all', () => {
  assert.match(play(['\x16\x03\x01\x02\0\x01NOOP\r\n']).join(), /^hang up \* BYE This port begins without TLS/);
  assert.deepEqual(play(['GET / HTTP/1.1\r\nHost: x\r\n']), ['hang up * BYE This is a mail service, not a web server']);
});

test('B3: an overlong command is refused by its tag at its end; the bound is smaller before someone signs in', () => {
  const long = (bytes: number): string => `a LOGIN x ${'y'.repeat(bytes - 12)}\r\nb NOOP\r\n`;
  assert.equal(play([long(8192)], { stranger: true }).length, 2);
  assert.deepEqual(play([long(8193)], { stranger: true }), [`a ${tooLong}`, `b ${noop}`]);
  assert.deepEqual(play([long(65_537)]), [`a ${tooLong}`, `b ${noop}`]);
  assert.match(play([long(65_536)])[0] ?? '', /^a \{"name":"LOGIN"/);
});

test('B3: a line that names messages may be longer', () => {
  const set = Array.from({ length: 90_000 }, (_, at) => at * 2 + 1).join(',');
  const seen = play([`a UID FETCH ${set} FLAGS\r\n`, `b LOGIN x ${set}\r\n`, 'c NOOP\r\n']);
  assert.match(seen[0] ?? '', /^a \{"name":"FETCH"/);
  assert.deepEqual(seen.slice(1), [`b ${tooLong}`, `c ${noop}`]);
  assert.deepEqual(play([`a UID FETCH ${set},${set} FLAGS\r\n`]), [`a ${tooLong}`]);
});

test('B3: a literal beyond the bound is refused before it comes, or passed over', () => {
  assert.deepEqual(
    play(['a LOGIN x {8190}\r\n', 'b LOGIN x {9000+}\r\n', `${'y'.repeat(9000)}\r\nc NOOP\r\n`], { stranger: true }),
    [`a ${tooLong}`, `b ${tooLong}`, `c ${noop}`],
  );
  assert.deepEqual(play(['a LOGIN x {99999999999999999999+}\r\nb NOOP\r\n']), [
    'hang up * BYE [TOOBIG] Too much was sent along with a refused command',
  ]);
});

test('B3: what is read of a refused literal is counted from its first octet, however its line came', () => {
  const rest = `${'y'.repeat(65_525)}\r\nb NOOP\r\n`;
  for (const line of [['a LOGIN x {65525+}\r\n'], ['a LOGIN', ' x {65525+}', '\r\n']])
    assert.deepEqual(play([...line, rest], { stranger: true }), [`a ${tooLong}`, `b ${noop}`]);
});

test('B3: a stranger who sends on and on, or never what can be read, is hung up on', () => {
  const flood = Array.from({ length: 80 }, () => 'x'.repeat(1000));
  assert.deepEqual(play(flood, { stranger: true }), [
    'hang up * BYE [TOOBIG] Too much was sent along with a refused command',
  ]);
  const bad = play(['?\r\n'.repeat(100)], { stranger: true });
  assert.equal(bad.length, 11);
  assert.equal(bad[0], `? BAD ${unread}`);
  assert.match(bad[10] ?? '', /^hang up \* BYE Too many commands/);
  assert.equal(play(['?\r\na NOOP\r\n'.repeat(100)], { stranger: true }).length, 200);
});

test('B3: more literals than anyone writes are refused', () => {
  const fields = Array.from({ length: 101 }, () => '{1+}\r\nx').join(' ');
  assert.deepEqual(play([`a LIST "" (${fields})\r\nb NOOP\r\n`]), [
    'a BAD [LIMIT] Too many literals in one command; use quoted strings',
    `b ${noop}`,
  ]);
});

const pieces = fc.constantFrom(
  'a LOGIN x y\r\n',
  'a APPEND x ',
  'b SEARCH TEXT ',
  '{3}',
  '{4+}',
  '~{2+}',
  '{70000+}',
  '\r\n',
  '\n',
  '\r',
  ' ',
  'x',
  'xyz',
  'NOOP',
  '"',
  '(',
  ')',
  '\0',
  '\x16',
  '\xff',
  'y'.repeat(9000),
);

test('B3: however a stream is cut, the steps are the same, and no more than a command is kept', () => {
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 20 }), fc.array(fc.nat(50)), fc.boolean(), (parts, cuts, stranger) => {
      const whole = Buffer.from(parts.join(''), 'latin1');
      const cut: Buffer[] = [];
      let from = 0;
      for (const bytes of cuts) {
        cut.push(whole.subarray(from, from + bytes));
        from += bytes;
      }
      cut.push(whole.subarray(from));
      const kept: Playing['move'] = (_, stepper) => assert(stepper.buffered() <= whole.length);
      assert.deepEqual(play(cut, { stranger, move: kept }), play([whole], { stranger }));
    }),
    { numRuns: 500 },
  );
});

test('B3: memory grows with what came, not with what was announced', () => {
  const stepper = new ImapStepper();
  stepper.signIn();
  stepper.feed(Buffer.from('a SEARCH TEXT {60000+}\r\nabc'));
  assert.equal(stepper.next().kind, 'hungry');
  assert(stepper.buffered() < 100);
});
