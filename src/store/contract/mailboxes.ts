/**
 * The promises of `ports/mailboxes.ts` as tests, for every keeper. A keeper passes when this suite passes; what only one of them promises
 * stands beside it. One keeper serves the whole suite, and each test somebody with an account of their own, as in earnest.
 */
import { after, before, describe, it } from 'node:test';
import type { Mailboxes } from '#/ports/index.ts';
import { Person } from './mail-samples.ts';
import { aging } from './mailboxes-aging.ts';
import { answering } from './mailboxes-answering.ts';
import { arriving } from './mailboxes-arriving.ts';
import { conversing } from './mailboxes-conversing.ts';
import { copying } from './mailboxes-copying.ts';
import { flagging } from './mailboxes-flagging.ts';
import { lasting } from './mailboxes-lasting.ts';
import { naming } from './mailboxes-naming.ts';
import { purging } from './mailboxes-purging.ts';
import { reading } from './mailboxes-reading.ts';
import { renaming } from './mailboxes-renaming.ts';
import { reopening } from './mailboxes-reopening.ts';
import { searching } from './mailboxes-searching.ts';
import type { StandingClock } from './samples.ts';

/** A keeper under test, on a clock that stands. */
export interface MailboxesUnderTest extends AsyncDisposable {
  readonly mailboxes: Mailboxes;
  readonly clock: StandingClock;
  /** Ends the keeper and opens another one on what it kept; null where nothing outlives it. */
  readonly reopen: (() => Promise<Mailboxes>) | null;
  /** One more beside it, as another process has it; null where only one process may. */
  readonly beside: (() => Promise<Mailboxes>) | null;
}

/** Declares one test: somebody new on the suite's keeper, and its clock. */
export type Promised = (title: string, run: (person: Person, clock: StandingClock) => Promise<void>) => void;

/** Declares the suite for one keeper. */
export function mailboxesContract(name: string, open: () => Promise<MailboxesUnderTest>): void {
  describe(`O3, O5: mailboxes of ${name}`, () => {
    let shared: MailboxesUnderTest;
    before(async () => {
      shared = await open();
    });
    after(() => shared[Symbol.asyncDispose]());
    const promise: Promised = (title, run) => {
      it(title, () => run(new Person(shared.mailboxes), shared.clock));
    };
    arriving(promise);
    conversing(promise);
    naming(promise);
    renaming(promise);
    flagging(promise);
    copying(promise);
    reading(promise);
    searching(promise);
    aging(promise);
    purging(promise);
    answering(promise);
    lasting(open);
    reopening(open);
  });
}
