/**
 * Brings the mail of a source into an account of ours: folders first, then batch after batch, each message exactly once.
 *
 *   listed ──delivered before?──▶ there
 *      └──▶ loaded ──▶ delivered | refused (named in the report)      over quota: all of it stops, and can go on later
 *
 * What must never happen: a message that is there twice, or is counted and is not there; one bad message that keeps the others from coming;
 * memory that grows with the source.
 */
import { readMessage } from '#/codec/mime/index.ts';
import { type AccountKey, Fault, type MailboxName, within } from '#/model/index.ts';
import type { Clock, Delivered, Delivery, DeliveryKey, Mailboxes } from '#/ports/index.ts';
import { InFlight } from './in-flight.ts';
import { transferKey } from './keys.ts';
import type { FolderCount, Ledger } from './ledger.ts';
import { deliveriesAtOnceMax, deliveryBytesMax, deliveryMs, questionMs } from './limits.ts';
import { mayBeAskedAgain, patiently } from './patience.ts';
import type { Listed, Loaded, Source, SourceFolder } from './source.ts';
import { planTargets, type Target } from './targets.ts';

export interface BringOptions {
  readonly account: AccountKey;
  readonly quotaBytes: number | null;
  readonly messageBytesMax: number;
  /** Below which mailbox; null: each folder where it belongs. */
  readonly into: MailboxName | null;
  /** Brings under another name what an earlier run has brought already; null: skips it. */
  readonly again: string | null;
  /** Only looks. */
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

export interface BringParts {
  readonly source: Source;
  readonly mailboxes: Pick<Mailboxes, 'create' | 'deliver' | 'delivered' | 'list' | 'subscribe'>;
  readonly ledger: Ledger;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  /** After each batch, and between. `of` is null where nobody knows how many there are. */
  readonly onProgress: (done: number, of: number | null) => void;
}

/** `full`: the quota is used up; a later run goes on. */
export type Brought = 'done' | 'full';

/** Rejects with `SourceTrouble` where the source can't be read, and with a fault where the mailboxes can't be written for long. */
export async function bring(options: BringOptions, parts: BringParts): Promise<Brought> {
  return await new Bringing(options, parts).run();
}

class Full extends Error {}

class Bringing {
  readonly #options: BringOptions;
  readonly #parts: BringParts;
  #done = 0;
  #of: number | null = null;
  /** Ends with the delivery that began last. */
  #last: Promise<void> = Promise.resolve();
  /** Deliveries that failed and are tried again, and those that came behind them. */
  #inLine = 0;

  constructor(options: BringOptions, parts: BringParts) {
    this.#options = options;
    this.#parts = parts;
  }

  async run(): Promise<Brought> {
    const { source, ledger, mailboxes } = this.#parts;
    const { account, into } = this.#options;
    const folders = await source.folders();
    const there = await this.#patiently(() => mailboxes.list(account, this.#call()));
    const targets = planTargets(folders, there, into);
    const names = new Set<string>(there.map(({ name }) => name));
    ledger.begin(this.#options.dryRun);
    this.#of = totalOf(folders);
    try {
      for (const folder of folders) {
        const target = targets.get(folder.path);
        if (target === undefined) continue;
        await this.#make(folder, target, names);
        await this.#folder(folder, ledger.row(folder, target.name));
      }
      return 'done';
    } catch (error) {
      if (error instanceof Full) return 'full';
      throw error;
    }
  }

  async #make({ subscribed }: SourceFolder, { name, specialUse }: Target, names: Set<string>): Promise<void> {
    const { mailboxes } = this.#parts;
    const { account, dryRun } = this.#options;
    if (dryRun) return;
    const isNew = !names.has(name);
    if (isNew) await this.#patiently(() => mailboxes.create(account, name, specialUse, this.#call()));
    names.add(name);
    const wanted = subscribed ?? isNew;
    if (wanted) await this.#patiently(() => mailboxes.subscribe(account, name, true, this.#call()));
  }

