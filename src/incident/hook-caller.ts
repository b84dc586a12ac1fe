/**
 * Calls the webhooks of subscribers beside all other telling: a letter is given to it, and what comes of it is noted when it is known.
 * ```
 *   given ─▶ waiting ─▶ called ─┬─ took it ─▶ sent
 *     └─ no room, or its host     └─ did not ─▶ due again when its lease is over, ever later
 *        was silent just now ─▶ due again when its lease is over
 * ```
 * What must never happen: a webhook that hangs and keeps a mail, planned work or the hook of another host waiting; one that is ended for what our own
 * haste did.
 */
import { type Call, within } from '#/model/index.ts';
import type { Clock, IncidentBook, Letter, Log, Subscriber } from '#/ports/index.ts';
import type { IncidentDesk } from './desk.ts';
import { SUBSCRIBER_LIMITS } from './subscriber-limits.ts';
import type { SubscriberTokens } from './subscriber-tokens.ts';
import { hookBody } from './webhook-body.ts';

export interface HookCallerParts {
  readonly desk: Pick<IncidentDesk, 'found'>;
  readonly book: Pick<IncidentBook, 'done' | 'answered' | 'unsubscribe'>;
  readonly tokens: SubscriberTokens;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly log: Pick<Log, 'warn'>;
  /** Calls a webhook; whether it took it. */
  readonly call: (url: URL, body: string, call: Call) => Promise<boolean>;
  /** Base of our pages as people reach them. */
  readonly pages: string;
}

interface Waiting {
  readonly letter: Letter;
  readonly subscriber: Subscriber;
  readonly url: URL;
}

const { atOnce, waitingMax, hostAtOnce, hostPauseMs, hookMs, storeMs, lateMs, failuresMax } = SUBSCRIBER_LIMITS.hooks;

export class HookCaller implements AsyncDisposable {
  readonly #parts: HookCallerParts;
  readonly #stop = new AbortController();
  readonly #waiting: Waiting[] = [];
  /** Letters that are here, waiting or called. */
  readonly #ids = new Set<string>();
  readonly #calling = new Map<string, number>();
  /** Hosts that were silent, and until when they are left alone. Monotonic ms. */
  readonly #silent = new Map<string, number>();
  readonly #running = new Set<Promise<void>>();

  constructor(parts: HookCallerParts) {
    this.#parts = parts;
  }

  /** Never waits. What has no room comes again when its lease is over. */
  give(letter: Letter, subscriber: Subscriber): void {
    if (subscriber.webhook === null || this.#ids.has(letter.id) || this.#waiting.length >= waitingMax) return;
    this.#ids.add(letter.id);
    this.#waiting.push({ letter, subscriber, url: new URL(subscriber.webhook) });
    this.#next();
  }

  /** Resolves when nothing waits and nothing is called. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#waiting.length = 0;
    await this.idle();
  }

  #next(): void {
    while (this.#running.size < atOnce && !this.#stop.signal.aborted) {
      const at = this.#waiting.findIndex(({ url }) => (this.#calling.get(url.host) ?? 0) < hostAtOnce);
      const [chosen] = at === -1 ? [] : this.#waiting.splice(at, 1);
      if (chosen === undefined) return;
      this.#begin(chosen);
    }
  }

  #begin(one: Waiting): void {
    const { host } = one.url;
    this.#calling.set(host, (this.#calling.get(host) ?? 0) + 1);
    const running = this.#perform(one).finally(() => {
      const left = (this.#calling.get(host) ?? 1) - 1;
      if (left > 0) this.#calling.set(host, left);
      else this.#calling.delete(host);
      this.#ids.delete(one.letter.id);
      this.#running.delete(running);
      this.#next();
    });
    this.#running.add(running);
  }

  async #perform({ letter, subscriber, url }: Waiting): Promise<void> {
    try {
      if (this.#isSilent(url.host)) return;
      await this.#tell(letter, subscriber, url);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (!this.#stop.signal.aborted)
        this.#parts.log.warn('incident.not-told', { incident: letter.incident, mail: letter.id, why });
    }
  }

  async #tell(letter: Letter, subscriber: Subscriber, url: URL): Promise<void> {
    const { book, desk, tokens, pages, clock } = this.#parts;
    const soon = (): Call => within(storeMs, this.#stop.signal);
    const found = await desk.found(letter.incident, soon());
    const update = found?.incident.updates.find(({ n }) => n === letter.n);
    if (found === null || update === undefined || clock.now() - letter.madeAt > lateMs)
      return await book.done(letter.id, 'nobody', soon());
    const end = `${pages}/status/s/${tokens.make(subscriber.id, 'unsubscribe')}`;
    const took = await this.#called(url, hookBody(letter.id, found.incident, update, end));
    if (this.#stop.signal.aborted) return;
    const failures = await book.answered(subscriber.id, took, soon());
    if (took) await book.done(letter.id, 'sent', soon());
    else if (failures >= failuresMax) await book.unsubscribe(subscriber.id, clock.now(), soon());
  }

  async #called(url: URL, body: string): Promise<boolean> {
    try {
      return await this.#parts.call(url, body, within(hookMs, this.#stop.signal));
    } catch {
      // Who answers no is there; who says nothing is spared the rest of what waits.
      if (this.#silent.size >= waitingMax) this.#silent.clear();
      this.#silent.set(url.host, this.#parts.clock.monotonic() + hostPauseMs);
      return false;
    }
  }

  #isSilent(host: string): boolean {
    const until = this.#silent.get(host);
    if (until === undefined) return false;
    if (this.#parts.clock.monotonic() < until) return true;
    this.#silent.delete(host);
    return false;
  }
}
