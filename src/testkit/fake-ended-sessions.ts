/** Ended sessions in memory, with a knob that takes them away. */
import { Fault } from '#/model/index.ts';
import type { EndedSession, EndedSessions } from '#/ports/index.ts';

export class FakeEndedSessions implements EndedSessions {
  readonly ended = new Map<string, EndedSession>();
  /** The store does not answer. */
  away = false;

  async end(session: EndedSession): Promise<void> {
    this.#check();
    this.ended.set(session.id, session);
  }

  async isEnded({ id }: Pick<EndedSession, 'id'>): Promise<boolean> {
    this.#check();
    return this.ended.has(id);
  }

  #check(): void {
    if (this.away) throw new Fault('store.unavailable');
  }
}
