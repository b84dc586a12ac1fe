/** The keeper of `ports/mailboxes.ts` on files: a proxy that shares accounts out among store threads and never waits for a disk itself. */
import type {
  AccountKey,
  Call,
  EmailId,
  MailAddress,
  MailboxId,
  MailboxName,
  MailId,
  SpecialUse,
  Uid,
} from '#/model/index.ts';
import { addressKey, Fault } from '#/model/index.ts';
import type {
  AccountLimits,
  AccountUsage,
  Appended,
  AutomaticAnswer,
  Changes,
  Clock,
  Copied,
  Created,
  Delivered,
  Delivery,
  DeliveryKey,
  FlagChange,
  Flagged,
  FullRow,
  Log,
  Mailboxes,
  Maildrop,
  Meter,
  NewMessage,
  Parts,
  PurgeStep,
  Recoverable,
  RecoverFilter,
  Since,
  TextPart,
  View,
} from '#/ports/index.ts';
import { checkedKeys, rowsUidsMax } from '../mailbox/index.ts';
import { takeLock } from '../sqlite/connections.ts';
import { accountName, numberOf } from './ids.ts';
import type { AccountCall, Input, Output } from './protocol.ts';
import { Searcher } from './searcher.ts';
import { ThreadChannel } from './thread-channel.ts';
import { packMessage, unpackFlags, unpackRows } from './wire.ts';

export interface SqliteMailboxesSettings {
  /** `<data>/mailboxes`: made where it is not there. */
  readonly folder: string;
  /** Store threads; accounts are shared out among them by a hash. */
  readonly threads: number;
}

export interface SqliteMailboxesParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

export interface SqliteMailboxes extends Mailboxes {
  /** Resolves when the store has failed in a way that must not be retried (`store.failed`): the process must stop. */
  readonly failed: Promise<Fault>;
  /** Ends the threads where they stand, as a crash would. For tests. */
  kill(): Promise<void>;
}

const CLOSE_GRACE_MS = 10_000;

/** Opens the mailboxes of a folder for this process alone. Faults `store.locked`, `store.foreign`, `store.unfinished`. */
export async function openSqliteMailboxes(
  settings: SqliteMailboxesSettings,
  parts: SqliteMailboxesParts,
): Promise<SqliteMailboxes> {
  const lock = takeLock(settings.folder);
  const failed = Promise.withResolvers<Fault>();
  const watchers = new Watchers();
  const onFailed = (fault: Fault): void => {
    parts.log.error('store.failed', { detail: fault.message });
    failed.resolve(fault);
  };
  const busy = parts.meter.counter('holdfast_mailboxes_busy_total', 'Calls turned away because too much waited.');
  const channelParts = {
    clock: parts.clock,
    onChanged: (account: AccountKey) => watchers.tell(account),
    onFailed,
    onBusy: () => busy.add(),
  };
  const opened: ThreadChannel[] = [];
  try {
    for (let i = 0; i < settings.threads; i++) {
      opened.push(await ThreadChannel.open({ folder: settings.folder }, `mailboxes ${i + 1}`, channelParts));
    }
  } catch (error) {
    await Promise.all(opened.map((each) => each.kill()));
    lock.close();
    throw error;
  }
  const searcher = new Searcher({ folder: settings.folder }, onFailed);
  return new ThreadedMailboxes(opened, searcher, watchers, failed.promise, () => lock.close());
}

class ThreadedMailboxes implements SqliteMailboxes {
  readonly failed: Promise<Fault>;
  readonly #threads: readonly ThreadChannel[];
  readonly #searcher: Searcher;
  readonly #watchers: Watchers;
  readonly #unlock: () => void;
  #closed: Promise<void> | null = null;

  constructor(
    threads: readonly ThreadChannel[],
    searcher: Searcher,
    watchers: Watchers,
    failed: Promise<Fault>,
    unlock: () => void,
  ) {
    this.#threads = threads;
    this.#searcher = searcher;
    this.#watchers = watchers;
    this.failed = failed;
    this.#unlock = unlock;
    void failed.then((fault) => {
      for (const thread of threads) thread.giveUp(fault);
    });
  }

  deliver(account: AccountKey, { key, mail, into, limits }: Delivery, call: Call): Promise<Delivered> {
    const input = { key, mail: packMessage(mail, 0), into, limits };
    return this.#ask(account, 'deliver', input, call, [mail.content]);
  }

  async forgetDeliveries(account: AccountKey, keys: readonly DeliveryKey[], call: Call): Promise<void> {
    await this.#ask(account, 'forgetDeliveries', { keys }, call);
  }

