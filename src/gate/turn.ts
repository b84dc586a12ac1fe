/**
 * What a session has said and not yet written. The replies of one protocol turn leave in one write (RFC 2920 §3.2); while a commit is
 * pending, its own reply and all that were earned later wait behind it, in order (H3).
 *
 *   open ── hold() ──▶ holding ── release(reply) ──▶ open
 *
 * What must never happen: a reply written before the commit that it reports, or before an earlier reply.
 */
import { formatReply, type Reply } from '#/codec/smtp/index.ts';

// Most replies are constants of one table and are said millions of times.
const formatted = new WeakMap<Reply, string>();

export class Turn {
  #ready = '';
  #behind: string | null = null;

  /** Whether a reply is being waited for. */
  get holding(): boolean {
    return this.#behind !== null;
  }

  /** Octets that wait behind the pending reply. */
  get waitingBytes(): number {
    return this.#behind?.length ?? 0;
  }

  /** Adds a reply at its place. */
  say(reply: Reply): void {
    const text = textOf(reply);
    if (this.#behind === null) this.#ready += text;
    else this.#behind += text;
  }

  /** Keeps a place for replies that are not known yet. One at a time. */
  hold(): void {
    this.#behind = '';
  }

  /** Fills the place; what waited behind follows. */
  release(replies: readonly Reply[]): void {
    const behind = this.#behind ?? '';
    this.#behind = null;
    for (const reply of replies) this.#ready += textOf(reply);
    this.#ready += behind;
  }

  /** Everything that may be written now; empty where there is nothing. */
  take(): string {
    const ready = this.#ready;
    this.#ready = '';
    return ready;
  }
}

function textOf(reply: Reply): string {
  const known = formatted.get(reply);
  if (known !== undefined) return known;
  const text = formatReply(reply);
  formatted.set(reply, text);
  return text;
}
