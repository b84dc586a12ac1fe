/** What a thread does for each call. Calls that read run before those that write, and wait for no flush. */
import type { DeliveryKey } from '#/ports/index.ts';
import type { Account } from './account.ts';
import { purge, recover, recoverable, retire } from './aging.ts';
import { mayAnswer, readRules, setRules } from './answers.ts';
import { append, type Content, deliver } from './arrival.ts';
import { copyEntries } from './copying.ts';
import { EVERY_UID, expungeEntries, liveRuns } from './entries.ts';
import { flagEntries } from './flagging.ts';
import {
  createMailbox,
  deleteMailbox,
  inboxOf,
  listMailboxes,
  mailboxNamed,
  renameMailbox,
  showMailbox,
  subscribe,
  subscriptions,
} from './folders.ts';
import { emailIdOf, mailboxIdOf } from './ids.ts';
import { readOctets } from './messages.ts';
import type { AccountCall, Input, Output } from './protocol.ts';
import { changesOf, rowsOf, viewOf } from './reading.ts';

type Handlers = {
  readonly [Name in AccountCall]: (account: Account, input: Input<Name>, content: Content) => Output<Name>;
};

/** Calls that change nothing. */
export const READING: ReadonlySet<AccountCall> = new Set([
  'delivered',
  'deliveriesBefore',
  'list',
  'find',
  'subscriptions',
  'view',
  'changes',
  'rows',
  'octets',
  'touch',
  'maildrop',
  'usage',
  'recoverable',
  'rules',
]);

// Anew each time: what is in it changes hands.
const NO_ROWS = (): Output<'rows'> => ({ numbers: new Float64Array(), sets: [], facts: null, heads: new Uint8Array() });

export const HANDLERS: Handlers = {
  deliver,
  forgetDeliveries(account, { keys }) {
    for (const { message, recipient } of keys) {
      account.db.run('DELETE FROM delivery WHERE message = ? AND recipient = ?', message, recipient);
    }
    return null;
  },
  deliveriesBefore: ({ db }, { before, after, limit }) =>
    db
      .all<DeliveryKey>(
        `SELECT message, recipient FROM delivery WHERE message < ? AND (message, recipient) > (?, ?)
         ORDER BY message, recipient LIMIT ?`,
        before,
        after?.message ?? '',
        after?.recipient ?? 0,
        limit,
      )
      .map(({ message, recipient }) => ({ message, recipient })),
  delivered(account, { keys }) {
    const sql = 'SELECT 1 FROM delivery WHERE message = ? AND recipient = ?';
    return keys.map(({ message, recipient }) => account.db.get(sql, message, recipient) !== undefined);
  },
  list: listMailboxes,
  find(account, { name }) {
    const mailbox = mailboxNamed(account, name);
    return mailbox === null ? null : showMailbox(account, mailbox);
  },
  create: (account, { name, specialUse }) => createMailbox(account, name, specialUse),
  delete: (account, { name }) => deleteMailbox(account, name),
  rename: (account, { from, to }) => renameMailbox(account, from, to),
  subscribe(account, { name, wanted }) {
    subscribe(account, name, wanted);
    return null;
  },
  subscriptions,
  view(account, { mailbox }) {
    const found = account.mailboxes.byId(mailbox);
    return found === null ? null : viewOf(account, found);
  },
  changes(account, { mailbox, since }) {
    const found = account.mailboxes.byId(mailbox);
    return found === null ? null : changesOf(account, found, since);
  },
  rows(account, { mailbox, uids, parts }) {
    const found = account.mailboxes.byId(mailbox);
    return found === null ? NO_ROWS() : rowsOf(account, found, uids, parts);
  },
  octets: (account, { message, from, bytes }) => readOctets(account, message, from, bytes),
  append(account, input, content) {
    const mailbox = account.mailboxes.byId(input.mailbox);
    return mailbox === null ? { kind: 'absent' } : append(account, mailbox, input, content);
  },
  flag(account, input) {
    const mailbox = account.mailboxes.byId(input.mailbox);
    if (mailbox !== null) return flagEntries(account, mailbox, input);
    const none = { uids: new Uint32Array(), modSeqs: new Float64Array(), setOf: new Uint32Array(), sets: [] };
    return { rows: none, modified: [], refused: [], modSeq: null };
  },
  copy(account, input) {
    const to = account.mailboxes.byId(input.to);
    return to === null ? { kind: 'absent' } : copyEntries(account, account.mailboxes.byId(input.from), to, input);
  },
  expunge(account, { mailbox, uids, regardless }) {
    const found = account.mailboxes.byId(mailbox);
    if (found === null) return { uids: [], modSeq: 0 };
    const runs = uids === null ? EVERY_UID : liveRuns(account, found.id, uids);
    const gone = expungeEntries(account, found, runs, regardless ? 'all' : 'deleted');
    return { uids: gone, modSeq: found.modSeq };
  },
  touch: () => null,
  maildrop(account) {
    const inbox = inboxOf(account);
    const rows = account.db.all<{ uid: number; message: number; size: number; uidl: string | null }>(
      `SELECT e.uid, e.message, e.size, u.uidl FROM entry AS e LEFT JOIN uidl AS u ON u.message = e.message
       WHERE e.mailbox = ? AND e.gone_at IS NULL ORDER BY e.uid`,
      inbox.id,
    );
    const messages = rows.map(({ uid, message, size, uidl }) => {
      const emailId = emailIdOf(message);
      return { uid, uidl: uidl ?? emailId, size, emailId };
    });
    return { mailbox: mailboxIdOf(inbox.id), messages };
  },
  usage({ state }) {
    return {
      messages: state.liveMessages,
      bytes: state.liveBytes,
      recoverableMessages: state.goneMessages,
      recoverableBytes: state.goneBytes,
      held: state.held !== 0,
    };
  },
  recoverable: (account, { filter, limit }) => recoverable(account, filter, limit),
  recover: (account, { filter, limit }) => recover(account, filter, limit),
  rules: readRules,
  setRules,
  mayAnswer,
  hold({ state }, { held }) {
    state.held = held ? 1 : 0;
    return null;
  },
  purge: (account, { before, limit }) => purge(account, before, limit),
  retire(account, { mailbox, before, limit }) {
    const found = account.mailboxes.byId(mailbox);
    return found === null ? 0 : retire(account, found, before, limit);
  },
};
