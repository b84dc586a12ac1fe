/**
 * Somebody whose mail program looks at INBOX again and again, by POP3 and by IMAP in turn, each time with a session of its own, and compares
 * what it is told with what was put there: every list whole, in order, under the UIDs and UIDLs of the first day.
 *
 *   reading ◀──▶ resting ──▶ stopped
 */
import { isDeepStrictEqual } from 'node:util';
import { within } from '#/model/index.ts';
import { ImapClient } from './imap-client.ts';
import { pause } from './installation.ts';
import { type MailUser, Pop3Client } from './pop3-client.ts';

export interface MailPorts {
  readonly imaps: number;
  readonly pop3s: number;
}

/** An INBOX as it must always be told. Letter, UID and UIDL stand at one place. */
export interface Inbox {
  readonly user: MailUser;
  readonly letters: readonly string[];
  readonly uidValidity: number;
  readonly uids: readonly number[];
  readonly uidls: readonly string[];
}

/** One session. */
export interface Look {
  /** Monotonic ms. */
  readonly begunAt: number;
  readonly endedAt: number;
  /** Why it did not come to its end; null: it did. */
  readonly failed: string | null;
  /** What was told wrongly; null: nothing. */
  readonly wrong: string | null;
}

export interface ReaderPlan {
  readonly ports: MailPorts;
  readonly inbox: Inbox;
  readonly roll: () => number;
  /** Between two sessions, on average, ms. */
  readonly pauseMs: number;
  readonly signal: AbortSignal;
}

const SESSION_MS = 60_000;

export class MailReader implements AsyncDisposable {
  readonly looks: Look[] = [];
  readonly #plan: ReaderPlan;
  readonly #stop = new AbortController();
  readonly #reading: Promise<void>;

  /** Begins at once. */
  constructor(plan: ReaderPlan) {
    this.#plan = plan;
    this.#reading = this.#keepReading();
  }

  /** Ends when the session under way has ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#reading;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #keepReading(): Promise<void> {
    const { roll, pauseMs, signal } = this.#plan;
    for (let count = Math.floor(roll() * 2); !this.#stop.signal.aborted && !signal.aborted; count++) {
      this.looks.push(await this.#look(count % 2 === 0 ? lookByPop3 : lookByImap));
      await pause(roll() * 2 * pauseMs);
    }
  }

  async #look(by: typeof lookByPop3): Promise<Look> {
    const begunAt = performance.now();
    try {
      const wrong = await by(this.#plan);
      return { begunAt, endedAt: performance.now(), failed: null, wrong };
    } catch (error) {
      return { begunAt, endedAt: performance.now(), failed: String(error), wrong: null };
    }
  }
}

async function lookByPop3({ ports, inbox, roll, signal }: ReaderPlan): Promise<string | null> {
  const { letters, uidls } = inbox;
  using client = await Pop3Client.open(ports.pop3s, inbox.user, within(SESSION_MS, signal));
  const told = await client.tells();
  const at = Math.floor(roll() * letters.length);
  // A drop that is short may not have it: then the list is what is told of.
  const letter = at < told.count ? await client.letter(at + 1) : null;
  await client.quit();
  const sizes = letters.map(({ length }) => length);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  if (told.count !== letters.length || told.bytes !== bytes) return `STAT says ${told.count} ${told.bytes}`;
  if (!isDeepStrictEqual(told.sizes, sizes)) return `LIST has ${told.sizes.length} lines, not all as they were`;
  if (!isDeepStrictEqual(told.uidls, uidls)) return `UIDL has ${told.uidls.length} lines, not all as they were`;
  return letter === letters[at] ? null : `RETR ${at + 1} gives other octets`;
}

async function lookByImap({ ports, inbox, roll, signal }: ReaderPlan): Promise<string | null> {
  const { letters, uids, uidValidity } = inbox;
  using client = await ImapClient.open(ports.imaps, inbox.user, within(SESSION_MS, signal));
  const selected = await client.select('INBOX');
  const told = await client.uids();
  const at = Math.floor(roll() * letters.length);
  const letter = await client.letter(uids[at] ?? 0);
  await client.logout();
  if (selected.uidValidity !== uidValidity) return `UIDVALIDITY is ${selected.uidValidity}`;
  if (selected.exists !== letters.length) return `EXISTS says ${selected.exists}`;
  if (!isDeepStrictEqual(told, uids)) return `UID SEARCH names ${told.length}, not all as they were`;
  return letter === letters[at] ? null : `the message of UID ${uids[at]} has other octets`;
}
