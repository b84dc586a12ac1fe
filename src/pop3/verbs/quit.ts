/**
 * QUIT (RFC 1939 §6): the UPDATE state. What is marked is deleted by its UIDs, a page at a time, so that a hundred thousand are a
 * hundred short transactions and nobody waits behind them (O3). Deleted means recoverable for a while; purging is not ours.
 *
 * A page may be carried out twice: what is not live any more is left out. So a lost answer, or a session that does the same again,
 * deletes nothing that was not asked for. Once begun it goes on to its end, also when the connection is lost: QUIT was said.
 *
 * Retries: `deletion`, `deleteRepeatsMax` a session, `deleteRepeatAfterMs` apart, for faults that say "soon"; then the client hears that
 * messages remain (O6).
 */
import { replies } from '#/codec/pop3/index.ts';
import { Fault, type Uid, within } from '#/model/index.ts';
import type { Answer, Said } from '../answer.ts';
import type { OpenMaildrop, Session } from '../session.ts';

export function quit(session: Session): Answer {
  const { open } = session;
  if (open === null) return { kind: 'end', reply: replies.goodbye };
  if (open.drop.marked === 0) return { kind: 'end', reply: replies.deleted(0) };
  return update(open, session);
}

async function update(open: OpenMaildrop, session: Session): Promise<Said> {
  const { world } = session;
  const uids = open.drop.markedUids();
  session.renew(world.settings.limits.unreadMs);
  // Where QUIT came along with RETR, what was asked for before it must have left first.
  const hasLeft = await session.flushed();
  if (!hasLeft || session.isOver) return { kind: 'end', reply: replies.notDeleted(uids.length, uids.length) };
  world.updating += 1;
  try {
    const done = await new Deletion(open, session).run(uids);
    world.counters.deleted.add(done);
    const left = uids.length - done;
    return { kind: 'end', reply: left === 0 ? replies.deleted(done) : replies.notDeleted(left, uids.length) };
  } finally {
    world.updating -= 1;
  }
}

class Deletion {
  readonly #open: OpenMaildrop;
  readonly #session: Session;
  #repeatsLeft: number;

  constructor(open: OpenMaildrop, session: Session) {
    this.#open = open;
    this.#session = session;
    this.#repeatsLeft = session.world.settings.limits.deleteRepeatsMax;
  }

  /** Returns how many are deleted, from the first on. */
  async run(uids: readonly Uid[]): Promise<number> {
    const { deletePageMessages } = this.#session.world.settings.limits;
    for (let from = 0; from < uids.length; from += deletePageMessages) {
      if (!(await this.#page(uids.slice(from, from + deletePageMessages)))) return from;
    }
    return uids.length;
  }

  async #page(uids: readonly Uid[]): Promise<boolean> {
    for (;;) {
      try {
        await this.#expunge(uids);
        return true;
      } catch (fault) {
        if (await this.#mayRepeat(fault)) continue;
        const what = fault instanceof Error ? fault.message : 'unknown';
        this.#session.world.log.warn('pop3.not-deleted', { what });
        return false;
      }
    }
  }

  async #expunge(uids: readonly Uid[]): Promise<void> {
    const { mailboxes, settings } = this.#session.world;
    const { account, drop } = this.#open;
    this.#session.renew(settings.limits.storeMs);
    await mailboxes.expunge(account, drop.mailbox, uids, true, within(settings.limits.storeMs));
  }

  async #mayRepeat(fault: unknown): Promise<boolean> {
    if (!(fault instanceof Fault) || fault.retry !== 'soon' || this.#repeatsLeft === 0) return false;
    this.#repeatsLeft -= 1;
    const { clock, settings } = this.#session.world;
    await clock.sleep(settings.limits.deleteRepeatAfterMs);
    return true;
  }
}
