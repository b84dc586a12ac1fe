/** Which mailbox of ours each folder of a source becomes. */
import type { Mailbox, MailboxName, SpecialUse } from '#/model/index.ts';
import { INBOX } from '#/model/index.ts';
import type { SourceFolder } from './source.ts';
import { useOfName } from './usual-names.ts';

export interface Target {
  readonly name: MailboxName;
  /** Of a mailbox that is to be made. */
  readonly specialUse: SpecialUse | null;
}

/** Octets of a name (RFC 9051 §5.1 gives no bound; ours is 1,000), and its levels. */
const NAME_BYTES_MAX = 1_000;
const LEVELS_MAX = 32;

/**
 * By the path of each folder. Sent, Trash and their like become ours of that use, whatever their names, with all below them; of two with one use the
 * one that the source names so. With `into` all of them stand below it, INBOX as it itself. A name that can be none here is changed as little as possible.
 */
export function planTargets(
  folders: readonly SourceFolder[],
  there: readonly Mailbox[],
  into: MailboxName | null,
): ReadonlyMap<string, Target> {
  const uses = into === null ? usesOf(folders) : new Map<string, SpecialUse>();
  const plan = new Map<string, Target>();
  for (const folder of folders) plan.set(folder.path, targetOf(folder, uses, there, into));
  return plan;
}

function targetOf(
  { levels }: SourceFolder,
  uses: ReadonlyMap<string, SpecialUse>,
  there: readonly Mailbox[],
  into: MailboxName | null,
): Target {
  if (into !== null) return { name: nameOf([into, ...(isInbox(levels) ? [] : levels)]), specialUse: null };
  if (isInbox(levels)) return { name: INBOX, specialUse: null };
  for (let depth = levels.length; depth > 0; depth--) {
    const use = uses.get(keyOf(levels.slice(0, depth)));
    if (use === undefined) continue;
    const top = there.find(({ specialUse }) => specialUse === use)?.name ?? use;
    const below = levels.slice(depth);
    return { name: nameOf([top, ...below]), specialUse: below.length === 0 ? use : null };
  }
  return { name: nameOf(levels), specialUse: null };
}

/** Special uses by the levels that have them: as the source says, then by name, each once. */
function usesOf(folders: readonly SourceFolder[]): ReadonlyMap<string, SpecialUse> {
  const uses = new Map<string, SpecialUse>();
  const taken = new Set<SpecialUse>(['Flagged']);
  const take = ({ levels }: SourceFolder, use: SpecialUse | null): void => {
    if (use === null || taken.has(use) || isInbox(levels)) return;
    taken.add(use);
    uses.set(keyOf(levels), use);
  };
  for (const folder of folders) take(folder, folder.specialUse);
  // Some servers have all folders below INBOX.
  const usual = folders.flatMap((folder) => {
    const { levels } = folder;
    const isTop = levels.length === 1 || (levels.length === 2 && isInbox(levels.slice(0, 1)));
    const known = isTop ? useOfName(levels.at(-1) ?? '') : null;
    return known === null ? [] : [{ folder, ...known }];
  });
  for (const { folder, use } of usual.toSorted((a, b) => a.rank - b.rank)) take(folder, use);
  return uses;
}

function isInbox(levels: readonly string[]): boolean {
  return levels.length === 0 || (levels.length === 1 && /^inbox$/i.test(levels[0] ?? ''));
}

function keyOf(levels: readonly string[]): string {
  return levels.join('\0');
}

function nameOf(levels: readonly string[]): MailboxName {
  const [first = 'INBOX', ...rest] = levels.slice(0, LEVELS_MAX);
  // `first` may be a whole name of ours.
  const cleaned = [...first.split('/'), ...rest.map((level) => level.replaceAll('/', '_'))].map(cleanLevel);
  if (/^inbox$/i.test(cleaned[0] ?? '')) cleaned[0] = INBOX;
  let name = cleaned.join('/');
  while (Buffer.byteLength(name) > NAME_BYTES_MAX) name = Array.from(name).slice(0, -10).join('').replace(/\/+$/, '');
  return name as MailboxName;
}

function cleanLevel(level: string): string {
  const clean = level
    .toWellFormed()
    .normalize('NFC')
    .replaceAll(/[\p{Cc}\u2028\u2029]/gu, '_');
  return clean === '' ? '_' : clean;
}
