/**
 * Test mail through every way of an installation: handed in as people's mail is, inspected, delivered to the built-in sink and into a mailbox, and read
 * again by IMAP and POP3. Each step is timed by itself, and each that goes wrong is told with what was said.
 *
 * A path is `open`, or `choked` while too much of its test mail has not arrived: then its last one is followed, and none is sent.
 *
 * What must never happen: a round that rejects or has no end; test mail that heaps up behind a part that is out; a step that is told as good without having been
 * seen to be.
 */
import {
  isLive,
  type MailAddress,
  type MailId,
  PROBE_MAILBOX,
  PROBE_SINK,
  type TimedStage,
  within,
} from '#/model/index.ts';
import type { Clock, Journal, Trace } from '#/ports/index.ts';
import { probeLookMs, probeStepMs, unarrivedMax } from './limits.ts';
import type { ProbeStep } from './observer.ts';

/** What a probe is done with; null where the installation has no such way. */
export interface ProbeWays {
  /** Hands in one mail and resolves with its id; rejects with what was said. */
  readonly submit: ((recipients: readonly MailAddress[], signal: AbortSignal) => Promise<MailId>) | null;
  readonly imap: ((signal: AbortSignal) => Promise<void>) | null;
  readonly pop3: ((signal: AbortSignal) => Promise<void>) | null;
  readonly journal: Pick<Journal, 'trace'>;
  readonly clock: Clock;
}

/** Parts that stand behind the door. */
export interface ProbedParts {
  readonly inspection: boolean;
  readonly delivery: boolean;
  readonly mailboxes: boolean;
}

/** One recipient of test mail, and what is known of the last one sent to it. */
interface Path {
  readonly recipient: MailAddress;
  readonly unarrived: number;
  readonly last: { readonly id: MailId; readonly isFresh: boolean } | null;
  /** Null until it is found. */
  readonly seen: Seen | null;
}

/** Wall-clock ms of what happened to it. */
interface Seen {
  readonly receivedAt: number;
  readonly inspectedAt: number | null;
  readonly endedAt: number | null;
  /** What it came to, where that is not its delivery. */
  readonly fault: string | null;
}

export class Prober {
  readonly #ways: ProbeWays;
  readonly #parts: ProbedParts;
  #paths: readonly Path[];

  constructor(ways: ProbeWays, parts: ProbedParts) {
    this.#ways = ways;
    this.#parts = parts;
    const recipients = [...(parts.delivery ? [PROBE_SINK] : []), ...(parts.mailboxes ? [PROBE_MAILBOX] : [])];
    this.#paths = recipients.map((recipient) => ({ recipient, unarrived: 0, last: null, seen: null }));
  }

  /** One round. Never rejects; a step that is not told was not tried. */
  async run(signal: AbortSignal): Promise<readonly ProbeStep[]> {
    const { imap, pop3 } = this.#ways;
    const rounds = [this.#mail(signal), this.#timed('imap', imap, signal), this.#timed('pop3', pop3, signal)];
    return (await Promise.all(rounds)).flat();
  }

  async #mail(signal: AbortSignal): Promise<readonly ProbeStep[]> {
    const { submit } = this.#ways;
    const open = this.#paths.filter(({ unarrived }) => unarrived < unarrivedMax).map(({ recipient }) => recipient);
    this.#change((path) => ({ ...path, seen: null, last: path.last && { ...path.last, isFresh: false } }));
    if (submit === null) return [];
    const handIn = async (limit: AbortSignal): Promise<void> => {
      const id = await submit(open, limit);
      this.#change((path) => (open.includes(path.recipient) ? { ...path, last: { id, isFresh: true } } : path));
    };
    const taken = open.length === 0 ? [] : await this.#timed('submission', handIn, signal);
    if (taken.some(({ fault }) => fault !== null)) return taken;
    await this.#follow(signal);
    const hops = this.#paths.flatMap((path) => this.#stepsOf(path));
    this.#change((path) => ({ ...path, unarrived: (path.seen?.endedAt ?? null) === null ? path.unarrived + 1 : 0 }));
    return [...taken, ...hops];
  }

  /** Looks until all have ended, or the time for a step is over. */
  async #follow(signal: AbortSignal): Promise<void> {
    const { clock } = this.#ways;
    const until = clock.monotonic() + probeStepMs;
    for (;;) {
      await this.#look(signal);
      const isOver = this.#paths.every(({ seen }) => seen !== null && seen.endedAt !== null);
      if (isOver || signal.aborted || clock.monotonic() >= until) return;
      await clock.sleep(probeLookMs, signal);
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { journal } = this.#ways;
    const ids = [...new Set(this.#paths.flatMap(({ last }) => (last === null ? [] : [last.id])))];
    try {
      const traces = await journal.trace({ ids }, ids.length, within(probeStepMs, signal));
      this.#change((path) => {
        const trace = traces.find(({ id }) => id === path.last?.id);
        return trace === undefined ? path : { ...path, seen: seenOf(trace, path.recipient) };
      });
    } catch {
      // Who keeps the mail does not answer: what became of it is not known, and others see that.
    }
  }

  /** What a path says of the parts on it. Of a mail that is older than this round only that it has not arrived. */
  #stepsOf({ recipient, last, seen }: Path): readonly ProbeStep[] {
    if (seen === null || last === null) return [];
    const stage = recipient === PROBE_MAILBOX ? 'mailboxes' : 'delivery';
    const { receivedAt, inspectedAt, endedAt, fault } = seen;
    if (!last.isFresh && endedAt !== null) return [];
    const isInspected = stage === 'delivery' && this.#parts.inspection;
    if (isInspected && inspectedAt === null) return [step('inspection', 0, fault ?? LATE)];
    const from = isInspected && inspectedAt !== null ? inspectedAt : receivedAt;
    const before = isInspected && last.isFresh ? [step('inspection', from - receivedAt, null)] : [];
    return [...before, endedAt === null ? step(stage, 0, LATE) : step(stage, endedAt - from, fault)];
  }

  async #timed(
    stage: TimedStage,
    way: ((signal: AbortSignal) => Promise<unknown>) | null,
    signal: AbortSignal,
  ): Promise<readonly ProbeStep[]> {
    if (way === null) return [];
    const { clock } = this.#ways;
    const began = clock.monotonic();
    try {
      await way(AbortSignal.any([signal, AbortSignal.timeout(probeStepMs)]));
      return [step(stage, clock.monotonic() - began, null)];
    } catch (error) {
      return [step(stage, clock.monotonic() - began, error instanceof Error ? error.message : String(error))];
    }
  }

  #change(one: (path: Path) => Path): void {
    this.#paths = this.#paths.map(one);
  }
}

const LATE = `It had not come through after ${probeStepMs / 1_000} s.`;

function step(stage: TimedStage, ms: number, fault: string | null): ProbeStep {
  return { stage, ms: Math.max(0, Math.round(ms)), fault };
}

function seenOf({ receivedAt, recipients, events }: Trace, recipient: MailAddress): Seen | null {
  const found = recipients.find(({ address }) => address === recipient);
  if (found === undefined) return null;
  const own = events.filter((event) => event.recipient === found.n);
  const inspectedAt = own.find(({ kind }) => kind === 'inspected')?.at ?? null;
  if (isLive(found.state)) return { receivedAt, inspectedAt, endedAt: null, fault: null };
  const fault = found.state === 'delivered' ? null : `It was ${found.state}: ${found.lastReply || found.reason}`;
  return { receivedAt, inspectedAt, endedAt: own.at(-1)?.at ?? receivedAt, fault };
}
