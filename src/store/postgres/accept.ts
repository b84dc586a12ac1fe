/** The door: mails with all their recipients come into custody. Appends only, and the same statements whatever waits (M3). */
import type { ArrivedMail, Call, IncarnationId, MailId } from '#/model/index.ts';
import type { Step } from './batch.ts';
import { textArray } from './binary-arrays.ts';
import type { Changes } from './changes.ts';
import type { Context } from './context.ts';
import type { Lane } from './lane.ts';
import type { Actor } from './names.ts';
import type { Request } from './requests.ts';
import type { CustodyRow } from './rows.ts';
import { WRITE_SOMETHING } from './statements.ts';

const FIND_MESSAGES = {
  name: 'find-messages',
  text: 'SELECT id FROM message WHERE id = ANY ($1::text[])',
};

/** A clash with another try of the same mails is looked into this many times. */
const LOOKS_MAX = 5;
const CLASH = '23505';

/** The mails of one call, committed together. An id that is there is left as it is. */
export class AcceptRequest implements Request {
  readonly call: Call;
  readonly bytes: number;
  readonly actors: readonly Actor[];
  readonly ids: readonly MailId[];
  readonly #context: Context;
  readonly #mails: readonly ArrivedMail[];
  readonly #claimFor: IncarnationId | null;
  #rows: CustodyRow[][] = [];

  constructor(context: Context, mails: readonly ArrivedMail[], claimFor: IncarnationId | null, call: Call) {
    this.call = call;
    this.#context = context;
    this.#mails = mails;
    this.#claimFor = claimFor;
    this.bytes = mails.reduce((sum, { body }) => sum + (body.kind === 'memory' ? body.size : 0), 0);
    this.actors = mails.map((mail) => this.#actorOf(mail));
    this.ids = mails.map(({ id }) => id);
  }

  join(changes: Changes): boolean {
    this.#enter(changes, this.#mails);
    return true;
  }

  answer(): null {
    for (const rows of this.#rows) {
      const claimed = rows.filter((row) => row.claimBy !== null);
      const [first] = claimed;
      if (first !== undefined) this.#context.holdings.hold(first.message, rows.length, claimed);
    }
    return null;
  }

  // An insert of an id waits for whoever is inserting it, and clashes when that one was committed: so what is found is certain.
  async alone(lane: Lane): Promise<null> {
    for (let look = 1; ; look++) {
      try {
        await this.#insertMissing(lane);
        return this.answer();
      } catch (error) {
        if ((error as { code?: unknown }).code !== CLASH || look >= LOOKS_MAX) throw error;
      }
    }
  }

  late(): void {}

  unheard(): void {}

  async #insertMissing(lane: Lane): Promise<void> {
    const find: Step = { statement: FIND_MESSAGES, values: [textArray(this.ids)] };
    // Whatever is found must be as safe as what is written: the commit of something waits for every standby.
    const [found = []] = await lane.run([find, { statement: WRITE_SOMETHING, values: [] }]);
    const there = new Set(found.map(([id]) => id));
    const missing = this.#mails.filter(({ id }) => !there.has(id));
    this.#rows = [];
    if (missing.length === 0) return;
    const changes = this.#context.changes();
    this.#enter(changes, missing);
    await this.#context.commit(lane, changes);
  }

  #enter(changes: Changes, mails: readonly ArrivedMail[]): void {
    const { names, sealing } = this.#context;
    const claimBy = names.worker(this.#claimFor)?.key ?? null;
    this.#rows = mails.map((mail) => {
      return changes.arrive(mail, sealing.seal(mail), claimBy, this.#context.source(this.#actorOf(mail)));
    });
  }

  #actorOf({ origin }: ArrivedMail): Actor {
    return { component: origin === 'received' ? 'gate' : 'deliver', worker: this.#claimFor };
  }
}
