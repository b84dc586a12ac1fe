/** The POP3 script, and what a server answers to it: the same mails as for IMAP, in INBOX. */
import assert from 'node:assert/strict';
import { signedIn } from '../far-side.ts';
import type { MailServer } from '../mail-server.ts';
import { type PopReply, PopWire } from '../pop-wire.ts';
import { MAILS } from './mails.ts';
import type { Facts } from './normal.ts';
import type { Answers } from './run.ts';

const MULTI_LINE = /^(CAPA|LIST|UIDL|RETR \S+|TOP \S+ \S+)$/i;

const BEFORE = ['CAPA', 'NONSENSE', 'PASS none'];

const ERRORS = [
  'RETR 0',
  'RETR 999',
  'RETR',
  'RETR x',
  'LIST 999',
  'LIST 0',
  'UIDL 999',
  'DELE 999',
  'DELE',
  'TOP 1',
  'TOP 1 -1',
  'TOP 999 1',
  'NONSENSE',
  'USER again',
  'STLS',
];

/** Both visits: reading and complaining, then deleting. */
export async function popAnswersOf(server: MailServer): Promise<Answers> {
  await fill(server);
  const answers = new Map<string, Facts>();
  await visit(server, answers, 'first', [
    ...['CAPA', 'STAT', 'LIST', 'UIDL', 'LIST 1', 'LIST 9', 'UIDL 1'],
    ...[...MAILS.keys()].flatMap((_, at) => [`RETR ${at + 1}`, `TOP ${at + 1} 0`, `TOP ${at + 1} 1`]),
    ...['TOP 1 999999', 'noop', 'list 2', ...ERRORS],
    ...['DELE 2', 'DELE 2', 'RETR 2', 'LIST 2', 'UIDL 2', 'STAT', 'LIST', 'RSET', 'STAT', 'DELE 1', 'DELE 35', 'QUIT'],
  ]);
  await visit(server, answers, 'second', ['STAT', 'LIST', 'DELE 1']);
  await visit(server, answers, 'after no QUIT', ['STAT', 'QUIT']);
  return answers;
}

async function fill(server: MailServer): Promise<void> {
  await using wire = await signedIn(server);
  for (const octets of MAILS.values()) {
    const { verdict } = await wire.command('APPEND INBOX ', octets);
    assert.equal(verdict, 'OK');
  }
}

async function visit(
  server: MailServer,
  answers: Map<string, Facts>,
  which: string,
  lines: readonly string[],
): Promise<void> {
  await using wire = await PopWire.open(server.ports.pop3s);
  const say = async (line: string): Promise<void> => {
    const name = nameOf(answers, `${which}: ${line}`);
    answers.set(name, factsOf(line, await wire.say(line, MULTI_LINE.test(line))));
  };
  if (which === 'first') for (const line of BEFORE) await say(line);
  await say(`USER ${server.user}`);
  await say(`PASS ${server.password}`);
  for (const line of lines) await say(line);
}

function nameOf(answers: Answers, name: string): string {
  for (let time = 2; ; time += 1) {
    if (!answers.has(name)) return name;
    if (!answers.has(`${name} #${time}`)) return `${name} #${time}`;
  }
}

// Texts for people are left out, and so are UIDLs: how many there are, and that no two are alike, is what counts (RFC 1939 §7).
function factsOf(line: string, { status, lines }: PopReply): Facts {
  const [word = ''] = status.split(' ');
  const facts = new Map([['status', word]]);
  if (word === '+OK' && /^(STAT|LIST \d)/i.test(line)) facts.set('numbers', status.split(' ').slice(1, 3).join(' '));
  if (/^CAPA$/.test(line))
    for (const capability of lines ?? []) facts.set(`CAPA ${capability.split(' ')[0]}`, capability);
  else if (/^UIDL$/.test(line))
    facts.set('different', String(new Set(lines?.map((entry) => entry.split(' ')[1])).size));
  else if (lines !== null) facts.set('lines', JSON.stringify(lines));
  return facts;
}
