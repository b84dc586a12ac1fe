/**
 * Tells contacts of tenants, and operators, of mail that waits for a person for too long (approvals that nobody gives, mail that was set aside), and of mail that a
 * fault of ours has held up, which the janitor found, and which has not arrived yet (H5, H8). One letter that counts, at most four a day, and only where something has become overdue since the last one.
 *
 * States: none of its own. A day has four windows; the id of a letter follows from its window, whose it is and whom it is for: whoever dies behind handing one to
 * custody finds it there. What must never happen: a letter for each mail; one about what was told before; a tenant told of another one's mail.
 */
import {
  type Call,
  type MailAddress,
  type MailId,
  mailIdFor,
  SYSTEM_TENANT,
  type TenantId,
  within,
} from '#/model/index.ts';
import {
  type Clock,
  type Custody,
  type DirectorySource,
  type Journal,
  type Log,
  type QueueFilter,
  Rounds,
  type WaitingMail,
  type WaitingMails,
} from '#/ports/index.ts';

export interface OverdueParts {
  readonly custody: Pick<Custody, 'accept'>;
  readonly journal: Pick<Journal, 'queue' | 'trace' | 'affectedCounts'>;
  readonly directory: DirectorySource;
  readonly operators: readonly MailAddress[];
  readonly mails: WaitingMails;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn'>;
  /** Tells those who deliver that mail waits. */
  readonly ring: () => void;
}

const HOUR_MS = 3_600_000;
const WINDOW_MS = 6 * HOUR_MS;
/** So long was nothing told, and nobody ran: what became overdue before that is no news. */
const BACK = 4;
/** From acceptance until it is too long. Who approves is asked again after a day; what is set aside waits for nobody who knows of it. */
const LIMITS_MS = { approval: 24 * HOUR_MS, setAside: HOUR_MS } as const;
const FILTERS: Readonly<Record<Cause, QueueFilter>> = {
  approval: { state: 'approval' },
  setAside: { state: 'held', reason: 'set-aside' },
};
/** Mails that are counted for one cause: beyond it the letter says that there are more. */
const COUNTED_MAX = 10_000;
const PAGE = 500;
const ROUND_MS = 60_000;
const CALL_MS = 60_000;

type Cause = keyof typeof LIMITS_MS;

/** What waits for one tenant, or for all. */
interface Tally {
  readonly approval: WaitingMail | null;
  readonly setAside: WaitingMail | null;
  /** Recipients. */
  readonly stuck: number;
  /** When the latest of it became overdue. */
  readonly latest: number;
}

const NONE: Tally = { approval: null, setAside: null, stuck: 0, latest: 0 };
/** Who puts right what nothing would move, by the journal. */
const JANITOR = 'janitor';

export class OverdueTeller implements AsyncDisposable {
  readonly #parts: OverdueParts;
  readonly #rounds: Rounds;
  /** The window that this process has told of whole. */
  #told = 0;

  constructor(parts: OverdueParts) {
    this.#parts = parts;
    this.#rounds = new Rounds(parts.clock, {
      work: async () => {
        await this.step();
        return ROUND_MS;
      },
      failed: (why) => {
        parts.log.warn('held.overdue-failed', { why });
        return ROUND_MS;
      },
    });
  }

  /** Works until it is disposed. */
  start(): this {
    this.#rounds.start();
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#rounds[Symbol.asyncDispose]();
  }

  /** Tells of the window that has ended last, once. */
  async step(): Promise<void> {
    const { clock, directory, operators } = this.#parts;
    const end = Math.floor(clock.now() / WINDOW_MS) * WINDOW_MS;
    if (end === this.#told) return;
    const { byTenant, isMore } = await this.#count(end);
    for (const [tenant, tally] of byTenant)
      for (const to of directory.current().tenant(tenant)?.contacts ?? [])
        await this.#tell({ tenant, to, isMore }, tally, end);
    const all = [...byTenant.values()].reduce(joined, NONE);
    for (const to of operators) await this.#tell({ tenant: null, to, isMore }, all, end);
    this.#told = end;
  }

  async #count(end: number) {
    const byTenant = new Map<TenantId, Tally>();
    let isMore = false;
    for (const cause of ['approval', 'setAside'] as const) {
      const filter = { ...FILTERS[cause], until: end - LIMITS_MS[cause] };
      let [after, left]: [MailId | null, number] = [null, COUNTED_MAX];
      do {
        const { items, next } = await this.#parts.journal.queue(filter, after, PAGE, this.#call());
        for (const { tenant, receivedAt } of items) {
          const one = { messages: 1, oldestAt: receivedAt };
          const found = { ...NONE, [cause]: one, latest: receivedAt + LIMITS_MS[cause] };
          byTenant.set(tenant, joined(byTenant.get(tenant) ?? NONE, found));
        }
        after = next;
        left -= items.length;
      } while (after !== null && left > 0);
      isMore ||= after !== null;
    }
    const window = { from: end - WINDOW_MS, to: end, component: JANITOR };
    for (const { tenant, unserved } of await this.#parts.journal.affectedCounts(window, this.#call())) {
      const found = unserved === 0 ? NONE : { ...NONE, stuck: unserved, latest: end };
      byTenant.set(tenant, joined(byTenant.get(tenant) ?? NONE, found));
    }
    return { byTenant, isMore };
  }

  async #tell(
    who: { readonly tenant: TenantId | null; readonly to: MailAddress; readonly isMore: boolean },
    { approval, setAside, stuck, latest }: Tally,
    end: number,
  ): Promise<void> {
    const { custody, journal, mails, clock, ring } = this.#parts;
    const tenant = who.tenant ?? SYSTEM_TENANT;
    const ends = Array.from({ length: BACK + 1 }, (_, i) => end - i * WINDOW_MS);
    const ids = ends.map((at) => mailIdFor(at, `waiting ${who.tenant ?? ''} ${who.to}`));
    const traces = await journal.trace({ ids, tenant }, ids.length, this.#call());
    const known = new Set(traces.map(({ id }) => id));
    const last = ends.find((_, i) => known.has(ids[i] as MailId)) ?? end - BACK * WINDOW_MS;
    const [id] = ids;
    if (id === undefined || latest <= last) return;
    const mail = mails.waiting({ id, at: clock.now(), ...who, approval, setAside, stuck });
    if (mail === null) return;
    await custody.accept([mail], null, this.#call());
    ring();
  }

  #call(): Call {
    return within(CALL_MS, this.#rounds.signal);
  }
}

function joined(one: Tally, other: Tally): Tally {
  return {
    approval: together(one.approval, other.approval),
    setAside: together(one.setAside, other.setAside),
    stuck: one.stuck + other.stuck,
    latest: Math.max(one.latest, other.latest),
  };
}

function together(one: WaitingMail | null, other: WaitingMail | null): WaitingMail | null {
  if (one === null || other === null) return one ?? other;
  return { messages: one.messages + other.messages, oldestAt: Math.min(one.oldestAt, other.oldestAt) };
}