  async delivered(account: AccountKey, keys: readonly DeliveryKey[], call: Call): Promise<readonly boolean[]> {
    return this.#ask(account, 'delivered', { keys: checkedKeys(keys) }, call);
  }

  async deliveriesBefore(
    account: AccountKey,
    before: MailId,
    after: DeliveryKey | null,
    limit: number,
    call: Call,
  ): Promise<readonly DeliveryKey[]> {
    return this.#ask(account, 'deliveriesBefore', { before, after, limit: checkedCount(limit) }, call);
  }

  list(account: AccountKey, call: Call) {
    return this.#ask(account, 'list', null, call);
  }

  find(account: AccountKey, name: MailboxName, call: Call) {
    return this.#ask(account, 'find', { name }, call);
  }

  create(account: AccountKey, name: MailboxName, specialUse: SpecialUse | null, call: Call): Promise<Created> {
    return this.#ask(account, 'create', { name, specialUse }, call);
  }

  delete(account: AccountKey, name: MailboxName, call: Call) {
    return this.#ask(account, 'delete', { name }, call);
  }

  rename(account: AccountKey, from: MailboxName, to: MailboxName, call: Call) {
    return this.#ask(account, 'rename', { from, to }, call);
  }

  async subscribe(account: AccountKey, name: MailboxName, wanted: boolean, call: Call): Promise<void> {
    await this.#ask(account, 'subscribe', { name, wanted }, call);
  }

  subscriptions(account: AccountKey, call: Call): Promise<readonly MailboxName[]> {
    return this.#ask(account, 'subscriptions', null, call);
  }

  view(account: AccountKey, mailbox: MailboxId, call: Call): Promise<View | null> {
    return this.#ask(account, 'view', { mailbox }, call);
  }

  async changes(account: AccountKey, mailbox: MailboxId, since: Since, call: Call): Promise<Changes | null> {
    const changes = await this.#ask(account, 'changes', { mailbox, since }, call);
    return changes === null ? null : { ...changes, changed: unpackFlags(changes.changed) };
  }

