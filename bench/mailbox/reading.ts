/** A mailbox of 100,000 as its owner meets it: opened after a restart and again, headers fetched for the first time and again. */
import { appendAll, Imap, messagesIn } from './imap.ts';
import { noteTo } from './letters.ts';
import { addressOf, type MailServer, OTHERS, PASSWORD } from './servers.ts';

export interface Reading {
  /** ms of SELECT and the flags of the last 50: the first time that it is opened after a restart, and again. */
  readonly coldMs: number;
  readonly warmMs: number;
  /** Header fields of 10,000 messages that nobody has asked for yet, and again: messages a second. */
  readonly firstPerSecond: number;
  readonly againPerSecond: number;
  /** ms of TLS, greeting and LOGIN of people who have not signed in since the restart, and of the same people again. */
  readonly signIns: readonly number[];
  readonly signInsAgain: readonly number[];
}

const USER = 'big';
const RANGE = 10_000;
const BATCH = 250;
const FIELDS = 'BODY.PEEK[HEADER.FIELDS (DATE FROM TO CC SUBJECT MESSAGE-ID)]';
/** Less cannot be an answer about one message. */
const OCTETS_MIN = 100;

/** Puts so many into INBOX. */
export async function fillInbox(server: MailServer, user: string, count: number): Promise<void> {
  let left = count;
  const work = async (): Promise<void> => {
    await using session = await Imap.open(server.ports.imaps, addressOf(user), PASSWORD);
    for (let batch = Math.min(BATCH, left); batch > 0; batch = Math.min(BATCH, left)) {
      left -= batch;
      const letters = Array.from({ length: batch }, () => noteTo(addressOf(user)));
      await appendAll(session, 'INBOX', letters);
    }
  };
  await Promise.all([work(), work(), work(), work()]);
  await using session = await Imap.open(server.ports.imaps, addressOf(user), PASSWORD);
  const there = await messagesIn(session, 'INBOX');
  if (there !== count) throw new Error(`${server.name}: ${there} of ${count} are there`);
}

/** Round `round` reads its own range of headers: from 0 on, each once. */
export async function read(server: MailServer, count: number, round: number): Promise<Reading> {
  await server.restart();
  const coldMs = await select(server, count);
  const warm: number[] = [];
  for (let i = 0; i < 5; i++) warm.push(await select(server, count));
  await using session = await Imap.open(server.ports.imaps, addressOf(USER), PASSWORD);
  await session.ask('SELECT INBOX');
  const from = round * RANGE + 1;
  const fetch = async (): Promise<number> => {
    const began = performance.now();
    const { octets } = await session.ask(`FETCH ${from}:${from + RANGE - 1} (${FIELDS})`);
    if (octets < RANGE * OCTETS_MIN) throw new Error(`${server.name}: ${octets} octets are no ${RANGE} headers`);
    return RANGE / ((performance.now() - began) / 1_000);
  };
  const firstPerSecond = await fetch();
  const againPerSecond = Math.max(await fetch(), await fetch());
  const signIns = await signInAll(server);
  const signInsAgain = [...(await signInAll(server)), ...(await signInAll(server))];
  const warmMs = warm.toSorted((a, b) => a - b)[2] ?? 0;
  return { coldMs, warmMs, firstPerSecond, againPerSecond, signIns, signInsAgain };
}

/** One after the other. */
async function signInAll(server: MailServer): Promise<number[]> {
  const took: number[] = [];
  for (const user of OTHERS) {
    const began = performance.now();
    await using _session = await Imap.open(server.ports.imaps, addressOf(user), PASSWORD);
    took.push(performance.now() - began);
  }
  return took;
}

async function select(server: MailServer, count: number): Promise<number> {
  await using session = await Imap.open(server.ports.imaps, addressOf(USER), PASSWORD);
  const began = performance.now();
  await session.ask('SELECT INBOX');
  await session.ask(`FETCH ${count - 49}:${count} (FLAGS)`);
  return performance.now() - began;
}
