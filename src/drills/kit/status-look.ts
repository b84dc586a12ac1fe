/** Looks at what the installation says of itself, as its operators and its customers see it, and notes when that was first said. */
import { join } from 'node:path';
import { within } from '#/model/index.ts';
import { connectLocal, type LocalClient } from '#/net/index.ts';
import { STEWARD_SOCKET } from '#/roles/places.ts';
import { draftOf } from './drafted.ts';
import { type Installation, pause } from './installation.ts';

const LOOK_MS = 250;
const CALL_MS = 10_000;
const PAGE_MS = 5_000;

/** As `holdfast status --json` says it, as far as drills look. */
interface Shown {
  readonly components: readonly { readonly id: string; readonly state: string }[];
  readonly flow: { readonly drainSeconds: number | null } | null;
}

export class StatusLook implements AsyncDisposable {
  /** Wall-clock ms of the first look at which a component was not well, by component and state: `main.records degraded_performance`. */
  readonly firstIll = new Map<string, number>();
  /** The same of the page for everybody, by component; empty where no pages are served. */
  readonly firstOnPage = new Map<string, number>();
  /** When it was first said how long what waits will take. */
  firstForecast: number | null = null;
  readonly #installation: Installation;
  readonly #stop = new AbortController();
  readonly #looking: Promise<void>;

  /** Begins to look. */
  constructor(installation: Installation) {
    this.#installation = installation;
    this.#looking = this.#look();
  }

  /** When this component was first seen ill, wall-clock ms; null where it was not. */
  sinceOf(kind: string): number | null {
    return earliest(this.firstIll, kind);
  }

  onPageSince(kind: string): number | null {
    return earliest(this.firstOnPage, kind);
  }

  /** When this component was said to be ill, in ms from a moment, and by itself an incident was drafted; what did not happen is not there. */
  async saidOf(kind: string, from: number): Promise<Record<string, number>> {
    const draft = await draftOf(this.#installation, kind);
    const at = { statusMs: this.sinceOf(kind), draftMs: draft === null ? null : Date.parse(draft.createdAt) };
    return Object.fromEntries(
      Object.entries(at).flatMap(([name, ms]) => (ms === null ? [] : [[name, Math.max(0, ms - from)]])),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#looking;
  }

  async #look(): Promise<void> {
    await using steward = await this.#connect();
    while (steward !== null && !this.#stop.signal.aborted) {
      // Who does not answer just now is asked again.
      const shown = await steward
        .call('operation', { name: 'status.show', input: {}, by: 'cli:drill' }, within(CALL_MS))
        .catch(() => null);
      if (shown !== null) this.#note(shown as Shown);
      await this.#lookAtPage().catch(() => {});
      await pause(LOOK_MS);
    }
  }

  /** Null where it is over before anybody answers. */
  async #connect(): Promise<LocalClient | null> {
    while (!this.#stop.signal.aborted) {
      const steward = await connectLocal(join(this.#installation.data, STEWARD_SOCKET)).catch(() => null);
      if (steward !== null) return steward;
      await pause(LOOK_MS);
    }
    return null;
  }

  #note({ components, flow }: Shown): void {
    const now = Date.now();
    for (const { id, state } of components) note(this.firstIll, id, state, now);
    if (flow !== null && flow.drainSeconds !== null && flow.drainSeconds > 0) this.firstForecast ??= now;
  }

  async #lookAtPage(): Promise<void> {
    const { http } = this.#installation.ports;
    if (http === undefined) return;
    const signal = AbortSignal.timeout(PAGE_MS);
    const answer = await fetch(`http://127.0.0.1:${http}/status/api/v2/components.json`, { signal });
    const { components } = (await answer.json()) as { components: { id: string; status: string; group: boolean }[] };
    for (const { id, status, group } of components) if (!group) note(this.firstOnPage, id, status, Date.now());
  }
}

function note(first: Map<string, number>, id: string, state: string, now: number): void {
  if (state === 'operational') return;
  const key = `${id} ${state}`;
  if (!first.has(key)) first.set(key, now);
}

function earliest(first: ReadonlyMap<string, number>, kind: string): number | null {
  const times = [...first].filter(([key]) => key.split(' ')[0]?.endsWith(kind) === true).map(([, at]) => at);
  return times.length === 0 ? null : Math.min(...times);
}
