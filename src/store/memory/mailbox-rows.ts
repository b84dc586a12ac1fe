/** What the model keeps of an account: maps and lists, and the few ways by which entries come, change and go. */
import type { MessageFacts } from '#/codec/mime/index.ts';
import type {
  EmailId,
  Flag,
  Mailbox,
  MailboxId,
  MailboxName,
  MessageRow,
  ModSeq,
  SpecialUse,
  ThreadId,
  Uid,
} from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { Clock } from '#/ports/index.ts';
import {
  BORN_MAILBOXES,
  flagKey,
  INBOX,
  isSystemFlag,
  keywordsMax,
  namesToMake,
  newMailboxId,
  nextUidValidity,
  readFlag,
  SYSTEM_FLAGS,
} from '../mailbox/index.ts';

/** The octets that entries share. */
export interface Message {
  readonly id: EmailId;
  readonly thread: ThreadId;
  readonly content: Uint8Array;
  readonly facts: MessageFacts;
  readonly uidl: string;
}

/** A message in a mailbox: live, or expunged and not purged. */
export interface Entry {
  readonly mailbox: MemoryMailbox;
  readonly uid: Uid;
  readonly message: Message;
  readonly receivedAt: number;
  readonly savedAt: number;
  modSeq: ModSeq;
  flags: ReadonlySet<Flag>;
  /** Wall-clock ms; null while it lives. */
  expungedAt: number | null;
}

export interface MemoryMailbox {
  readonly id: MailboxId;
  /** The last one it had, once it is deleted. */
  name: MailboxName;
  readonly specialUse: SpecialUse | null;
  readonly uidValidity: number;
  uidNext: Uid;
  highestModSeq: ModSeq;
  /** By UID, which is the order in which they came. */
  readonly live: Map<Uid, Entry>;
  readonly vanished: { readonly uid: Uid; readonly modSeq: ModSeq }[];
  /** By `flagKey`: the spelling of the first use. */
  readonly keywords: Map<string, Flag>;
}

export class MemoryRows {
  readonly clock: Pick<Clock, 'now'>;
  /** Those that are there, the oldest first. */
  readonly mailboxes = new Map<MailboxId, MemoryMailbox>();
  readonly messages = new Map<EmailId, Message>();
  readonly subscriptions = new Set<MailboxName>(BORN_MAILBOXES.map(([name]) => name));
  readonly threads = new Map<string, ThreadId>();
  readonly deliveries = new Set<string>();
  expunged: Entry[] = [];
  held = false;
  rules: string | null = null;
  /** By whom and about what; the newest last. */
  readonly answers = new Map<string, { readonly at: number; readonly key: string }>();
  #modSeq: ModSeq = 0;
  #uidValidity = 0;

  constructor(clock: Pick<Clock, 'now'>) {
    this.clock = clock;
    for (const [name, specialUse] of BORN_MAILBOXES) this.make(name, specialUse);
  }

  get inbox(): MemoryMailbox {
    return this.named(INBOX) as MemoryMailbox;
  }

  named(name: MailboxName | null): MemoryMailbox | null {
    for (const mailbox of this.mailboxes.values()) if (mailbox.name === name) return mailbox;
    return null;
  }

  names(): Set<MailboxName> {
    return new Set([...this.mailboxes.values()].map(({ name }) => name));
  }

  make(name: MailboxName, specialUse: SpecialUse | null): MemoryMailbox {
    const now = this.clock.now();
    this.#uidValidity = nextUidValidity(now, this.#uidValidity);
    const mailbox: MemoryMailbox = {
      id: newMailboxId(now),
      name,
      specialUse,
      uidValidity: this.#uidValidity,
      uidNext: 1,
      highestModSeq: this.nextModSeq(),
      live: new Map(),
      vanished: [],
      keywords: new Map(),
    };
    this.mailboxes.set(mailbox.id, mailbox);
    return mailbox;
  }

  /** With what is missing above it. */
  makeTree(name: MailboxName, specialUse: SpecialUse | null): MemoryMailbox {
    const made = namesToMake(this.names(), name).map((each) => this.make(each, each === name ? specialUse : null));
    return made.at(-1) ?? this.inbox;
  }

  /** Of everything that one call changes. */
  nextModSeq(): ModSeq {
    return ++this.#modSeq;
  }

