/** What becomes of expunged messages: they come back, or they are purged in small steps, and then the space is given back. */
import type { MailboxName, Uid } from '#/model/index.ts';
import type { PurgeStep, Recoverable, RecoverFilter } from '#/ports/index.ts';
import { purgeLeftMax, readName } from '../mailbox/index.ts';
import type { Account } from './account.ts';
import { addEntry, expungeEntries } from './entries.ts';
import { inboxOf } from './folders.ts';
import { emailIdOf, threadIdOf } from './ids.ts';
import { DELETED } from './keywords.ts';
import { RECLAIM_PAGES } from './limits.ts';
import type { MailboxState } from './mailbox-table.ts';
import { removeMessage } from './messages.ts';
import { removeTerms } from './search.ts';
import { becomeLive, loseEntry } from './sharing.ts';
import { runsOf } from './uid-runs.ts';

interface Gone {
  readonly mailbox: number;
  readonly name: MailboxName;
  readonly uid: Uid;
  readonly message: number;
  readonly thread: number;
  readonly flags: number;
  readonly receivedAt: number;
  readonly size: number;
  readonly goneAt: number;
}

/** Newest first. */
export function recoverable({ db }: Account, filter: RecoverFilter, limit: number): Recoverable[] {
  const rows = db.all<Gone & { readonly subject: string; readonly author: string }>(
    `SELECT g.*, m.facts ->> '$.subject' AS subject, m.facts ->> '$.from' AS author
     FROM (${GONE}) AS g JOIN message AS m ON m.id = g.message ORDER BY g.goneAt DESC, g.modSeq DESC, g.mailbox DESC, g.uid DESC`,
    filter.since,
    nameOf(filter),
    limit,
  );
  return rows.map(({ name, uid, message, thread, size, goneAt, subject, author }) => ({
    mailbox: name,
    uid,
    emailId: emailIdOf(message),
    threadId: threadIdOf(thread),
    size,
    expungedAt: goneAt,
    subject,
    from: author,
  }));
}

/** Those that `recoverable` shows come back, without the mark of their deletion. */
export function recover(account: Account, filter: RecoverFilter, limit: number): number {
  const { db, mailboxes } = account;
  const rows = db.all<Gone>(GONE, filter.since, nameOf(filter), limit).reverse();
  const inbox = inboxOf(account);
  for (const gone of rows) {
    const { mailbox, uid, message, thread, flags, receivedAt, size } = gone;
    const target = mailboxes.byNumber(mailbox) ?? inbox;
    db.run('DELETE FROM entry WHERE mailbox = ? AND uid = ?', mailbox, uid);
    becomeLive(account, message, size);
    const names = mailboxes.keywords(mailbox).decode(flags - (flags & DELETED));
    const { bits } = mailboxes.keywords(target.id).encode(names, true);
    const entry = { message, thread, flags: bits, receivedAt, savedAt: account.now, size };
    addEntry(account, target, entry);
  }
  return rows.length;
}

/** At most `limit` messages that were expunged before a time; where none is left, a step of giving space back to the disk. */
export function purge(account: Account, before: number, limit: number): PurgeStep {
  const { db, state } = account;
  const left = (): number => db.get<{ n: number }>(COUNT_LEFT, before)?.n ?? 0;
  if (state.held !== 0) return { messages: 0, bytes: 0, left: 0, moreSpace: false };
  const isDue = (last: boolean): boolean => account.thinning.isDue(state.liveMessages + state.goneMessages, last);
  if (isDue(false)) {
    account.thinning.step(db);
    return { messages: 0, bytes: 0, left: left(), moreSpace: true };
  }
  const rows = db.all<{ mailbox: number; uid: Uid; message: number; size: number }>(
    'SELECT mailbox, uid, message, size FROM entry WHERE gone_at < ? ORDER BY gone_at, mod_seq, mailbox, uid LIMIT ?',
    before,
    limit,
  );
  const unneeded: number[] = [];
  let bytes = 0;
  for (const { mailbox, uid, message, size } of rows) {
    db.run('DELETE FROM entry WHERE mailbox = ? AND uid = ?', mailbox, uid);
    if (!loseEntry(account, message, size)) continue;
    removeMessage(account, message);
    unneeded.push(message);
    bytes += size;
  }
  // Last and together: behind a change of the index every other statement would have it written out anew.
  removeTerms(account, unneeded);
  if (rows.length < limit) account.mailboxes.forgetEmpty();
  const moreSpace = rows.length < limit && (isDue(true) || giveSpaceBack(account));
  return { messages: rows.length, bytes, left: left(), moreSpace };
}

/** Some pages that nothing stands on; whether there are more. */
function giveSpaceBack({ db }: Account): boolean {
  const free = (): number =>
    db.get<{ pages: number }>('SELECT freelist_count AS pages FROM pragma_freelist_count')?.pages ?? 0;
  const before = free();
  db.exec(`PRAGMA incremental_vacuum(${RECLAIM_PAGES})`);
  const left = free();
  // A file that gives nothing back must not keep the purge going for ever.
  return left > 0 && left < before;
}

/** Expunges what came before a time, the oldest first. */
export function retire(account: Account, mailbox: MailboxState, before: number, limit: number): number {
  const rows = account.db.all<{ uid: Uid }>(
    `SELECT uid FROM entry WHERE mailbox = ? AND gone_at IS NULL AND saved_at < ? ORDER BY saved_at, uid LIMIT ?`,
    mailbox.id,
    before,
    limit,
  );
  const runs = runsOf(rows.map(({ uid }) => uid));
  return expungeEntries(account, mailbox, runs, 'all').length;
}

/** As names are kept; what can be none is nobody's. */
function nameOf({ mailbox }: RecoverFilter): string | null {
  return mailbox === null ? null : (readName(mailbox) ?? '');
}

// Not of all of them: a step would cost as much as the backlog.
const COUNT_LEFT = `SELECT count(*) AS n FROM (SELECT 1 FROM entry WHERE gone_at < ? LIMIT ${purgeLeftMax})`;

const GONE = `SELECT e.mailbox, b.name, e.uid, e.message, e.thread, e.flags, e.received_at AS receivedAt, e.size,
    e.gone_at AS goneAt, e.mod_seq AS modSeq
  FROM entry AS e JOIN mailbox AS b ON b.id = e.mailbox
  WHERE e.gone_at IS NOT NULL AND e.gone_at >= coalesce(?1, e.gone_at) AND b.name = coalesce(?2, b.name)
  ORDER BY e.gone_at DESC, e.mod_seq DESC, e.mailbox DESC, e.uid DESC LIMIT ?3`;
