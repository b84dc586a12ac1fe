/**
 * Periodic work on secure downloads: has the mail of a link gone? Then its time begins, and its password follows. Is its time over? Then its files
 * go, and later its log. All that is to be done stands in the rows; it may run anywhere, twice, and in small steps.
 *
 * What must never happen: a password of a mail that has not gone; files that go while a link to them is open; a share that nothing looks at.
 */
import { type MailId, within } from '#/model/index.ts';
import {
  type Blobs,
  type Clock,
  type Downloads,
  type DueLink,
  type Journal,
  type Log,
  type LookResult,
  Rounds,
  type Trace,
} from '#/ports/index.ts';
import type { LetterBox } from './letters.ts';
import type { DownloadLimits } from './limits.ts';
import type { LinkKeys } from './link-keys.ts';
import { lookAt } from './look.ts';

export interface UpkeepParts {
  readonly downloads: Downloads;
  readonly journal: Pick<Journal, 'trace'>;
  readonly blobs: Pick<Blobs, 'condemn'>;
  readonly keys: LinkKeys;
  readonly letters: LetterBox;
  readonly clock: Clock;
  readonly log: Log;
}

/** Between two rounds where nothing is left to do; a password is late by no more. */
const ROUND_MS = 5_000;
/** Pause between two steps of one round, so that people don't feel it. */
const REST_MS = 50;
/** Where the store is away. */
const AWAY_MS = 10_000;
const LINKS = 50;
const SHARES = 20;

export class DownloadUpkeep implements AsyncDisposable {
  readonly #parts: UpkeepParts;
  readonly #limits: DownloadLimits;
  readonly #rounds: Rounds;

  constructor(parts: UpkeepParts, limits: DownloadLimits) {
    this.#parts = parts;
    this.#limits = limits;
    this.#rounds = new Rounds(parts.clock, {
      work: async () => ((await this.step()) ? REST_MS : ROUND_MS),
      failed: (why) => {
        parts.log.warn('download.upkeep-failed', { why });
        return AWAY_MS;
      },
    });
  }

  /** Works until it is disposed. */
  start(): this {
    this.#rounds.start();
    return this;
  }

  /** One step; whether there may be more to do. */
  async step(): Promise<boolean> {
    const { downloads, clock, blobs } = this.#parts;
    const due = await downloads.due(clock.now(), LINKS, this.#call());
    for (const [message, links] of Map.groupBy(due, (link) => link.message))
      await this.#tried(links, () => this.#look(message, links));
    const dropped = await downloads.dropFiles(SHARES, this.#call());
    for (const [tenant, gone] of Map.groupBy(dropped, (one) => one.tenant))
      await blobs.condemn(
        tenant,
        gone.map(({ key }) => key),
        this.#call(),
      );
    const forgotten = await downloads.forget(clock.now() - this.#limits.graceMs, SHARES, this.#call());
    return due.length === LINKS || dropped.length > 0 || forgotten === SHARES;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#rounds[Symbol.asyncDispose]();
  }

  async #look(message: MailId, links: readonly DueLink[]): Promise<void> {
    const asksTrace = links.some(({ state }) => state === 'waiting');
    const [trace = null] = asksTrace ? await this.#parts.journal.trace({ ids: [message] }, 1, this.#call()) : [];
    for (const link of links) await this.#tried([link], () => this.#lookAt(link, trace));
  }

  /** What fails stands behind all others that wait; where not even that can be written, the round ends. */
  async #tried(links: readonly DueLink[], work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (this.#rounds.signal.aborted) throw error;
      const { downloads, clock, log } = this.#parts;
      for (const { share, n } of links) {
        log.warn('download.look-failed', { share, recipient: n, why: textOf(error) });
        await downloads.looked({ share, n }, { kind: 'later', lookAt: clock.now() + AWAY_MS }, this.#call());
      }
    }
  }

  async #lookAt(link: DueLink, trace: Trace | null): Promise<void> {
    const { downloads, clock } = this.#parts;
    const result = lookAt(link, trace, clock.now(), this.#limits);
    // What is told twice where we end in between is a second mail with the same password.
    if (result.kind === 'told') await this.#tell(link);
    await downloads.looked(link, result, this.#call());
    await this.#note(link, result);
  }

  #tell({ share, n, tenant, message, address, language }: DueLink): Promise<void> {
    const { letters, keys } = this.#parts;
    const to = { tenant, parent: message, address, language };
    return letters.sendPassword(to, keys.password({ share, n }), this.#call());
  }

  async #note({ share, n }: DueLink, result: LookResult): Promise<void> {
    const { downloads, clock } = this.#parts;
    const kind = result.kind === 'ended' ? result.reason : result.kind === 'told' ? 'password sent' : result.kind;
    if (kind === 'later') return;
    await downloads.note({ share, n, at: clock.now(), kind, file: null, by: '' }, this.#call());
  }

  #call() {
    return within(this.#limits.callMs, this.#rounds.signal);
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