  async #folder(folder: SourceFolder, row: FolderCount): Promise<void> {
    const { source, onProgress } = this.#parts;
    for await (const batch of source.batches(folder)) {
      this.#options.signal.throwIfAborted();
      const wanted = await this.#missing(batch, row);
      if (this.#options.dryRun) row.imported += wanted.size;
      else if (wanted.size > 0) await this.#batch(folder, wanted, row);
      this.#done += batch.length - wanted.size;
      onProgress(this.#done, this.#of);
    }
  }

  /** Those of a batch that no run has brought, with the keys that they are delivered under. */
  async #missing(batch: readonly Listed[], row: FolderCount): Promise<ReadonlyMap<Listed, DeliveryKey>> {
    const { account, into, again } = this.#options;
    const keys = batch.map((listed) => transferKey([again, into, ...listed.key]));
    const known = await this.#patiently(() => this.#parts.mailboxes.delivered(account, keys, this.#call()));
    const wanted = new Map<Listed, DeliveryKey>();
    for (const [n, listed] of batch.entries()) {
      const key = keys[n];
      if (known[n] === true || key === undefined) row.there += 1;
      else wanted.set(listed, key);
    }
    return wanted;
  }

  async #batch(folder: SourceFolder, wanted: ReadonlyMap<Listed, DeliveryKey>, row: FolderCount): Promise<void> {
    const { source, onProgress } = this.#parts;
    const inFlight = new InFlight({ works: deliveriesAtOnceMax, bytes: deliveryBytesMax });
    try {
      for await (const loaded of source.load(folder, [...wanted.keys()])) {
        this.#options.signal.throwIfAborted();
        const key = wanted.get(loaded.listed);
        if (key === undefined) continue;
        const bytes = 'mail' in loaded ? loaded.mail.content.length : 0;
        await inFlight.begin(bytes, async () => {
          await this.#one(loaded, key, row);
          this.#done += 1;
          onProgress(this.#done, this.#of);
        });
      }
    } finally {
      // What is under way ends before anyone counts, also where the source broke off.
      await inFlight.drained();
    }
  }

  async #one(loaded: Loaded, key: DeliveryKey, row: FolderCount): Promise<void> {
    const { ledger } = this.#parts;
    const { messageBytesMax } = this.#options;
    const { name } = loaded.listed;
    if ('trouble' in loaded) return ledger.refuse(row, name, loaded.trouble);
    const { length } = loaded.mail.content;
    if (length > messageBytesMax)
      return ledger.refuse(row, name, `It has ${length} octets; limits.messageBytes allows ${messageBytesMax}.`);
    const answer = await this.#deliver(this.#deliveryOf(loaded, key, row));
    if (answer === null) return ledger.refuse(row, name, 'The mailboxes do not take it.');
    if (answer.kind === 'over-quota') throw new Full();
    row.imported += 1;
    row.bytes += length;
  }

  #deliveryOf({ mail }: Extract<Loaded, { mail: unknown }>, key: DeliveryKey, { mailbox }: FolderCount): Delivery {
    const { content, flags, uidl } = mail;
    const facts = readMessage(content);
    const receivedAt = mail.receivedAt ?? facts.sentAt ?? this.#parts.clock.now();
    const limits = { quotaBytes: this.#options.quotaBytes };
    return { key, mail: { content, facts, flags, receivedAt, uidl }, into: mailbox as MailboxName, limits };
  }

  /** Null where it can never be. What the mailboxes had already without our knowing is what an answer that was lost had brought. */
  async #deliver(delivery: Delivery): Promise<Delivered | null> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    try {
      return await this.#inTurn(delivery, before);
    } catch (error) {
      if (error instanceof Fault && (error.code === 'mailbox.refused' || error.code === 'call.refused')) return null;
      throw error;
    } finally {
      resolve();
    }
  }

  /** Beside the others; while the mailboxes are away one behind the other, so that their order is that of the source. */
  async #inTurn(delivery: Delivery, before: Promise<void>): Promise<Delivered> {
    const { account, signal } = this.#options;
    const deliver = () => this.#parts.mailboxes.deliver(account, delivery, within(deliveryMs, signal));
    if (this.#inLine === 0) {
      try {
        return await deliver();
      } catch (error) {
        if (!mayBeAskedAgain(error)) throw error;
      }
    }
    this.#inLine += 1;
    try {
      await before;
      return await this.#patiently(deliver);
    } finally {
      this.#inLine -= 1;
    }
  }

  #patiently<T>(ask: () => Promise<T>): Promise<T> {
    return patiently(ask, { clock: this.#parts.clock, signal: this.#options.signal });
  }

  #call() {
    return within(questionMs, this.#options.signal);
  }
}

function totalOf(folders: readonly SourceFolder[]): number | null {
  const known = folders.map(({ messages }) => messages);
  return known.includes(null) ? null : known.reduce<number>((sum, messages) => sum + (messages ?? 0), 0);
}
