/** Arguments of STORE, COPY, MOVE and EXPUNGE, and flags wherever they stand (RFC 9051 §6.4, RFC 7162 §3.1.3). */
import type { Flag } from '#/model/index.ts';
import type { Command } from './command.ts';
import { flagsMax, keywordBytesMax } from './limits.ts';
import type { Reader } from './reader.ts';
import * as replies from './replies.ts';

const flagWords = /\\?[^\0-\x20\x7f-\xff(){%*"\\\]]+/y;
const storeWords = /([+-]?)FLAGS(\.SILENT)?(?= )/iy;
const moreFollows = / +(?=[^ ])/y;
const systemFlags: readonly Flag[] = ['\\Answered', '\\Deleted', '\\Draft', '\\Flagged', '\\Seen'];

export function readStore(r: Reader, uid: boolean): Command {
  r.space();
  const set = r.set();
  r.space();
  const unchangedSince = r.sees('(') ? readUnchangedSince(r) : null;
  const word = r.match(storeWords);
  if (word === null) r.fail('form');
  r.space();
  const how = word?.[1] === '+' ? 'add' : word?.[1] === '-' ? 'remove' : 'replace';
  const silent = word?.[2] !== undefined;
  return { name: 'STORE', uid, set, how, silent, flags: readFlags(r), unchangedSince };
}

function readUnchangedSince(r: Reader): number {
  r.expect('(');
  r.expectWord('UNCHANGEDSINCE');
  r.space();
  const modSeq = r.modSeq();
  r.expect(')');
  r.space();
  return modSeq;
}

export function readCopy(name: 'COPY' | 'MOVE', r: Reader, uid: boolean): Command {
  r.space();
  const set = r.set();
  r.space();
  return { name, uid, set, mailbox: r.mailbox() };
}

/** RFC 9051 §6.4.9: UID EXPUNGE names its messages. */
export function readUidExpunge(r: Reader): Command {
  r.space();
  return { name: 'EXPUNGE', uids: r.set() };
}

/** A list of flags, or flags without parentheses. `\Recent` is nobody's to set and is left out (RFC 9051 §2.3.2). */
export function readFlags(r: Reader): Flag[] {
  if (r.sees('(')) return r.list(() => readFlag(r), 0, flagsMax).filter((flag) => flag !== '\\Recent');
  const flags: Flag[] = [];
  do {
    flags.push(readFlag(r));
    if (flags.length > flagsMax) r.fail(replies.tooManyItems);
  } while (r.match(moreFollows) !== null);
  return flags.filter((flag) => flag !== '\\Recent');
}

function readFlag(r: Reader): Flag {
  const word = r.match(flagWords)?.[0] ?? '';
  const known = [...systemFlags, '\\Recent'].find((flag) => flag.toLowerCase() === word.toLowerCase());
  if (known !== undefined) return known;
  if (word === '') r.fail('form');
  if (word.startsWith('\\') || word.length > keywordBytesMax) r.fail(replies.badFlag);
  return word;
}
