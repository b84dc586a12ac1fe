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

export class Maildrop {
  readonly mailbox: MailboxId;
  readonly #uids: Uint32Array;
  readonly #sizes: Float64Array;
  readonly #uidls: PackedTexts;
  readonly #emailIds: PackedTexts;
  /** One bit a message; made with the first mark. */
  #marks: Uint8Array | null = null;
  #markedCount = 0;
  #markedBytes = 0;
  readonly #totalBytes: number;

  constructor({ mailbox, messages }: MaildropView) {
    this.mailbox = mailbox;
    this.#uids = Uint32Array.from(messages, ({ uid }) => uid);
    this.#sizes = Float64Array.from(messages, ({ size }) => size);
    this.#uidls = new PackedTexts(messages.map(({ uidl }) => wireUidl(uidl)));
    this.#emailIds = new PackedTexts(messages.map(({ emailId }) => emailId));
    this.#totalBytes = messages.reduce((sum, { size }) => sum + size, 0);
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

/** Many short ASCII texts in one run of octets: a tenth of what as many strings take. */
class PackedTexts {
  readonly #octets: Buffer;
  readonly #ends: Uint32Array;

  constructor(texts: readonly string[]) {
    this.#octets = Buffer.from(texts.join(''), 'latin1');
    this.#ends = new Uint32Array(texts.length);
    let end = 0;
    for (const [at, text] of texts.entries()) {
      end += text.length;
      this.#ends[at] = end;
    }
  }

  get heldBytes(): number {
    return this.#octets.length + this.#ends.length * 4;
  }

  at(index: number): string {
    const from = index === 0 ? 0 : (this.#ends[index - 1] ?? 0);
    return this.#octets.toString('latin1', from, this.#ends[index] ?? 0);
  }
}

// RFC 1939 §7.
const uidlForm = /^[\x21-\x7e]+$/;

/** A unique-id that the wire can carry: what came from elsewhere and can't be said is said by its hash, which stays the same too. */
function wireUidl(uidl: string): string {
  if (uidl.length <= uidlBytesMax && uidlForm.test(uidl)) return uidl;
  return createHash('sha256').update(uidl).digest('hex');
}
