/** Connections by the thousand in IDLE (RFC 2177), each with an INBOX of 1,000 selected, and the memory that each of them takes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { memoryMiBOf } from '../lib/process-cost.ts';
import { appendAll, Imap } from './imap.ts';
import { addressOf, type MailServer, PASSWORD } from './servers.ts';

/** A user's programs, on several devices, within what one user may have. */
const PER_USER = 20;
/** Connections from one address, within what one may have; the loopback has many addresses. */
const PER_ADDRESS = 400;
const INBOX = 1_000;
const OPENING_AT_ONCE = 8;
const SETTLE_MS = 10_000;

export interface Idle {
  readonly connections: number;
  readonly kibEach: number;
  readonly totalMiB: number;
}

/** People for so many connections. */
export function peopleFor(connections: number): readonly string[] {
  return Array.from({ length: Math.ceil(connections / PER_USER) }, (_, i) => `idle${i}`);
}

/** Opens them all over TLS, and measures when they rest. */
export async function idle(server: MailServer, connections: number, say: (line: string) => void): Promise<Idle> {
  const people = peopleFor(connections);
  await inTurn(people, async (person) => {
    await using session = await Imap.open(server.ports.imaps, addressOf(person), PASSWORD);
    const letters = Array.from({ length: INBOX }, (_, i) => `Subject: ${i}\r\n\r\nA letter.\r\n`);
    await appendAll(session, 'INBOX', letters);
  });
  say(`${people.length} people have an INBOX of ${INBOX}`);
  await sleep(SETTLE_MS);
  const before = memoryMiBOf(...server.roots());
  const sessions: Imap[] = [];
  try {
    await inTurn(
      Array.from({ length: connections }, (_, i) => i),
      async (i) => {
        const from = `127.0.1.${1 + Math.floor(i / PER_ADDRESS)}`;
        const person = people[i % people.length] ?? '';
        const session = await Imap.open(server.ports.imaps, addressOf(person), PASSWORD, from);
        sessions.push(session);
        await session.ask('SELECT INBOX');
        await session.idle();
      },
    );
    say(`${sessions.length} connections are in IDLE`);
    await sleep(SETTLE_MS);
    const totalMiB = memoryMiBOf(...server.roots());
    return { connections, kibEach: ((totalMiB - before) * 1_024) / connections, totalMiB };
  } finally {
    await Promise.all(sessions.map((session) => session[Symbol.asyncDispose]()));
  }
}

async function inTurn<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = [...all];
  const worker = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await work(one);
  };
  await Promise.all(Array.from({ length: OPENING_AT_ONCE }, worker));
}
