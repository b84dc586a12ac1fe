/**
 * Messages of one APPEND while they arrive (RFC 9051 §6.3.12, RFC 3502): each in one run of octets, counted against the memory of all.
 *
 *   announce() ── refused ─▶ the client hears NO, its octets are skipped
 *      └─▶ take() … ─▶ end() ─▶ announce() … ─▶ the command comes: appended all or none
 *
 * What must never happen: memory that is taken because a number was announced; memory that is not given back.
 */
import type { AppendHead, Reply } from '#/codec/imap/index.ts';
import { readMessage } from '#/codec/mime/index.ts';
import type { MailboxName } from '#/model/index.ts';
import type { NewMessage } from '#/ports/index.ts';
import * as answers from './answers.ts';
import type { Session } from './session.ts';

/** Octets that are allotted at first; then twice as many, up to what was announced. */
const FIRST_BYTES = 64 * 1024;

interface Arriving {
  readonly head: AppendHead;
  readonly bytes: number;
  buffer: Buffer;
  filled: number;
}

export class Appending {
  readonly mails: NewMessage[] = [];
  readonly #session: Session;
  #arriving: Arriving | null = null;
  #announcedBytes = 0;
  #heldBytes = 0;

  constructor(session: Session) {
    this.#session = session;
  }

  /** A message is to come; a reply where it is not wanted. */
  async announce(mailbox: MailboxName, head: AppendHead, bytes: number): Promise<Reply | null> {
    const { world, account } = this.#session;
    const { messageBytesMax, limits } = world.settings;
    if (bytes > messageBytesMax) return answers.tooBig(messageBytesMax);
    this.#announcedBytes += bytes;
    if (this.#announcedBytes > messageBytesMax * limits.appendTimesMessage) return answers.tooBig(messageBytesMax);
    if (this.mails.length === 0 && (await world.mailboxes.find(account, mailbox, this.#session.call())) === null) {
      return answers.createFirst;
    }
    const { quotaBytes } = this.#session.limits();
    if (quotaBytes !== null) {
      // Said before the octets are sent; whether there really is room is decided when they are kept.
      const { bytes: used } = await world.mailboxes.usage(account, this.#session.call());
      if (used + this.#announcedBytes > quotaBytes) return answers.overQuota;
    }
    this.#arriving = { head, bytes, buffer: Buffer.alloc(0), filled: 0 };
    return null;
  }

  /** Octets of the message; a reply where there is no memory for them. */
  take(piece: Buffer): Reply | null {
    const arriving = this.#arriving;
    if (arriving === null) throw new Error('Octets of a message came that was not announced.');
    const needed = arriving.filled + piece.length;
    if (needed > arriving.buffer.length && !this.#grow(arriving, needed)) return answers.busy;
    piece.copy(arriving.buffer, arriving.filled);
    arriving.filled = needed;
    return null;
  }

  /** The message is whole. */
  end(): void {
    const arriving = this.#arriving;
    if (arriving === null) throw new Error('A message ended that was not announced.');
    this.#arriving = null;
    const content = arriving.buffer.subarray(0, arriving.filled);
    const { flags, receivedAt } = arriving.head;
    this.mails.push({
      content,
      facts: readMessage(content),
      flags,
      receivedAt: receivedAt ?? this.#session.world.clock.now(),
      uidl: null,
    });
  }

  /** Gives back the memory. */
  [Symbol.dispose](): void {
    this.#session.world.memory.giveBack(this.#heldBytes);
    this.#heldBytes = 0;
    this.#arriving = null;
    this.mails.length = 0;
  }

  #grow(arriving: Arriving, needed: number): boolean {
    const size = Math.min(arriving.bytes, Math.max(needed, FIRST_BYTES, arriving.buffer.length * 2));
    const more = size - arriving.buffer.length;
    if (!this.#session.world.memory.take(more)) return false;
    const grown = Buffer.allocUnsafeSlow(size);
    arriving.buffer.copy(grown, 0, 0, arriving.filled);
    this.#heldBytes += more;
    arriving.buffer = grown;
    return true;
  }
}
