/** Mailboxes as a tree of names (RFC 9051 §6.3.4 to §6.3.6): what has to be made, what moves. What is above a mailbox is always there. */
import type { MailboxName } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import { mailboxesMax } from './limits.ts';
import { INBOX, readName } from './names.ts';

type Names = ReadonlySet<MailboxName>;

export type RenamePlan =
  | { readonly kind: 'absent' | 'exists' | 'refused' }
  /** First `make`, then the moves. For INBOX there are none: its messages go into the last one made. */
  | {
      readonly kind: 'renamed';
      readonly make: readonly MailboxName[];
      readonly moves: readonly (readonly [from: MailboxName, to: MailboxName])[];
    };

/** A name and what is missing above it, top first. Fault `mailbox.refused` where the account would have too many. */
export function namesToMake(names: Names, name: MailboxName): readonly MailboxName[] {
  return withRoom(
    names,
    [...namesAbove(name), name].filter((each) => !names.has(each)),
  );
}

/** All names below one. */
export function namesBelow(names: Iterable<MailboxName>, name: MailboxName): readonly MailboxName[] {
  return [...names].filter((each) => each.startsWith(`${name}/`));
}

/** What a rename does. Both names as they are kept. */
export function planRename(names: Names, from: MailboxName, to: MailboxName): RenamePlan {
  if (!names.has(from)) return { kind: 'absent' };
  if (names.has(to)) return { kind: 'exists' };
  // RFC 9051 §6.3.6: what is below INBOX stays where it is.
  if (from === INBOX) return { kind: 'renamed', make: namesToMake(names, to), moves: [] };
  if (to.startsWith(`${from}/`)) return { kind: 'refused' };
  const moving = [from, ...namesBelow(names, from)];
  const moves = moving.map((name) => [name, `${to}${name.slice(from.length)}` as MailboxName] as const);
  if (moves.some(([, name]) => readName(name) !== name)) return { kind: 'refused' };
  return {
    kind: 'renamed',
    make: withRoom(
      names,
      namesAbove(to).filter((each) => !names.has(each)),
    ),
    moves,
  };
}

/** `a` and `a/b` of `a/b/c`. */
function namesAbove(name: MailboxName): readonly MailboxName[] {
  const levels = name.split('/');
  return levels.slice(1).map((_, i) => levels.slice(0, i + 1).join('/') as MailboxName);
}

function withRoom(names: Names, make: readonly MailboxName[]): readonly MailboxName[] {
  if (names.size + make.length > mailboxesMax) throw new Fault('mailbox.refused', 'There are too many of them.');
  return make;
}
