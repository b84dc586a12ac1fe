/** Somebody expunges 50,000 messages; how long that takes, and what others and the same person feel meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Imap } from './imap.ts';
import { addressOf, type MailServer, PASSWORD } from './servers.ts';

export interface Emptying {
  readonly flagMs: number;
  readonly expungeMs: number;
  /** ms of sign-in and SELECT, beside nothing and beside the expunge. */
  readonly others: Beside;
  readonly same: Beside;
}

export interface Beside {
  readonly quiet: number[];
  readonly meanwhile: number[];
}

const USER = 'big';
const OTHERS = 6;
/** Between two looks of one of them: together they ask for a part of the machine and not for all of it, so that there is somebody who can be slowed. */
const PAUSE_MS = 50;
const QUIET_MS = 4_000;
const SETTLE_MS = 1_000;

/** Copies so many into a mailbox of their own and empties that. */
export async function empty(server: MailServer, count: number): Promise<Emptying> {
  await using session = await Imap.open(server.ports.imaps, addressOf(USER), PASSWORD);
  const mailbox = `Bulk${Date.now()}`;
  await session.ask(`CREATE ${mailbox}`);
  await session.ask('SELECT INBOX');
  for (let from = 1; from <= count; from += 10_000) await session.ask(`COPY ${from}:${from + 9_999} ${mailbox}`);
  await session.ask(`SELECT ${mailbox}`);
  await sleep(SETTLE_MS);
  await using people = new People(server);
  await sleep(QUIET_MS);
  const quietTill = performance.now();
  const flagMs = await timed(() => session.ask('STORE 1:* +FLAGS.SILENT (\\Deleted)'));
  const from = performance.now();
  const expungeMs = await timed(() => session.ask('EXPUNGE'));
  const till = performance.now();
  await people[Symbol.asyncDispose]();
  await session.ask('CLOSE');
  await session.ask(`DELETE ${mailbox}`);
  const split = (looks: readonly Look[]): Beside => ({
    quiet: looks.filter(({ endedAt }) => endedAt < quietTill).map(msOf),
    meanwhile: looks.filter(({ begunAt, endedAt }) => endedAt > from && begunAt < till).map(msOf),
  });
  return { flagMs, expungeMs, others: split(people.others), same: split(people.same) };
}

interface Look {
  readonly begunAt: number;
  readonly endedAt: number;
}

/** Who looks at INBOX again and again, each time with a session of its own. */
class People implements AsyncDisposable {
  readonly others: Look[] = [];
  readonly same: Look[] = [];
  readonly #server: MailServer;
  readonly #all: Promise<void>[];
  #isOver = false;
  #failed: Error | null = null;

  constructor(server: MailServer) {
    this.#server = server;
    const others = Array.from({ length: OTHERS }, (_, i) => this.#keepLooking(`other${i}`, this.others));
    const all = [...others, this.#keepLooking(USER, this.same)];
    this.#all = all.map((one) =>
      one.catch((error: unknown) => {
        this.#failed ??= error instanceof Error ? error : new Error(String(error));
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#all);
    if (this.#failed !== null) throw this.#failed;
  }

  async #keepLooking(user: string, looks: Look[]): Promise<void> {
    while (!this.#isOver) {
      const begunAt = performance.now();
      await using session = await Imap.open(this.#server.ports.imaps, addressOf(user), PASSWORD);
      await session.ask('SELECT INBOX');
      looks.push({ begunAt, endedAt: performance.now() });
      await sleep(PAUSE_MS);
    }
  }
}

function msOf({ begunAt, endedAt }: Look): number {
  return endedAt - begunAt;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
