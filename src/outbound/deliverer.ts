/** Delivery as a whole: a round for each slot that the queue offers, and an orderly end. */
import type {
  Blobs,
  Clock,
  Custody,
  Dialer,
  LocalDelivery,
  Log,
  LoopStamps,
  MailSigner,
  Meter,
  Resolver,
  Slot,
  UpstreamEar,
  Variants,
  Work,
} from '#/ports/index.ts';
import type { Births } from './births.ts';
import { ChangingRoom } from './changed.ts';
import type { Copies } from './copies.ts';
import { OutboundMeters } from './meters.ts';
import type { Notices } from './notices.ts';
import type { Passwords } from './passwords.ts';
import { Pool } from './pool.ts';
import { Reach } from './reach.ts';
import { Round, type RoundParts } from './round.ts';
import type { Routes } from './routes.ts';
import type { OutboundSettings } from './settings.ts';
import type { SignatureStage } from './signature-stage.ts';
import type { Sink } from './sink.ts';
import { Sources } from './sources.ts';
import { Standing } from './standing.ts';
import { TurnShare } from './turn-share.ts';
import { Watch } from './watch.ts';

export interface DelivererParts {
  readonly work: Work;
  readonly custody: Pick<Custody, 'body'>;
  /** Null where all content is in custody. */
  readonly blobs: Pick<Blobs, 'read'> | null;
  readonly resolver: Resolver;
  readonly dialer: Dialer;
  readonly routes: Routes;
  readonly notices: Notices;
  readonly births: Births;
  readonly copies: Pick<Copies, 'left'>;
  readonly passwords: Pick<Passwords, 'left'>;
  readonly variants: Variants;
  readonly signer: MailSigner;
  readonly signatures: SignatureStage;
  readonly sink: Sink;
  readonly loopStamps: LoopStamps;
  /** Null where no mailboxes are reached from here. */
  readonly local: LocalDelivery | null;
  readonly upstreams: UpstreamEar;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

/** Delivers what the queue offers until it is disposed; then running transactions have `limits.graceMs` to end. */
export function startDeliverer(settings: OutboundSettings, parts: DelivererParts): AsyncDisposable {
  const { hostname, limits } = settings;
  const watch = new Watch();
  const stop = new AbortController();
  const pool = new Pool(watch, limits);
  const { dialer, resolver } = parts;
  const sources = new Sources(settings.pools, () => parts.clock.monotonic());
  const reach = new Reach({ dialer, resolver, watch, turns: new TurnShare(), hostname, limits, sources });
  const meters = new OutboundMeters(parts.meter);
  const shared = {
    settings,
    meters,
    reach,
    pool,
    sources,
    standing: new Standing(),
    changing: new ChangingRoom(),
    stopping: stop.signal,
  };
  const roundParts: RoundParts = { ...parts, ...shared };
  const running = new Map<Round, Promise<void>>();
  const start = (slot: Slot): void => {
    const round = new Round(slot, roundParts);
    running.set(
      round,
      round.run().finally(() => running.delete(round)),
    );
  };
  const stopOffers = parts.work.onReady(start);
  return {
    [Symbol.asyncDispose]: async () => {
      stopOffers();
      stop.abort();
      pool.close();
      await ended(running, limits.graceMs);
      for (const round of running.keys()) round.abort();
      await Promise.all(running.values());
      pool.close();
    },
  };
}

async function ended(running: ReadonlyMap<Round, Promise<void>>, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([Promise.all(running.values()), promise]);
  clearTimeout(timer);
}
