/** LIST and LSUB (RFC 9051 §6.3.9, RFC 3501 §6.3.9, RFC 5258, RFC 5819, RFC 6154 §2, RFC 3348). */
import { formatList, isTooWild, type ListCommand, matches } from '#/codec/imap/index.ts';
import type { Mailbox, MailboxName } from '#/model/index.ts';
import * as answers from '../answers.ts';
import type { Session } from '../session.ts';
import { sayStatus } from './status.ts';
import type { Verb } from './verb.ts';

/** A name that LIST may show: a mailbox, a subscription to one that is gone, or a level above one. */
interface Entry {
  readonly name: MailboxName;
  readonly mailbox: Mailbox | null;
  readonly subscribed: boolean;
}

export const list: Verb<'LIST'> = async (command, session) => {
  // RFC 9051 §6.3.9: an empty pattern asks for the delimiter.
  if (command.patterns.length === 1 && command.patterns[0] === '' && !command.extended) {
    const root = { attributes: ['\\Noselect'], name: '', childIsSubscribed: false };
    session.output.say(formatList(root, command.lsub ? 'LSUB' : 'LIST', session.readsUtf8));
    return answers.done;
  }
  if (command.patterns.length > session.world.settings.limits.patternsMax) return answers.tooManyPatterns;
  if (command.patterns.some((pattern) => isTooWild(command.reference + pattern))) return answers.patternTooWild;
  const entries = await allEntries(command, session);
  const parents = new Set(entries.filter(({ mailbox }) => mailbox !== null).flatMap(({ name }) => above(name)));
  const levels = command.lsub || command.select.recursiveMatch ? aboveSubscribed(entries) : new Set<string>();
  for (const entry of command.lsub ? withLevels(entries, levels) : entries) {
    if (!isNamed(entry.name, command)) continue;
    const holdsSubscribed = levels.has(entry.name);
    if (!isChosen(entry, command, holdsSubscribed)) continue;
    say(entry, command, { hasChildren: parents.has(entry.name), holdsSubscribed }, session);
    if (entry.mailbox !== null && command.returns.status.length > 0) {
      sayStatus(entry.mailbox, command.returns.status, session);
    }
    await session.output.room();
  }
  return answers.done;
};

async function allEntries(command: ListCommand, session: Session): Promise<readonly Entry[]> {
  const { mailboxes } = session.world;
  const there = await mailboxes.list(session.account, session.call());
  const entries = there.map((mailbox): Entry => ({ name: mailbox.name, mailbox, subscribed: mailbox.subscribed }));
  if (!command.lsub && !command.select.subscribed) return entries;
  const names = new Set<string>(entries.map(({ name }) => name));
  const subscribed = await mailboxes.subscriptions(session.account, session.call());
  const gone = subscribed.filter((name) => !names.has(name)).map((name) => ({ name, mailbox: null, subscribed: true }));
  return [...entries, ...gone].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** The levels above a name, nearest last. */
function above(name: string): string[] {
  const levels = name.split('/');
  return levels.slice(1).map((_level, place) => levels.slice(0, place + 1).join('/'));
}

function aboveSubscribed(entries: readonly Entry[]): Set<string> {
  return new Set(entries.filter(({ subscribed }) => subscribed).flatMap(({ name }) => above(name)));
}

/** RFC 3501 §6.3.9: LSUB with `%` shows a level above what is subscribed even where nothing has that name. */
function withLevels(entries: readonly Entry[], levels: ReadonlySet<string>): readonly Entry[] {
  const names = new Set<string>(entries.map(({ name }) => name));
  const bare = [...levels].filter((name) => !names.has(name));
  return [...entries, ...bare.map((name) => ({ name: name as MailboxName, mailbox: null, subscribed: false }))];
}

function isNamed(name: MailboxName, { reference, patterns }: ListCommand): boolean {
  return patterns.some((pattern) => matches(reference + pattern, name));
}

function isChosen({ mailbox, subscribed }: Entry, command: ListCommand, holdsSubscribed: boolean): boolean {
  const { select, lsub, patterns } = command;
  if (lsub) return subscribed || (holdsSubscribed && patterns.some((pattern) => pattern.endsWith('%')));
  // RFC 5258 §3.5: a name that holds what is chosen is shown too.
  if (select.recursiveMatch && select.subscribed && holdsSubscribed) return true;
  if (select.subscribed && !subscribed) return false;
  return !select.specialUse || (mailbox?.specialUse ?? null) !== null;
}

function say(
  entry: Entry,
  command: ListCommand,
  { hasChildren, holdsSubscribed }: { readonly hasChildren: boolean; readonly holdsSubscribed: boolean },
  session: Session,
): void {
  const { mailbox, subscribed } = entry;
  const attributes: string[] = [];
  if (command.lsub && !subscribed) attributes.push('\\Noselect');
  if (mailbox === null && !command.lsub) attributes.push('\\NonExistent');
  if (!command.lsub && (subscribed ? command.returns.subscribed || command.select.subscribed : false)) {
    attributes.push('\\Subscribed');
  }
  attributes.push(hasChildren ? '\\HasChildren' : '\\HasNoChildren');
  if (mailbox !== null && mailbox.specialUse !== null) attributes.push(`\\${mailbox.specialUse}`);
  const childIsSubscribed = command.select.recursiveMatch && holdsSubscribed;
  const answer = { attributes, name: entry.name, childIsSubscribed };
  session.output.say(formatList(answer, command.lsub ? 'LSUB' : 'LIST', session.readsUtf8));
}
