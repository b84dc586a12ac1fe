/**
 * A mailbox as one client sees it: the UIDs behind its message numbers, and the moment up to which it has been told of changes.
 *
 *   told up to `modSeq` ── sync() ──▶ EXPUNGE or VANISHED, EXISTS, FETCH ──▶ told up to a later one
 *
 * While a command is answered in which numbers must not move, messages that are gone keep their numbers and are `withheld` (RFC 9051
 * §7.5.1).
 *
 * What must never happen: a number that means another message to the client than to us; a change that is never told (O4); memory by the
 * message for each session: lists are shared, flags are not kept.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  fetchItems,
  formatExists,
  formatExpunge,
  formatFetch,
  formatFlags,
  formatVanished,
  numberOf,
  permanentFlags,
} from '#/codec/imap/index.ts';
import type { Call, Flag, Mailbox, MessageRow, ModSeq, Uid } from '#/model/index.ts';
import type { Changes, View } from '#/ports/index.ts';
import type { Session } from './session.ts';
import type { SharedView, Watcher } from './shared-views.ts';
import { common, NO_UIDS, type UidList, union, without } from './uid-list.ts';

const SYSTEM_FLAGS: readonly Flag[] = ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft'];

export type ChangedRow = Pick<MessageRow, 'uid' | 'modSeq' | 'flags'>;

/** Which changes may be told now: where message numbers must not move, none that is gone (RFC 9051 §7.5.1). */
export type Telling = 'all' | 'none gone';

export class Selected implements Watcher {
  readonly id: Mailbox['id'];
  readonly uidValidity: number;
  readonly readOnly: boolean;
  /** By message number, from 1: those that are gone and not told stand here still. */
  uids: UidList = NO_UIDS;
  /** All below were told. */
  uidNext: Uid = 1;
  modSeq: ModSeq = 0;
  /** `$` (RFC 5182 §2.1): the UIDs of the last search that was saved. */
  saved: UidList = NO_UIDS;
  /** Somebody wants to hear at once: IDLE. */
  awake: (() => void) | null = null;
  /** That the client has been told of: those of the system, then keywords. */
  flags: readonly Flag[] = SYSTEM_FLAGS;
  readonly #session: Session;
  readonly #view: SharedView;
  #withheld: UidList = NO_UIDS;
  /** Notices that had come when it was last asked; at first none, so that what came while it was opened is asked for again. */
  #noticed = -1;
  /** Modifications that running commands have told themselves. */
  #told: ModSeq[] = [];

  private constructor(session: Session, mailbox: Mailbox, readOnly: boolean) {
    this.#session = session;
    this.id = mailbox.id;
    this.uidValidity = mailbox.uidValidity;
    this.readOnly = readOnly;
    this.#view = session.world.views.join(session.account, mailbox.id, this);
  }

  /** Looks at a mailbox; null where it has gone meanwhile. */
  static async open(session: Session, mailbox: Mailbox, readOnly: boolean): Promise<Selected | null> {
    // It is watched before it is looked at, so that no change falls between.
    const selected = new Selected(session, mailbox, readOnly);
    try {
      const seen = await session.world.mailboxes.view(session.account, mailbox.id, session.call());
      if (seen === null) selected.leave();
      else selected.#begin(seen);
      return seen === null ? null : selected;
    } catch (fault) {
      selected.leave();
      throw fault;
    }
  }

