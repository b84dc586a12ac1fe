/** `ports/mailboxes.ts` over the tables of PostgreSQL: what changes an account goes through the writer, what is only read asks by itself. */
import type { AccountKey, Call, MailAddress, MailboxId, MailboxName, SpecialUse, Uid } from '#/model/index.ts';
import { addressKey } from '#/model/index.ts';
import type {
  AccountLimits,
  AutomaticAnswer,
  Delivered,
  Delivery,
  DeliveryKey,
  FlagChange,
  Mailboxes,
  NewMessage,
  RecoverFilter,
  Since,
  View,
} from '#/ports/index.ts';
import { checkedKeys, NO_USAGE } from '../mailbox/index.ts';
import type { ReadingPool } from '../postgres/reading-pool.ts';
import { Accounts } from './accounts.ts';
import { mayAnswer, readRules, setRules } from './answers.ts';
import type { Change } from './change.ts';
import { checkedCount } from './checked.ts';
import { copy } from './copy.ts';
import { append, forgetDeliveries } from './deliver.ts';
import { flag } from './flag.ts';
import { create, remove, rename, subscribe } from './folders.ts';
import { expunge, retire } from './leave.ts';
import * as reading from './reading.ts';
import { purge, recover } from './recover.ts';
import { holding } from './search.ts';
import { Views } from './views.ts';
import { Watching } from './watching.ts';
import type { Writer, WriterParts } from './writer.ts';

const CLOSE_MS = 10_000;

export interface PostgresMailboxes extends Mailboxes {
  /** Cuts all connections where they stand, as a crash of the process would; for tests of recovery. */
  kill(): Promise<void>;
}

export interface MailboxesParts {
  readonly reading: ReadingPool;
  /** For searches, which may take long: lists and messages never wait behind them. */
  readonly searching: ReadingPool;
  /** For the looks of those who watch: they wait behind nobody's search. */
  readonly pulse: ReadingPool;
  readonly startWriter: (onCommitted: WriterParts['onCommitted']) => Writer;
}

/** Use `openPostgresMailboxes`. */
export class MailboxTables implements PostgresMailboxes {
  readonly #parts: MailboxesParts;
  readonly #writer: Writer;
  readonly #accounts: Accounts;
  readonly #watching: Watching;
  readonly #views = new Views();
  #closed: Promise<void> | null = null;

