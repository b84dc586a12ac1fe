/** Arguments of the commands about whole mailboxes (RFC 9051 §6.3). LIST has a file of its own. */
import type { ModSeq, SpecialUse } from '#/model/index.ts';
import type { Command, SelectCommand, SequenceSet, StatusItem } from './command.ts';
import type { Reader } from './reader.ts';
import * as replies from './replies.ts';

const parameters = / +(?=\()/y;
const knownFollows = / +(?=[^( ])/y;
const uses: readonly SpecialUse[] = ['Archive', 'Drafts', 'Flagged', 'Junk', 'Sent', 'Trash'];
const statusItems: ReadonlySet<string> = new Set<StatusItem>([
  'messages',
  'recent',
  'uidnext',
  'uidvalidity',
  'unseen',
  'deleted',
  'size',
  'highestmodseq',
  'mailboxid',
  'appendlimit',
]);

export function readSelect(name: SelectCommand['name'], r: Reader): Command {
  r.space();
  const mailbox = r.mailbox();
  let condstore = false;
  let qresync: SelectCommand['qresync'] = null;
  if (r.match(parameters) !== null) {
    r.list(() => {
      const word = r.word();
      if (word === 'CONDSTORE') condstore = true;
      else if (word === 'QRESYNC') qresync = readQresync(r);
      else r.fail(replies.unknownWord(word));
    });
  }
  return { name, mailbox, condstore, qresync };
}

/** RFC 7162 §3.2.5: `(UIDVALIDITY modseq [known] [(numbers uids)])`. */
function readQresync(r: Reader): NonNullable<SelectCommand['qresync']> {
  r.space();
  r.expect('(');
  const uidValidity = r.number(1);
  r.space();
  const modSeq: ModSeq = r.modSeq();
  const known = r.match(knownFollows) === null ? null : r.set();
  const match = r.match(parameters) === null ? null : readMatch(r);
  r.expect(')');
  return { uidValidity, modSeq, known, match };
}

function readMatch(r: Reader): { readonly numbers: SequenceSet; readonly uids: SequenceSet } {
  r.expect('(');
  const numbers = r.set();
  r.space();
  const uids = r.set();
  r.expect(')');
  return { numbers, uids };
}

export function readMailbox(name: 'DELETE' | 'SUBSCRIBE' | 'UNSUBSCRIBE' | 'GETQUOTAROOT', r: Reader): Command {
  r.space();
  return { name, mailbox: r.mailbox() };
}

/** RFC 6154 §3: `(USE (\Drafts))`. */
export function readCreate(r: Reader): Command {
  r.space();
  const mailbox = r.mailbox();
  let specialUse: SpecialUse | null = null;
  if (r.match(parameters) !== null) {
    r.expect('(');
    r.expectWord('USE');
    r.space();
    const wanted = r.list(() => readUse(r), 0);
    if (wanted.length > 1) r.fail(replies.badSpecialUse);
    specialUse = wanted[0] ?? null;
    r.expect(')');
  }
  return { name: 'CREATE', mailbox, specialUse };
}

function readUse(r: Reader): SpecialUse {
  r.expect('\\');
  const word = r.word();
  const use = uses.find((known) => known.toUpperCase() === word);
  if (use === undefined) r.fail(replies.badSpecialUse);
  return use ?? 'Archive';
}

export function readRename(r: Reader): Command {
  r.space();
  const from = r.mailbox();
  r.space();
  return { name: 'RENAME', from, to: r.mailbox() };
}

export function readStatus(r: Reader): Command {
  r.space();
  const mailbox = r.mailbox();
  r.space();
  return { name: 'STATUS', mailbox, items: readStatusItems(r) };
}

export function readStatusItems(r: Reader): StatusItem[] {
  return r.list(() => {
    const word = r.word();
    const item = word.toLowerCase();
    if (!statusItems.has(item)) r.fail(replies.unknownWord(word));
    return item as StatusItem;
  });
}

export function readGetQuota(r: Reader): Command {
  r.space();
  return { name: 'GETQUOTA', root: r.text() };
}
