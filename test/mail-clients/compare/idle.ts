/** What a client in IDLE hears of what another one does (RFC 2177): mail that comes, flags, expunges. */
import assert from 'node:assert/strict';
import { signedIn } from '../far-side.ts';
import type { Tree } from '../imap-tree.ts';
import type { ImapWire } from '../imap-wire.ts';
import type { MailServer } from '../mail-server.ts';
import type { Facts } from './normal.ts';
import type { Answers } from './run.ts';

const MAIL = Buffer.from('Subject: while you wait\r\n\r\nHello.\r\n');

type Act = readonly [name: string, command: readonly (string | Buffer)[], heard: (words: readonly Tree[]) => boolean];

const ACTS: readonly Act[] = [
  ['a mail comes', ['APPEND Idle ', MAIL], ([number, word]) => word === 'EXISTS' && number === '1'],
  ['another comes', ['APPEND Idle (\\Seen) ', MAIL], ([number, word]) => word === 'EXISTS' && number === '2'],
  ['it is flagged', ['STORE 1 +FLAGS (\\Flagged)'], isFlagged],
  ['it goes', ['MOVE 1 Archive'], ([number, word]) => word === 'EXPUNGE' && number === '1'],
];

/** One fact for each thing that happened: whether it was heard. */
export async function idleAnswersOf(server: MailServer): Promise<Answers> {
  await using waiting = await signedIn(server);
  await using other = await signedIn(server);
  for (const command of ['CREATE Idle', 'SELECT Idle'])
    assert.equal((await other.command(command)).verdict, 'OK', command);
  assert.equal((await waiting.command('SELECT Idle')).verdict, 'OK');
  const tag = await waiting.begin('IDLE');
  await waiting.continued(tag);
  const answers = new Map<string, Facts>();
  for (const [name, command, heard] of ACTS) {
    // Its view must hold the mail before it speaks of its number.
    await other.command('NOOP');
    assert.equal((await other.command(...command)).verdict, 'OK', name);
    await untilHeard(waiting, heard);
    answers.set(`IDLE: ${name}`, new Map([['heard', 'yes']]));
  }
  waiting.line('DONE');
  const { verdict } = await waiting.end(tag);
  answers.set('IDLE: done', new Map([['verdict', verdict]]));
  return answers;
}

async function untilHeard(wire: ImapWire, heard: (words: readonly Tree[]) => boolean): Promise<void> {
  while (!heard(await wire.untagged()));
}

function isFlagged([number, word, items]: readonly Tree[]): boolean {
  return word === 'FETCH' && number === '1' && JSON.stringify(items).includes('\\\\Flagged');
}