  #begin(seen: View): void {
    this.uids = this.#view.share(seen.highestModSeq, () => seen.uids);
    this.uidNext = seen.uidNext;
    this.modSeq = seen.highestModSeq;
    this.flags = [...SYSTEM_FLAGS, ...seen.keywords];
  }

  /** Messages that the client knows of. */
  get exists(): number {
    return this.uids.length;
  }

  /** Whether something may have happened that was not told. */
  get isStale(): boolean {
    return this.#withheld.length > 0 || this.#noticed !== this.#view.watched.notices;
  }

  changed(): void {
    this.awake?.();
  }

  leave(): void {
    this.awake = null;
    this.#session.world.views.leave(this.#view, this);
  }

  /** The message number of a UID; 0 where the client does not know it. */
  numberOf(uid: Uid): number {
    return numberOf(uid, this.uids);
  }

  /** The command has changed something: it is asked for, whether or not the notice has come. */
  touched(): void {
    this.#noticed = -1;
  }

  /** The command tells itself what it changed so, if anything; a later `sync` does not repeat it. */
  tells(modSeq: ModSeq | null): void {
    if (modSeq !== null) this.#told.push(modSeq);
    this.touched();
  }

  /** Tells the client what has happened since it was last told. `gone`: the mailbox itself is. */
  async sync(telling: Telling, call: Call): Promise<'told' | 'gone'> {
    const { notices } = this.#view.watched;
    const told = this.#told;
    const changes = await this.#view.changes({ modSeq: this.modSeq, fresh: this.uidNext, told }, call);
    if (changes === null || !(await this.#apply(changes, telling, call))) return 'gone';
    this.#noticed = notices;
    this.#told = this.#told.slice(told.length);
    return 'told';
  }

  /** Until it has told all, it has told nothing: what fails on the way is told again. False: the mailbox has gone meanwhile. */
  async #apply(changes: Changes, telling: Telling, call: Call): Promise<boolean> {
    const { highestModSeq, uidNext, vanished } = changes;
    const before = this.uidNext;
    const gone = union(this.#withheld, common(vanished, this.uids));
    this.#withheld = telling === 'all' ? NO_UIDS : gone;
    if (telling === 'all') {
      await this.#sayGone(gone);
      this.uids = without(this.uids, gone);
    }
    const fresh: Uid[] = [];
    for (let page: Changes | null = changes; page !== null; ) {
      for (const { uid } of page.changed) if (uid >= before && uid < uidNext) fresh.push(uid);
      if (page.next === null) this.#grow(highestModSeq, fresh);
      for (const row of page.changed) {
        if (row.uid >= before) continue;
        this.sayFlags(row, 'whatever was asked');
        await this.#session.output.room();
      }
      if (page.next === null) break;
      page = await this.#view.changes(page.next, call);
      if (page === null) return false;
    }
    this.uidNext = Math.max(before, uidNext);
    this.modSeq = highestModSeq;
    await this.#session.output.room();
    return true;
  }

  #grow(modSeq: ModSeq, fresh: readonly Uid[]): void {
    const now = (): UidList => joined(this.uids, Uint32Array.from(fresh));
    this.uids = this.#withheld.length === 0 ? this.#view.share(modSeq, now) : now();
    if (fresh.length > 0) this.#session.output.say(formatExists(this.uids.length));
  }

  async #sayGone(gone: UidList): Promise<void> {
    if (gone.length === 0) return;
    const { output, qresync } = this.#session;
    // RFC 7162 §3.2.10: VANISHED takes the place of EXPUNGE.
    if (qresync) {
      output.say(formatVanished(gone, false));
      return;
    }
    // From the end, so that no number moves before it is said.
    let number = this.uids.length;
    for (let left = gone.length; left > 0; left--) {
      const uid = gone[left - 1] as Uid;
      while (number > 0 && (this.uids[number - 1] as Uid) > uid) number -= 1;
      output.say(formatExpunge(number));
      if (left % SAID_AT_ONCE === 0) await this.#letOthersIn();
    }
  }

  /** Telling of tens of thousands takes a moment, in which nobody else in this process would be heard (O4). */
  async #letOthersIn(): Promise<void> {
    await this.#session.output.room();
    await nextTurn();
  }

  /** RFC 9051 §7.3.5: a keyword that is new to the client is told before a message with it. Keepers have one spelling of each. */
  introduce(flags: readonly Flag[]): void {
    const unknown = flags.filter((flag) => !this.flags.includes(flag));
    if (unknown.length === 0) return;
    this.flags = [...this.flags, ...unknown];
    this.#session.output.say(formatFlags(this.flags));
    if (!this.readOnly) this.#session.output.say(`* OK [${permanentFlags(this.flags, true)}] A keyword more\r\n`);
  }

  /** A FETCH answer with a row's flags. `also`: what the command that it answers asked for beside them. */
  sayFlags(row: ChangedRow, also: 'whatever was asked' | { readonly uid: boolean; readonly flags: boolean }): void {
    const number = this.numberOf(row.uid);
    if (number === 0) return;
    const { condstore, qresync, output } = this.#session;
    const unsolicited = also === 'whatever was asked';
    const items: string[] = [];
    // RFC 7162 §3.2.4: with QRESYNC, the UID stands in each.
    if (qresync || (!unsolicited && also.uid)) items.push(fetchItems.uid(row.uid));
    if (unsolicited || also.flags) {
      this.introduce(row.flags);
      items.push(fetchItems.flags(row.flags));
    }
    if (condstore) items.push(fetchItems.modSeq(row.modSeq));
    if (items.length > 0) output.say(formatFetch(number, items));
  }
}

/** Answers of one turn of the event loop: less than a millisecond of it. */
const SAID_AT_ONCE = 500;

/** New UIDs are above all that were. */
function joined(uids: UidList, fresh: UidList): UidList {
  if (fresh.length === 0) return uids;
  const all = new Uint32Array(uids.length + fresh.length);
  all.set(uids);
  all.set(fresh, uids.length);
  return all;
}
