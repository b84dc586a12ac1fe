/**
 * What sessions with the same mailbox selected have in common: one watch of the account, one list of UIDs while they have been told the
 * same, and one question to the store where many are woken by one change.
 *
 * A mailbox is here while somebody has it selected. What must never happen: a session that sleeps through a change; a list that is
 * written to after it was shared.
 */
import type { AccountKey, Call, MailboxId, ModSeq } from '#/model/index.ts';
import type { Changes, Mailboxes, Since } from '#/ports/index.ts';
import type { UidList } from './uid-list.ts';

/** Somebody who wants to hear of changes. */
export interface Watcher {
  /** The account has changed, or may have. */
  changed(): void;
}

interface Moment {
  readonly modSeq: ModSeq;
  readonly uids: UidList;
}

export class SharedViews {
  readonly #mailboxes: Mailboxes;
  readonly #views = new Map<string, SharedView>();
  readonly #accounts = new Map<string, WatchedAccount>();

  constructor(mailboxes: Mailboxes) {
    this.#mailboxes = mailboxes;
  }

  /** Joins those who have the mailbox selected; `leave` ends it. */
  join(account: AccountKey, mailbox: MailboxId, watcher: Watcher): SharedView {
    const key = `${keyOf(account)} ${mailbox}`;
    let view = this.#views.get(key);
    if (view === undefined) {
      view = new SharedView(account, mailbox, this.#mailboxes, this.#watched(account));
      this.#views.set(key, view);
    }
    view.watched.watchers.add(watcher);
    view.members += 1;
    return view;
  }

  leave(view: SharedView, watcher: Watcher): void {
    const { watched } = view;
    watched.watchers.delete(watcher);
    view.members -= 1;
    if (view.members === 0) this.#views.delete(`${keyOf(view.account)} ${view.mailbox}`);
    if (watched.watchers.size > 0) return;
    watched.stop();
    this.#accounts.delete(keyOf(view.account));
  }

  #watched(account: AccountKey): WatchedAccount {
    const key = keyOf(account);
    let watched = this.#accounts.get(key);
    if (watched === undefined) {
      watched = new WatchedAccount(account, this.#mailboxes);
      this.#accounts.set(key, watched);
    }
    return watched;
  }
}

/** One account that somebody has a mailbox of selected. */
class WatchedAccount {
  readonly watchers = new Set<Watcher>();
  /** Counts notices: who has seen this one need not ask. */
  notices = 0;
  readonly stop: () => void;
  #due: NodeJS.Immediate | null = null;

  constructor(account: AccountKey, mailboxes: Mailboxes) {
    const stop = mailboxes.watch(account, () => this.#noticed());
    this.stop = () => {
      stop();
      if (this.#due !== null) clearImmediate(this.#due);
    };
  }

  /** Several changes of one turn wake people once, all in the same turn. */
  #noticed(): void {
    this.notices += 1;
    this.#due ??= setImmediate(() => {
      this.#due = null;
      for (const watcher of this.watchers) watcher.changed();
    });
  }
}

export class SharedView {
  readonly account: AccountKey;
  readonly mailbox: MailboxId;
  readonly watched: WatchedAccount;
  members = 0;
  readonly #mailboxes: Mailboxes;
  #latest: Moment | null = null;
  #asked: { readonly modSeq: ModSeq; readonly answer: Promise<Changes | null> } | null = null;

  constructor(account: AccountKey, mailbox: MailboxId, mailboxes: Mailboxes, watched: WatchedAccount) {
    this.account = account;
    this.mailbox = mailbox;
    this.watched = watched;
    this.#mailboxes = mailboxes;
  }

  /** The list of that moment: a shared one where there is one, else `made`, which others may then share. */
  share(modSeq: ModSeq, made: () => UidList): UidList {
    if (this.#latest?.modSeq === modSeq) return this.#latest.uids;
    const moment = { modSeq, uids: made() };
    if (this.#latest === null || modSeq > this.#latest.modSeq) this.#latest = moment;
    return moment.uids;
  }

  /** What has happened since; those who ask for the same in one turn of the loop ask once. */
  changes(since: Since, call: Call): Promise<Changes | null> {
    const { modSeq, told = [], from } = since;
    if (told.length > 0 || from !== undefined) return this.#ask(since, call);
    if (this.#asked?.modSeq === modSeq) return this.#asked.answer;
    // Who asks first may leave before the others have their answer.
    const asked = { modSeq, answer: this.#ask(since, { deadlineAt: call.deadlineAt }) };
    this.#asked = asked;
    // Behind this turn somebody may have changed more: an older answer would not show it.
    setImmediate(() => {
      if (this.#asked === asked) this.#asked = null;
    });
    return asked.answer;
  }

  #ask(since: Since, call: Call): Promise<Changes | null> {
    return this.#mailboxes.changes(this.account, this.mailbox, since, call);
  }
}

function keyOf({ tenant, address }: AccountKey): string {
  return `${tenant} ${address}`;
}
