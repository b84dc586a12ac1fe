/** LIST with its extensions, and LSUB (RFC 9051 §6.3.9, RFC 3501 §6.3.9, RFC 5258, RFC 5819, RFC 6154). */
import type { Command, ListCommand, StatusItem } from './command.ts';
import { patternsMax } from './limits.ts';
import { readStatusItems } from './read-mailboxes.ts';
import type { Reader } from './reader.ts';
import * as replies from './replies.ts';

const returnFollows = / +RETURN +(?=\()/iy;
const noSelect = { subscribed: false, remote: false, recursiveMatch: false, specialUse: false };
const noReturns = { subscribed: false, children: false, specialUse: false, status: [] as readonly StatusItem[] };

export function readList(r: Reader): Command {
  r.space();
  const hasOptions = r.sees('(');
  const select = hasOptions ? readSelectOptions(r) : noSelect;
  if (hasOptions) r.space();
  const reference = r.pattern();
  r.space();
  const hasPatterns = r.sees('(');
  const patterns = hasPatterns ? r.list(() => r.pattern(), 1, patternsMax) : [r.pattern()];
  const hasReturn = r.match(returnFollows) !== null;
  const returns = hasReturn ? readReturns(r) : noReturns;
  const extended = hasOptions || hasPatterns || hasReturn;
  return { name: 'LIST', lsub: false, select, reference, patterns, returns, extended };
}

export function readLsub(r: Reader): Command {
  r.space();
  const reference = r.pattern();
  r.space();
  const patterns = [r.pattern()];
  return { name: 'LIST', lsub: true, select: noSelect, reference, patterns, returns: noReturns, extended: false };
}

function readSelectOptions(r: Reader): ListCommand['select'] {
  const select = { ...noSelect };
  r.list(() => {
    const word = r.word();
    if (word === 'SUBSCRIBED') select.subscribed = true;
    else if (word === 'REMOTE') select.remote = true;
    else if (word === 'RECURSIVEMATCH') select.recursiveMatch = true;
    else if (word === 'SPECIAL-USE') select.specialUse = true;
    else r.fail(replies.unknownWord(word));
  }, 0);
  // RFC 5258 §3.1: REMOTE is no option that it could go with.
  if (select.recursiveMatch && !select.subscribed && !select.specialUse) r.fail(replies.recursiveMatchAlone);
  return select;
}

function readReturns(r: Reader): ListCommand['returns'] {
  const returns = { ...noReturns };
  r.list(() => {
    const word = r.word();
    if (word === 'SUBSCRIBED') returns.subscribed = true;
    else if (word === 'CHILDREN') returns.children = true;
    else if (word === 'SPECIAL-USE') returns.specialUse = true;
    else if (word === 'STATUS') {
      r.space();
      returns.status = readStatusItems(r);
    } else r.fail(replies.unknownWord(word));
  }, 0);
  return returns;
}
