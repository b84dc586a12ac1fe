import assert from 'node:assert/strict';
import { formatReply, ImapStepper, type Step } from '#/codec/imap/index.ts';
import { type FuzzTarget, octetByOctet, pieces, randomFrom, seedOf } from './target.ts';

/** All that may be kept of one command. */
const commandBytesMax = 1024 * 1024;

const dialogues: readonly string[] = [
  'a CAPABILITY\r\nb LOGIN {3}\r\nbob {4+}\r\nabcd\r\nc LIST "" "%"\r\nd SELECT &U,BTFw-\r\ne LOGOUT\r\n',
  'a AUTHENTICATE PLAIN\r\nAGEAYg==\r\nb IDLE\r\nDONE\r\nc ENABLE IMAP4rev2\r\nd EXAMINE "\xe6\x97\xa5"\r\n',
  'a APPEND x (\\Seen) " 1-Feb-2026 09:00:00 +0900" {5}\r\nhello ($k) ~{3+}\r\na\0b UTF8 (~{1+}\r\nc)\r\nb NOOP\r\n',
  'a UID FETCH 1:*,7 (FLAGS BODY.PEEK[1.2.HEADER.FIELDS (To)]<0.9> BINARY.SIZE[1]) (CHANGEDSINCE 5 VANISHED)\r\n',
  'a UID SEARCH RETURN (MIN) CHARSET utf-8 OR NOT SEEN (SINCE 1-Jan-2026 TEXT {2+}\r\nab) $\r\nb NOOP\r\n',
  'a SORT (REVERSE DATE) UTF-8 ALL\r\nb THREAD REFERENCES UTF-8 1:3\r\nc UID STORE 1 (UNCHANGEDSINCE 3) +FLAGS.SILENT (\\Seen)\r\n',
  'a SELECT x (CONDSTORE QRESYNC (1 2 1:9 (1 3)))\r\nb LIST (SUBSCRIBED) "" (a b) RETURN (STATUS (SIZE))\r\nc ID ("a" NIL)\r\n',
];

/** However the stream is cut, the steps are the same; a message has the octets that it announced; each step moves on; no throw. */
export const imapStepper: FuzzTarget = {
  name: 'imap-stepper',
  words: [
    ...dialogues.flatMap((text) => text.split(/(?<=[ ()])/)),
    ...[
      '\r\n',
      '\n',
      '\r',
      '\0',
      '\x16',
      '{1}',
      '{2+}',
      '~{3+}',
      '{99999+}',
      '{4294967296}',
      '{0}',
      '"',
      '\\',
      '(',
      ')',
      '*',
      '%',
      '&-',
    ],
    'UID ',
    'NOT ',
    'OR ',
    'NIL',
    '[]',
    '<1.2>',
    '\xe3\x81\x82',
    'GET / HTTP/1.1\r\n',
  ],
  seeds: dialogues.map((text) => Buffer.from(text, 'latin1')),
  run(input) {
    const seed = seedOf(input);
    const whole = play([input], seed);
    assert.deepEqual(play(pieces(input, randomFrom(seed)), seed), whole);
    if (input.length < 300) assert.deepEqual(play(octetByOctet(input), seed), whole);
    return whole
      .map((line) => line.replace(/\d+/g, '').slice(0, 24))
      .join()
      .slice(0, 300);
  },
};

interface Dialogue {
  readonly stepper: ImapStepper;
  readonly seed: number;
  readonly seen: string[];
  /** Octets of the message that are still to come; null outside of one. */
  left: number | null;
}

function play(fed: readonly Buffer[], seed: number): string[] {
  const dialogue: Dialogue = { stepper: new ImapStepper(), seed, seen: [], left: null };
  if (seed % 4 > 0) dialogue.stepper.signIn();
  let steps = 0;
  for (const piece of fed) {
    dialogue.stepper.feed(piece);
    for (let step = dialogue.stepper.next(); step.kind !== 'hungry'; step = dialogue.stepper.next()) {
      assert(++steps < 100_000, 'the steps have no end');
      obey(dialogue, step);
    }
    assert(dialogue.stepper.buffered() <= commandBytesMax, 'more than a command is kept');
  }
  return dialogue.seen;
}

function obey(dialogue: Dialogue, step: Step): void {
  const { stepper, seed, seen } = dialogue;
  if (step.kind === 'chunk') {
    assert(dialogue.left !== null && step.bytes.length > 0 && step.bytes.length <= dialogue.left);
    dialogue.left -= step.bytes.length;
    return;
  }
  if (step.kind === 'end') assert.equal(dialogue.left, 0, 'a message is shorter than announced');
  seen.push(tell(step));
  dialogue.left = step.kind === 'append' ? step.bytes : null;
  // Some sessions refuse some literals.
  const refuses = step.kind === 'append' ? step.bytes % 3 === 1 : step.kind === 'continue' && seed % 5 === 0;
  if (refuses) {
    stepper.abandon();
    dialogue.left = null;
  }
  if (step.kind !== 'command') return;
  const { name } = step.command;
  if (name === 'AUTHENTICATE' || name === 'IDLE') stepper.expectLine(step.tag);
  if (name === 'ENABLE') stepper.enableUtf8();
  if (name === 'LOGIN') stepper.signIn();
}

function tell(step: Step): string {
  if (step.kind === 'refuse') return `${step.hangUp ? 'closed ' : ''}${formatReply(step.tag, step.reply)}`;
  return step.kind === 'command' ? JSON.stringify(step.command) : JSON.stringify(step);
}
