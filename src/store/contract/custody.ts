/**
 * The promises of `ports/custody.ts` and `ports/journal.ts` as tests, for every keeper. A keeper passes when this suite passes; what only
 * one of them promises stands beside it. After each test the books balance and nothing is left open.
 */
import { describe, it } from 'node:test';
import type { Custody, Journal } from '#/ports/index.ts';
import type { CustodySettings } from '../custody/index.ts';
import { listingAffected } from './affected.ts';
import { accepting } from './custody-accepting.ts';
import { acting } from './custody-acting.ts';
import { auditing } from './custody-auditing.ts';
import { claiming } from './custody-claiming.ts';
import { leases } from './custody-leases.ts';
import { reading } from './custody-reading.ts';
import { settling } from './custody-settling.ts';
import { decidingAboutHeld } from './held-acts.ts';
import { inspecting } from './inspected.ts';
import { assertBalanced, type Declare } from './questions.ts';
import { redelivering } from './redelivered.ts';
import { restoring } from './restored.ts';
import { DAY_MS, type StandingClock, soon, worker } from './samples.ts';
import { signing } from './signed.ts';
import { tellingPeople } from './told.ts';

/** A keeper under test, and how to close it so that nothing stays behind. */
export interface Keeper {
  readonly custody: Custody & Journal;
  readonly clock: StandingClock;
  close(): Promise<void>;
}

/** The times that the suite's keepers are opened with. */
export const SUITE_SETTINGS: Partial<CustodySettings> = {
  delayNoticeMs: 4 * 3_600_000,
  expireMs: 5 * DAY_MS,
  heldMs: 10 * DAY_MS,
  host: 'host',
  release: '1.2.3',
};

/** Declares the suite for one keeper. */
export function custodyContract(name: string, open: () => Promise<Keeper>): void {
  /** A test with a keeper of its own, two living workers, and balanced books at its end. */
  const promise: Declare = (title, run) => {
    it(title, async () => {
      const keeper = await open();
      try {
        await keeper.custody.enlist(worker('1'), soon());
        await keeper.custody.enlist(worker('2'), soon());
        await run(keeper.custody, keeper.clock);
        await assertBalanced(keeper.custody);
      } finally {
        await keeper.close();
      }
    });
  };

  describe(`H3: custody of ${name}`, () => {
    accepting(promise);
    claiming(promise);
    settling(promise);
    leases(promise);
    acting(promise);
    auditing(promise);
    reading(promise);
    restoring(promise);
    inspecting(promise);
    decidingAboutHeld(promise);
    tellingPeople(promise);
    listingAffected(promise);
    redelivering(promise);
    signing(promise);
  });
}