  /** Live entries of these UIDs, rising; null is all. */
  live(mailbox: MailboxId, uids: readonly Uid[] | null): Entry[] {
    const entries = [...(this.mailboxes.get(mailbox)?.live.values() ?? [])];
    if (uids === null) return entries;
    const wanted = new Set(uids);
    return entries.filter(({ uid }) => wanted.has(uid));
  }

  add(
    mailbox: MemoryMailbox,
    modSeq: ModSeq,
    entry: Pick<Entry, 'message' | 'receivedAt'>,
    flags: Iterable<Flag>,
  ): Uid {
    const uid = mailbox.uidNext++;
    const { message, receivedAt } = entry;
    const [savedAt, kept] = [this.clock.now(), this.keep(mailbox, flags).flags];
    mailbox.live.set(uid, { mailbox, uid, message, receivedAt, savedAt, modSeq, flags: kept, expungedAt: null });
    mailbox.highestModSeq = modSeq;
    return uid;
  }

  /** They are live no more; who asks for changes is told. */
  vanish(entries: readonly Entry[], modSeq: ModSeq): void {
    for (const { mailbox, uid } of entries) {
      mailbox.live.delete(uid);
      mailbox.vanished.push({ uid, modSeq });
      mailbox.highestModSeq = modSeq;
    }
  }

  expunge(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    this.vanish(entries, this.nextModSeq());
    for (const entry of entries) entry.expungedAt = this.clock.now();
    this.expunged.push(...entries);
  }

  /** The oldest first. */
  expungedInOrder(): Entry[] {
    return this.expunged.toSorted((a, b) => (a.expungedAt ?? 0) - (b.expungedAt ?? 0));
  }

  /** Flags as the mailbox keeps them: keywords in their first spelling, new ones while there is room. */
  keep(mailbox: MemoryMailbox, flags: Iterable<Flag>): { readonly flags: ReadonlySet<Flag>; readonly refused: Flag[] } {
    const kept = new Set<Flag>();
    const refused: Flag[] = [];
    for (const flag of flags) {
      const own = this.#keepOne(mailbox, readFlag(flag));
      if (own === null) refused.push(flag);
      else kept.add(own);
    }
    return { flags: kept, refused };
  }

  /** Messages that some entry needs, live or not. */
  needed(): Set<Message> {
    return new Set([...this.liveMessages(), ...this.expunged.map(({ message }) => message)]);
  }

  liveMessages(): Set<Message> {
    const live = [...this.mailboxes.values()].flatMap((mailbox) => [...mailbox.live.values()]);
    return new Set(live.map(({ message }) => message));
  }

  #keepOne(mailbox: MemoryMailbox, flag: Flag | null): Flag | null {
    if (flag === null || isSystemFlag(flag)) return flag;
    const known = mailbox.keywords.get(flagKey(flag));
    if (known !== undefined) return known;
    if (mailbox.keywords.size >= keywordsMax) return null;
    mailbox.keywords.set(flagKey(flag), flag);
    return flag;
  }
}

/** A copy that nobody shares: a mailbox as the port shows it. */
export function shownMailbox(mailbox: MemoryMailbox, subscribed: boolean): Mailbox {
  const { id, name, specialUse, uidValidity, uidNext, highestModSeq, live } = mailbox;
  const entries = [...live.values()];
  return {
    id,
    name,
    specialUse,
    subscribed,
    uidValidity,
    uidNext,
    highestModSeq,
    exists: entries.length,
    unseen: entries.filter(({ flags }) => !flags.has('\\Seen')).length,
    deleted: entries.filter(({ flags }) => flags.has('\\Deleted')).length,
    size: sizeOf(entries.map(({ message }) => message)),
  };
}

export function shownRow({ mailbox, uid, modSeq, flags, message, receivedAt, savedAt }: Entry): MessageRow {
  const order = [...SYSTEM_FLAGS, ...mailbox.keywords.values()];
  return {
    uid,
    modSeq,
    flags: order.filter((flag) => flags.has(flag)),
    emailId: message.id,
    threadId: message.thread,
    receivedAt,
    savedAt,
    size: message.content.length,
  };
}

export function sizeOf(messages: Iterable<Message>): number {
  return [...messages].reduce((sum, { content }) => sum + content.length, 0);
}

/** A whole number from 0; fault `mailbox.refused` for what is none. */
export function checkedCount(value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new Fault('mailbox.refused', 'A number is out of range.');
  return value;
}
