/**
 * The model of mailboxes: what `ports/mailboxes.ts` promises, in the plainest code that keeps it, for tests of engines and as the measure
 * of the other keepers. Each call is one step that nothing comes between. It is durable as long as its `MemoryAccounts` lives.
 */
import type { AccountKey, Call } from '#/model/index.ts';
import { addressKey, Fault } from '#/model/index.ts';
import type { Clock, Mailboxes } from '#/ports/index.ts';
import { NO_USAGE } from '../mailbox/index.ts';
import * as answers from './mailbox-answers.ts';
import * as entries from './mailbox-entries.ts';
import * as folders from './mailbox-folders.ts';
import * as reading from './mailbox-reading.ts';
import { checkedCount, MemoryRows } from './mailbox-rows.ts';

/** What outlives one opening: two that are given the same are as two processes on one store. */
export class MemoryAccounts {
  readonly #rows = new Map<string, { readonly key: AccountKey; readonly rows: MemoryRows }>();
  readonly #watchers = new Map<string, Set<() => void>>();

  rowsOf(account: AccountKey, clock: Pick<Clock, 'now'>): MemoryRows {
    const key = { tenant: account.tenant, address: addressKey(account.address) as AccountKey['address'] };
    return this.#rows.getOrInsertComputed(keyText(key), () => ({ key, rows: new MemoryRows(clock) })).rows;
  }

  has(account: AccountKey): boolean {
    return this.#rows.has(keyText(account));
  }

  list(after: AccountKey | null, limit: number): readonly AccountKey[] {
    const order = [...this.#rows].sort(([a], [b]) => (a < b ? -1 : 1));
    const behind = order.filter(([text]) => after === null || text > keyText(after));
    return behind.slice(0, checkedCount(limit)).map(([, { key }]) => key);
  }

  watch(account: AccountKey, changed: () => void): () => void {
    const watchers = this.#watchers.getOrInsertComputed(keyText(account), () => new Set());
    // Its own function for each: who watches twice ends one.
    const watcher = (): void => changed();
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  }

  tell(account: AccountKey): void {
    for (const watcher of this.#watchers.get(keyText(account)) ?? []) queueMicrotask(watcher);
  }
}

/** A keeper in memory. */
export function openMemoryMailboxes(parts: {
  readonly clock: Pick<Clock, 'now'>;
  readonly accounts?: MemoryAccounts;
}): Mailboxes {
  const { clock, accounts = new MemoryAccounts() } = parts;
  let closed = false;
  const begin = (call: Call): void => {
    if (closed) throw new Fault('store.unavailable', 'It is closed.');
    if (call.deadlineAt < performance.now() || call.signal?.aborted === true) throw new Fault('call.late');
  };
  const read = async <T>(account: AccountKey, call: Call, from: (rows: MemoryRows) => T): Promise<T> => {
    begin(call);
    return from(accounts.rowsOf(account, clock));
  };
  const write = async <T>(account: AccountKey, call: Call, change: (rows: MemoryRows) => T): Promise<T> => {
    const answer = await read(account, call, change);
    accounts.tell(account);
    return answer;
  };
  return {
    deliver: (account, delivery, call) => write(account, call, (rows) => entries.deliver(rows, delivery)),
    forgetDeliveries: (account, keys, call) => write(account, call, (rows) => entries.forgetDeliveries(rows, keys)),
    delivered: (account, keys, call) => read(account, call, (rows) => entries.delivered(rows, keys)),
    deliveriesBefore: (account, before, after, limit, call) =>
      read(account, call, (rows) => entries.deliveriesBefore(rows, before, after, limit)),
    list: (account, call) => read(account, call, reading.list),
    find: (account, name, call) => read(account, call, (rows) => reading.find(rows, name)),
    create: (account, name, use, call) => write(account, call, (rows) => folders.create(rows, name, use)),
    delete: (account, name, call) => write(account, call, (rows) => folders.remove(rows, name)),
    rename: (account, from, to, call) => write(account, call, (rows) => folders.rename(rows, from, to)),
    subscribe: (account, name, wanted, call) => write(account, call, (rows) => folders.subscribe(rows, name, wanted)),
    subscriptions: (account, call) => read(account, call, reading.subscriptions),
    view: (account, mailbox, call) => read(account, call, (rows) => reading.view(rows, mailbox)),
    changes: (account, mailbox, since, call) => read(account, call, (rows) => reading.changes(rows, mailbox, since)),
    rows: (account, mailbox, uids, parts, call) =>
      read(account, call, (rows) => reading.rows(rows, mailbox, uids, parts)),
    octets: (account, message, from, bytes, call) =>
      read(account, call, (rows) => reading.octets(rows, message, from, bytes)),
    append: (account, mailbox, mails, limits, call) =>
      write(account, call, (rows) => entries.append(rows, mailbox, mails, limits)),
    flag: (account, mailbox, uids, change, call) =>
      write(account, call, (rows) => entries.flag(rows, mailbox, uids, change)),
    copy: (account, from, uids, to, how, limits, call) =>
      write(account, call, (rows) => entries.copy(rows, from, uids, to, how, limits)),
    expunge: (account, mailbox, uids, regardless, call) =>
      write(account, call, (rows) => entries.expunge(rows, mailbox, uids, regardless)),
    holding: (account, mailbox, phrase, where, call) =>
      read(account, call, (rows) => reading.holding(rows, mailbox, phrase, where)),
    maildrop: (account, call) => read(account, call, reading.maildrop),
    usage: async (account, call) => {
      begin(call);
      return accounts.has(account) ? read(account, call, reading.usage) : NO_USAGE;
    },
    recoverable: (account, filter, limit, call) =>
      read(account, call, (rows) => reading.recoverable(rows, filter, limit)),
    recover: (account, filter, limit, call) => write(account, call, (rows) => entries.recover(rows, filter, limit)),
    rules: (account, call) => read(account, call, (rows) => rows.rules),
    setRules: (account, rules, call) => read(account, call, (rows) => answers.setRules(rows, rules)),
    mayAnswer: (account, answer, call) => read(account, call, (rows) => answers.mayAnswer(rows, answer)),
    hold: (account, held, call) => write(account, call, (rows) => entries.hold(rows, held)),
    purge: (account, before, limit, call) => write(account, call, (rows) => entries.purge(rows, before, limit)),
    retire: (account, mailbox, before, limit, call) =>
      write(account, call, (rows) => entries.retire(rows, mailbox, before, limit)),
    accounts: async (after, limit, call) => {
      begin(call);
      return accounts.list(after, limit);
    },
    watch: (account, changed) => accounts.watch(account, changed),
    [Symbol.asyncDispose]: async () => {
      closed = true;
    },
  };
}

function keyText({ tenant, address }: AccountKey): string {
  return `${tenant}\0${addressKey(address)}`;
}
