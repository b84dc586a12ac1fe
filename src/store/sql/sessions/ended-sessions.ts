/** `ports/ended-sessions.ts` over any database that runs batches. Each end takes away what has had its time, so that no one has to sweep. */
import type { Call } from '#/model/index.ts';
import type { EndedSession, EndedSessions } from '#/ports/index.ts';
import type { Batches } from '../batches.ts';

export class SqlEndedSessions implements EndedSessions {
  readonly #batches: Pick<Batches, 'run'>;

  constructor(batches: Pick<Batches, 'run'>) {
    this.#batches = batches;
  }

  async end({ id, at, until }: EndedSession, call: Call): Promise<void> {
    const text = 'INSERT INTO ended_session (id, until) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING';
    const over = { text: 'DELETE FROM ended_session WHERE until < $1', values: [at] };
    await this.#batches.run([over, { text, values: [id, until] }], call);
  }

  async isEnded({ id }: Pick<EndedSession, 'id'>, call: Call): Promise<boolean> {
    const text = 'SELECT 1 AS ended FROM ended_session WHERE id = $1';
    const [rows = []] = await this.#batches.run([{ text, values: [id] }], call);
    return rows.length > 0;
  }
}
