/**
 * Serves the newest whole generation. A process loads at start, after its own `apply`, and whenever the version in the registry
 * has moved. States: fresh, stale (the newest snapshot was refused, or the registry has not answered for a while).
 */
import type { Call, Directory, Tenant } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import type { Clock, FreshDirectory, Log, Registry } from '#/ports/index.ts';
import { asStale, buildDirectory } from './build.ts';
import type { Installation } from './system.ts';
import { ownTenants } from './system.ts';

export interface DirectoryParts {
  readonly registry: Pick<Registry, 'load'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Reads a snapshot's resources; throws where they are not whole. `config/` gives it. */
  readonly tenantsOf: (resources: unknown) => readonly Tenant[];
  readonly installation: Installation;
}

export interface DirectorySettings {
  /** Between two looks at the version: how late other processes learn of an `apply`. */
  readonly pollMs: number;
  /** After so long without an answer, unknown recipients get 451 instead of 550 (design 6). */
  readonly staleAfterMs: number;
  /** For one answer of the registry. */
  readonly loadDeadlineMs: number;
  /** Between two looks that mail asks for, which read a version unless it has changed; one serves all that wait. */
  readonly lookGapMs: number;
}

export const DIRECTORY_DEFAULTS: DirectorySettings = {
  pollMs: 3_000,
  staleAfterMs: 60_000,
  loadDeadlineMs: 10_000,
  lookGapMs: 5,
};

export interface RunningDirectory extends FreshDirectory, AsyncDisposable {
  /** Looks at the registry now; resolves when the newest good generation serves. Never rejects for a broken snapshot. */
  refresh(call: Call): Promise<void>;
}

/** Starts with what the registry has; an empty, stale generation serves where that is broken. */
export async function startDirectory(
  parts: DirectoryParts,
  settings: DirectorySettings = DIRECTORY_DEFAULTS,
): Promise<RunningDirectory> {
  const keeper = new Keeper(parts, settings);
  await keeper.refresh(within(settings.loadDeadlineMs));
  const stop = new AbortController();
  const polling = poll(keeper, parts, settings, stop.signal);
  return {
    current: () => keeper.current(),
    refresh: (call) => keeper.refresh(call),
    freshSince: (at, call) => keeper.freshSince(at, call),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await polling;
    },
  };
}

async function poll(keeper: Keeper, { clock }: DirectoryParts, settings: DirectorySettings, signal: AbortSignal) {
  while (!signal.aborted) {
    await clock.sleep(settings.pollMs, signal);
    if (!signal.aborted) await keeper.refresh(within(settings.loadDeadlineMs, signal));
  }
}

class Keeper {
  readonly #parts: DirectoryParts;
  readonly #settings: DirectorySettings;
  #current: Directory;
  /** The newest version seen, good or not: a broken one is not read again every few seconds. */
  #seen = -1;
  #answeredAt: number;
  /** Wall-clock ms at which the last look began, of those that are over and of those that were answered. */
  #triedAt = Number.NEGATIVE_INFINITY;
  #goodAt = Number.NEGATIVE_INFINITY;
  #refused = false;
  /** Said once: mail asks again and again while the registry is away. */
  #isAway = false;
  #underWay: Promise<void> | null = null;
  #asked: Promise<void> | null = null;

  constructor(parts: DirectoryParts, settings: DirectorySettings) {
    this.#parts = parts;
    this.#settings = settings;
    this.#answeredAt = parts.clock.monotonic();
    this.#current = asStale(this.#build(0, []));
  }

  current(): Directory {
    return this.#current;
  }

  // One load at a time; whoever asks while one is under way wants what comes after it.
  async refresh(call: Call): Promise<void> {
    while (this.#underWay !== null) await this.#underWay;
    this.#underWay = this.#load(call).finally(() => {
      this.#underWay = null;
    });
    await this.#underWay;
  }

  async freshSince(at: number, call: Call): Promise<boolean> {
    // Another host's clock may be ahead: a look that begins now is late enough for a mail that is here.
    const wanted = Math.min(at, this.#parts.clock.now());
    while (this.#triedAt < wanted) {
      this.#asked ??= this.#lookAgain(call).finally(() => {
        this.#asked = null;
      });
      await this.#asked;
    }
    return this.#goodAt >= wanted && !this.#current.stale;
  }

  async #lookAgain(call: Call): Promise<void> {
    const { clock } = this.#parts;
    const { lookGapMs, loadDeadlineMs } = this.#settings;
    const gapMs = Math.min(lookGapMs, this.#triedAt + lookGapMs - clock.now());
    if (gapMs > 0) await clock.sleep(gapMs, call.signal);
    await this.refresh(within(loadDeadlineMs, call.signal));
  }

  async #load(call: Call): Promise<void> {
    const beganAt = this.#parts.clock.now();
    try {
      const { version, resources } = await this.#parts.registry.load(call);
      this.#goodAt = beganAt;
      this.#answeredAt = this.#parts.clock.monotonic();
      this.#isAway = false;
      if (version !== this.#seen) this.#switch(version, resources);
    } catch (error) {
      if (!this.#isAway) this.#parts.log.warn('directory.unreachable', { error: nameOf(error) });
      this.#isAway = true;
    }
    this.#triedAt = beganAt;
    this.#judge();
  }

  #switch(version: number, resources: unknown): void {
    this.#seen = version;
    try {
      this.#current = this.#build(version, this.#parts.tenantsOf(resources));
      this.#refused = false;
      this.#parts.log.info('directory.switched', { generation: version, tenants: this.#current.tenants.length });
    } catch (error) {
      // C5: the last good generation serves on.
      this.#refused = true;
      this.#parts.log.error('directory.refused', { generation: version, error: nameOf(error) });
    }
  }

  #judge(): void {
    const silentMs = this.#parts.clock.monotonic() - this.#answeredAt;
    const stale = this.#refused || this.#seen === -1 || silentMs > this.#settings.staleAfterMs;
    if (stale === this.#current.stale) return;
    this.#current = stale ? asStale(this.#current) : { ...this.#current, stale: false };
    const { generation } = this.#current;
    if (stale) this.#parts.log.warn('directory.stale', { generation });
    else this.#parts.log.info('directory.fresh', { generation });
  }

  #build(generation: number, tenants: readonly Tenant[]): Directory {
    const hidden = ownTenants(this.#parts.installation);
    return buildDirectory({ generation, switchedAt: this.#parts.clock.now(), tenants, hidden });
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