  async rows(
    account: AccountKey,
    mailbox: MailboxId,
    uids: readonly Uid[],
    parts: Parts,
    call: Call,
  ): Promise<readonly FullRow[]> {
    if (uids.length > rowsUidsMax) throw new Fault('mailbox.refused', `At most ${rowsUidsMax} UIDs in one call.`);
    return unpackRows(await this.#ask(account, 'rows', { mailbox, uids: checkedUids(uids), parts }, call));
  }

  async octets(account: AccountKey, message: EmailId, from: number, bytes: number, call: Call): Promise<Uint8Array> {
    const range = { from: checkedCount(from), bytes: checkedCount(bytes) };
    return this.#ask(account, 'octets', { message: numberOf(message), ...range }, call);
  }

  append(
    account: AccountKey,
    mailbox: MailboxId,
    mails: readonly NewMessage[],
    limits: AccountLimits,
    call: Call,
  ): Promise<Appended> {
    let at = 0;
    const packed = mails.map((mail) => {
      const message = packMessage(mail, at);
      at += mail.content.length;
      return message;
    });
    const content = mails.map((mail) => mail.content);
    return this.#ask(account, 'append', { mailbox, mails: packed, limits }, call, content);
  }

  async flag(
    account: AccountKey,
    mailbox: MailboxId,
    uids: readonly Uid[],
    change: FlagChange,
    call: Call,
  ): Promise<Flagged> {
    const flagged = await this.#ask(account, 'flag', { mailbox, uids: checkedUids(uids), change }, call);
    return { ...flagged, rows: unpackFlags(flagged.rows) };
  }

  copy(
    account: AccountKey,
    from: MailboxId,
    uids: readonly Uid[],
    to: MailboxId,
    how: 'copy' | 'move',
    limits: AccountLimits,
    call: Call,
  ): Promise<Copied> {
    return this.#ask(account, 'copy', { from, uids, to, how, limits }, call);
  }

  expunge(account: AccountKey, mailbox: MailboxId, uids: readonly Uid[] | null, regardless: boolean, call: Call) {
    const named = uids === null ? null : checkedUids(uids);
    return this.#ask(account, 'expunge', { mailbox, uids: named, regardless }, call);
  }

  /** Behind a look of the account's own thread: it opens what no thread for searches may make or bring to this release. */
  async holding(
    account: AccountKey,
    mailbox: MailboxId,
    phrase: readonly string[],
    where: TextPart,
    call: Call,
  ): Promise<readonly Uid[]> {
    await this.#ask(account, 'touch', null, call);
    return this.#searcher.holding(keyOf(account), numberOf(mailbox), phrase, where, call);
  }

  maildrop(account: AccountKey, call: Call): Promise<Maildrop> {
    return this.#ask(account, 'maildrop', null, call);
  }

  usage(account: AccountKey, call: Call): Promise<AccountUsage> {
    return this.#ask(account, 'usage', null, call);
  }

  async recoverable(
    account: AccountKey,
    filter: RecoverFilter,
    limit: number,
    call: Call,
  ): Promise<readonly Recoverable[]> {
    return this.#ask(account, 'recoverable', { filter, limit: checkedCount(limit) }, call);
  }

  async recover(account: AccountKey, filter: RecoverFilter, limit: number, call: Call): Promise<number> {
    return this.#ask(account, 'recover', { filter, limit: checkedCount(limit) }, call);
  }

  rules(account: AccountKey, call: Call): Promise<string | null> {
    return this.#ask(account, 'rules', null, call);
  }

  async setRules(account: AccountKey, rules: string | null, call: Call): Promise<void> {
    await this.#ask(account, 'setRules', { rules }, call);
  }

  mayAnswer(account: AccountKey, answer: AutomaticAnswer, call: Call): Promise<boolean> {
    return this.#ask(account, 'mayAnswer', answer, call);
  }

  async hold(account: AccountKey, held: boolean, call: Call): Promise<void> {
    await this.#ask(account, 'hold', { held }, call);
  }

  async purge(account: AccountKey, before: number, limit: number, call: Call): Promise<PurgeStep> {
    return this.#ask(account, 'purge', { before, limit: checkedCount(limit) }, call);
  }

  async retire(account: AccountKey, mailbox: MailboxId, before: number, limit: number, call: Call): Promise<number> {
    return this.#ask(account, 'retire', { mailbox, before, limit: checkedCount(limit) }, call);
  }

  async accounts(after: AccountKey | null, limit: number, call: Call): Promise<readonly AccountKey[]> {
    const behind = after === null ? null : keyOf(after);
    return this.#thread(0).call(null, 'accounts', { after: behind, limit: checkedCount(limit) }, call);
  }

  watch(account: AccountKey, changed: () => void): () => void {
    return this.#watchers.add(account, changed);
  }

  kill(): Promise<void> {
    this.#closed ??= this.#end((thread) => thread.kill());
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#end((thread) => thread.close(CLOSE_GRACE_MS));
    return this.#closed;
  }

  async #end(end: (thread: ThreadChannel) => Promise<void>): Promise<void> {
    await this.#searcher[Symbol.asyncDispose]();
    await Promise.all(this.#threads.map(end));
    this.#unlock();
  }

  /** An account is always the same thread's: it alone has its files open. */
  #ask<Name extends AccountCall>(
    account: AccountKey,
    name: Name,
    input: Input<Name>,
    call: Call,
    content: readonly Uint8Array[] = [],
  ): Promise<Output<Name>> {
    const key = keyOf(account);
    let mixed = 0;
    for (const character of accountName(key)) mixed = (Math.imul(mixed, 31) + character.charCodeAt(0)) | 0;
    return this.#thread(Math.abs(mixed) % this.#threads.length).call(key, name, input, call, content);
  }

  #thread(i: number): ThreadChannel {
    const thread = this.#threads[i];
    if (thread === undefined) throw new Fault('store.unavailable');
    return thread;
  }
}

/** Addresses that differ by case alone are one account. */
function keyOf({ tenant, address }: AccountKey): AccountKey {
  return { tenant, address: addressKey(address) as MailAddress };
}

/** What can be no UID names nothing. As octets, which cross to a thread faster than numbers. */
function checkedUids(uids: readonly Uid[]): Uint32Array {
  const isUid = (uid: Uid): boolean => Number.isInteger(uid) && uid > 0 && uid < 2 ** 32;
  return Uint32Array.from(uids.every(isUid) ? uids : uids.filter(isUid));
}

/** A whole number from 0; fault `mailbox.refused` for what is none. */
function checkedCount(value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new Fault('mailbox.refused', 'A number is out of range.');
  return value;
}

/** Who wants to know of changes to which account. All of them are made in this process, so telling needs no store. */
class Watchers {
  readonly #watching = new Map<string, Set<() => void>>();

  add(account: AccountKey, changed: () => void): () => void {
    const name = accountName(keyOf(account));
    const own = (): void => changed();
    const all = this.#watching.getOrInsert(name, new Set());
    all.add(own);
    return () => {
      all.delete(own);
      if (all.size === 0 && this.#watching.get(name) === all) this.#watching.delete(name);
    };
  }

  tell(account: AccountKey): void {
    for (const changed of this.#watching.get(accountName(account)) ?? []) changed();
  }
}