  constructor(parts: MailboxesParts) {
    this.#parts = parts;
    this.#watching = new Watching(parts.pulse);
    this.#accounts = new Accounts(parts.reading, (key, call) => this.#change(key, call, async () => {}));
    this.#writer = parts.startWriter((key, id, version, changed) => {
      this.#accounts.learn(key, id);
      if (changed) this.#watching.committed(key, version);
    });
  }

  deliver(account: AccountKey, delivery: Delivery, call: Call): Promise<Delivered> {
    return this.#writer.ask(kept(account), {
      call,
      bytes: delivery.mail.content.length,
      delivery,
    }) as Promise<Delivered>;
  }

  forgetDeliveries(account: AccountKey, keys: readonly DeliveryKey[], call: Call): Promise<void> {
    return this.#change(account, call, async (change) => forgetDeliveries(change, keys));
  }

  async delivered(account: AccountKey, keys: readonly DeliveryKey[], call: Call): Promise<readonly boolean[]> {
    const checked = checkedKeys(keys);
    return reading.delivered(this.#parts.reading, await this.#accounts.id(kept(account), call), checked, call);
  }

  async deliveriesBefore(
    ...[account, before, after, limit, call]: Parameters<Mailboxes['deliveriesBefore']>
  ): ReturnType<Mailboxes['deliveriesBefore']> {
    const id = await this.#accounts.id(kept(account), call);
    return reading.deliveriesBefore(this.#parts.reading, id, { before, after, limit: checkedCount(limit) }, call);
  }

  async list(account: AccountKey, call: Call): ReturnType<Mailboxes['list']> {
    return reading.list(this.#parts.reading, await this.#accounts.id(kept(account), call), call);
  }

  async find(account: AccountKey, name: MailboxName, call: Call): ReturnType<Mailboxes['find']> {
    return reading.find(this.#parts.reading, await this.#accounts.id(kept(account), call), name, call);
  }

  create(
    account: AccountKey,
    name: MailboxName,
    specialUse: SpecialUse | null,
    call: Call,
  ): ReturnType<Mailboxes['create']> {
    return this.#change(account, call, (change) => create(change, name, specialUse));
  }

  delete(account: AccountKey, name: MailboxName, call: Call): ReturnType<Mailboxes['delete']> {
    return this.#change(account, call, (change) => remove(change, name));
  }

  rename(account: AccountKey, from: MailboxName, to: MailboxName, call: Call): ReturnType<Mailboxes['rename']> {
    return this.#change(account, call, (change) => rename(change, from, to));
  }

  subscribe(account: AccountKey, name: MailboxName, wanted: boolean, call: Call): Promise<void> {
    return this.#change(account, call, (change) => subscribe(change, name, wanted));
  }

  async subscriptions(account: AccountKey, call: Call): Promise<readonly MailboxName[]> {
    return reading.subscriptions(this.#parts.reading, await this.#accounts.id(kept(account), call), call);
  }

  async view(account: AccountKey, mailbox: MailboxId, call: Call): Promise<View | null> {
    const id = await this.#accounts.id(kept(account), call);
    const known = this.#views.get(id, mailbox);
    const view = await reading.view(this.#parts.reading, id, mailbox, known, call);
    if (view !== null && view !== known) this.#views.keep(id, mailbox, view);
    return view;
  }

  async changes(account: AccountKey, mailbox: MailboxId, since: Since, call: Call): ReturnType<Mailboxes['changes']> {
    return reading.changes(this.#parts.reading, await this.#accounts.id(kept(account), call), mailbox, since, call);
  }

  async rows(...[account, mailbox, uids, parts, call]: Parameters<Mailboxes['rows']>): ReturnType<Mailboxes['rows']> {
    return reading.rows(this.#parts.reading, await this.#accounts.id(kept(account), call), mailbox, uids, parts, call);
  }

  async octets(...[account, message, from, bytes, call]: Parameters<Mailboxes['octets']>): Promise<Uint8Array> {
    return reading.octets(
      this.#parts.reading,
      await this.#accounts.id(kept(account), call),
      message,
      from,
      bytes,
      call,
    );
  }

  append(
    account: AccountKey,
    mailbox: MailboxId,
    mails: readonly NewMessage[],
    limits: AccountLimits,
    call: Call,
  ): ReturnType<Mailboxes['append']> {
    const bytes = mails.reduce((sum, { content }) => sum + content.length, 0);
    return this.#change(account, call, (change) => append(change, mailbox, mails, limits), bytes);
  }

  flag(
    account: AccountKey,
    mailbox: MailboxId,
    uids: readonly Uid[],
    asked: FlagChange,
    call: Call,
  ): ReturnType<Mailboxes['flag']> {
    return this.#change(account, call, (change) => flag(change, mailbox, uids, asked));
  }

  copy(...[account, from, uids, to, how, limits, call]: Parameters<Mailboxes['copy']>): ReturnType<Mailboxes['copy']> {
    return this.#change(account, call, (change) => copy(change, from, uids, to, how, limits));
  }

  expunge(
    account: AccountKey,
    mailbox: MailboxId,
    uids: readonly Uid[] | null,
    regardless: boolean,
    call: Call,
  ): ReturnType<Mailboxes['expunge']> {
    return this.#change(account, call, async (change) => {
      const row = await change.mailbox(mailbox);
      if (row === null) return { uids: [], modSeq: 0 };
      return { uids: await expunge(change, row, uids, regardless), modSeq: row.modSeq };
    });
  }

  async holding(
    ...[account, mailbox, phrase, where, call]: Parameters<Mailboxes['holding']>
  ): ReturnType<Mailboxes['holding']> {
    return holding(this.#parts.searching, await this.#accounts.id(kept(account), call), mailbox, phrase, where, call);
  }

  async maildrop(account: AccountKey, call: Call): ReturnType<Mailboxes['maildrop']> {
    return reading.maildrop(this.#parts.reading, await this.#accounts.id(kept(account), call), call);
  }

  async usage(account: AccountKey, call: Call): ReturnType<Mailboxes['usage']> {
    const id = await this.#accounts.find(kept(account), call);
    return id === null ? NO_USAGE : reading.usage(this.#parts.reading, id, call);
  }

  async recoverable(
    account: AccountKey,
    filter: RecoverFilter,
    limit: number,
    call: Call,
  ): ReturnType<Mailboxes['recoverable']> {
    return reading.recoverable(this.#parts.reading, await this.#accounts.id(kept(account), call), filter, limit, call);
  }

  recover(account: AccountKey, filter: RecoverFilter, limit: number, call: Call): Promise<number> {
    return this.#change(account, call, (change) => recover(change, filter, checkedCount(limit)));
  }

  async rules(account: AccountKey, call: Call): Promise<string | null> {
    return readRules(this.#parts.reading, await this.#accounts.id(kept(account), call), call);
  }

  setRules(account: AccountKey, rules: string | null, call: Call): Promise<void> {
    return this.#change(account, call, (change) => setRules(change, rules));
  }

  mayAnswer(account: AccountKey, answer: AutomaticAnswer, call: Call): Promise<boolean> {
    return this.#change(account, call, (change) => mayAnswer(change, answer));
  }

  hold(account: AccountKey, held: boolean, call: Call): Promise<void> {
    return this.#change(account, call, async (change) => {
      if (change.account.held === held) return;
      change.account.held = held;
      change.touchAccount();
    });
  }

  purge(account: AccountKey, before: number, limit: number, call: Call): ReturnType<Mailboxes['purge']> {
    return this.#change(account, call, (change) => purge(change, before, checkedCount(limit)));
  }

  retire(account: AccountKey, mailbox: MailboxId, before: number, limit: number, call: Call): Promise<number> {
    return this.#change(account, call, async (change) => {
      const row = await change.mailbox(mailbox);
      return row === null ? 0 : (await retire(change, row, before, checkedCount(limit))).length;
    });
  }

  async accounts(after: AccountKey | null, limit: number, call: Call): Promise<readonly AccountKey[]> {
    return this.#accounts.list(after === null ? null : kept(after), checkedCount(limit), call);
  }

  watch(account: AccountKey, changed: () => void): () => void {
    return this.#watching.watch(kept(account), changed);
  }

  kill(): Promise<void> {
    this.#closed ??= this.#end(() => this.#writer.kill());
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#end(() => this.#writer.close(CLOSE_MS));
    return this.#closed;
  }

  #change<T>(key: AccountKey, call: Call, work: (change: Change) => Promise<T>, bytes = 0): Promise<T> {
    return this.#writer.ask(kept(key), { call, bytes, work }) as Promise<T>;
  }

  async #end(endWriter: () => Promise<void>): Promise<void> {
    this.#watching.close();
    await endWriter();
    const { reading: pool, searching, pulse } = this.#parts;
    await Promise.all([pool, searching, pulse].map((each) => each[Symbol.asyncDispose]()));
  }
}

/** As it is kept: addresses that differ by case alone are one account. */
function kept({ tenant, address }: AccountKey): AccountKey {
  return { tenant, address: addressKey(address) as MailAddress };
}
