/** Flags as keepers take them (RFC 9051 §2.3.2): five of the system, and keywords. They compare without case. */
import type { Flag } from '#/model/index.ts';
import type { FlagChange } from '#/ports/index.ts';
import { keywordLengthMax } from './limits.ts';

/** In the order of lists; keywords follow in the order of their first use in the mailbox. */
export const SYSTEM_FLAGS: readonly Flag[] = ['\\Seen', '\\Deleted', '\\Flagged', '\\Answered', '\\Draft'];

const SYSTEM = new Map(SYSTEM_FLAGS.map((flag) => [flagKey(flag), flag]));

/** RFC 9051 §9: flag-keyword is an atom. */
const KEYWORD = /^[^\0- \x7f-\uffff(){%*"\\\]]+$/;

/** The form under which two spellings of a flag are equal: ASCII letters without case. */
export function flagKey(flag: Flag): string {
  return flag.toLowerCase();
}

/** A flag in the spelling that is kept: of the system, or a keyword as it was written. Null where it is neither, `\Recent` too. */
export function readFlag(flag: Flag): Flag | null {
  if (!KEYWORD.test(flag)) return SYSTEM.get(flagKey(flag)) ?? null;
  return flag.length <= keywordLengthMax ? flag : null;
}

export function isSystemFlag(flag: Flag): boolean {
  return flag.startsWith('\\');
}

/** The flags of a message behind a change; `null` where it changes nothing. Sets of flags as they are kept. */
export function changedFlags(
  before: ReadonlySet<Flag>,
  how: FlagChange['how'],
  flags: ReadonlySet<Flag>,
): ReadonlySet<Flag> | null {
  const after = how === 'add' ? before.union(flags) : how === 'remove' ? before.difference(flags) : flags;
  return after.size === before.size && after.isSubsetOf(before) ? null : after;
}
