/**
 * A maildrop as it was at sign-in, with the marks of this session (RFC 1939 §5 and §6). A message has its number for the whole
 * session, whatever others do to the mailbox meanwhile.
 *
 *   there ── mark ──▶ marked ── reset ──▶ there            (marks become deletions at QUIT only)
 *
 * What must never happen: a number that means another message than before; a list that leaves one out (O5).
 *
 * Held compactly: 100,000 messages take some 6 MB, for a session may be idle for minutes.
 */
import { createHash } from 'node:crypto';
import { uidlBytesMax } from '#/codec/pop3/index.ts';
import type { EmailId, MailboxId, Uid } from '#/model/index.ts';
import type { Maildrop as MaildropView } from '#/ports/index.ts';
import { PackedTexts } from './packed-texts.ts';

/** Messages that are taken in one go: a millisecond or so. */
const STEP_MESSAGES = 1_000;

export class Maildrop {
  readonly mailbox: MailboxId;
  readonly #uids: Uint32Array;
  readonly #sizes: Float64Array;
  readonly #uidls: PackedTexts;
  readonly #emailIds: PackedTexts;
  #totalBytes = 0;
  /** One bit a message; made with the first mark. */
  #marks: Uint8Array | null = null;
  #markedCount = 0;
  #markedBytes = 0;

  private constructor(mailbox: MailboxId, count: number) {
    this.mailbox = mailbox;
    this.#uids = new Uint32Array(count);
    this.#sizes = new Float64Array(count);
    this.#uidls = new PackedTexts(count);
    this.#emailIds = new PackedTexts(count);
  }

  /** Takes what the keeper says, in steps between which others have their turn (O4). */
  static async of({ mailbox, messages }: MaildropView): Promise<Maildrop> {
    const drop = new Maildrop(mailbox, messages.length);
    for (const [at, message] of messages.entries()) {
      if (at > 0 && at % STEP_MESSAGES === 0) await new Promise((resolve) => setImmediate(resolve));
      drop.#take(at, message);
    }
    drop.#uidls.trim();
    drop.#emailIds.trim();
    return drop;
  }

  #take(at: number, { uid, uidl, size, emailId }: MaildropView['messages'][number]): void {
    this.#uids[at] = uid;
    this.#sizes[at] = size;
    this.#uidls.push(wireUidl(uidl));
    this.#emailIds.push(emailId);
    this.#totalBytes += size;
  }

  /** The highest number. */
  get last(): number {
    return this.#uids.length;
  }

  /** Messages that are not marked. */
  get count(): number {
    return this.last - this.#markedCount;
  }

  /** Octets of those. */
  get bytes(): number {
    return this.#totalBytes - this.#markedBytes;
  }

  get marked(): number {
    return this.#markedCount;
  }

  /** What this takes in memory, octets. */
  get heldBytes(): number {
    return this.last * 13 + this.#uidls.heldBytes + this.#emailIds.heldBytes;
  }

  has(message: number): boolean {
    return message >= 1 && message <= this.last;
  }

  isMarked(message: number): boolean {
    const at = message - 1;
    return this.#marks !== null && ((this.#marks[at >> 3] ?? 0) & (1 << (at & 7))) !== 0;
  }

  /** Octets as stored, which is what the client gets without stuffed dots (RFC 1939 §11). */
  size(message: number): number {
    return this.#sizes[message - 1] ?? 0;
  }

  uidl(message: number): string {
    return this.#uidls.at(message - 1);
  }

  emailId(message: number): EmailId {
    return this.#emailIds.at(message - 1) as EmailId;
  }

  /** Marks a message that is there and not marked. */
  mark(message: number): void {
    this.#marks ??= new Uint8Array((this.last + 7) >> 3);
    const at = message - 1;
    this.#marks[at >> 3] = (this.#marks[at >> 3] ?? 0) | (1 << (at & 7));
    this.#markedCount += 1;
    this.#markedBytes += this.size(message);
  }

  /** Takes all marks back. */
  reset(): void {
    this.#marks = null;
    this.#markedCount = 0;
    this.#markedBytes = 0;
  }

  /** UIDs of what is marked, rising. */
  markedUids(): Uid[] {
    const uids: Uid[] = [];
    for (let message = 1; message <= this.last && uids.length < this.#markedCount; message++) {
      if (this.isMarked(message)) uids.push(this.#uids[message - 1] ?? 0);
    }
    return uids;
  }
}

// RFC 1939 §7.
const uidlForm = /^[\x21-\x7e]+$/;

/** A unique-id that the wire can carry: what came from elsewhere and can't be said is said by its hash, which stays the same too. */
function wireUidl(uidl: string): string {
  if (uidl.length <= uidlBytesMax && uidlForm.test(uidl)) return uidl;
  return createHash('sha256').update(uidl).digest('hex');
}
