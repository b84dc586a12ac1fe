/** Mail on its way into mailboxes: by LMTP, until it can be read there, and by APPEND. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Replies } from '../lib/replies.ts';
import { Imap, messagesIn } from './imap.ts';
import { letterTo } from './letters.ts';
import { addressOf, type MailServer, PASSWORD } from './servers.ts';

const RUN_MS = 300_000;
const LOOK_MS = 10;
/** Replies to an envelope of one recipient. */
const ENVELOPE_REPLIES = 3;

/** Delivers so many by LMTP over 20 kept connections to these users in turn; letters a second until the last one lies in INBOX. */
export async function deliver(server: MailServer, users: readonly string[], count: number): Promise<number> {
  const watches = await Promise.all(users.map((user) => Imap.open(server.ports.imaps, addressOf(user), PASSWORD)));
  try {
    const before = await inAll(watches);
    let next = 0;
    const take = (): string | null => {
      next += 1;
      return next > count ? null : addressOf(users[next % users.length] ?? '');
    };
    const began = performance.now();
    await Promise.all(Array.from({ length: 20 }, () => sendBy(server.ports.lmtp, take)));
    while ((await inAll(watches)) < before + count) {
      if (performance.now() - began > RUN_MS) throw new Error(`${server.name}: not all is in the mailboxes`);
      await sleep(LOOK_MS);
    }
    return count / ((performance.now() - began) / 1_000);
  } finally {
    for (const watch of watches) await watch[Symbol.asyncDispose]();
  }
}

/** Appends so many to one mailbox over 8 connections, one with each command; letters a second. */
export async function append(server: MailServer, user: string, count: number): Promise<number> {
  const sessions = await Promise.all(
    Array.from({ length: 8 }, () => Imap.open(server.ports.imaps, addressOf(user), PASSWORD)),
  );
  try {
    let left = count;
    const began = performance.now();
    await Promise.all(
      sessions.map(async (session) => {
        while (left-- > 0) {
          const letter = letterTo(addressOf(user));
          await session.ask(`APPEND INBOX {${letter.length}+}\r\n${letter}`);
        }
      }),
    );
    return count / ((performance.now() - began) / 1_000);
  } finally {
    for (const session of sessions) await session[Symbol.asyncDispose]();
  }
}

async function inAll(watches: readonly Imap[]): Promise<number> {
  const counts = await Promise.all(watches.map((watch) => messagesIn(watch, 'INBOX')));
  return counts.reduce((sum, one) => sum + one, 0);
}

async function sendBy(port: number, take: () => string | null): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const late = setTimeout(() => socket.destroy(new Error('not done in time')), RUN_MS);
  try {
    const replies = new Replies(socket);
    await replies.next(1);
    socket.write('LHLO generator.bench.test\r\n');
    await replies.next(1);
    for (let to = take(); to !== null; to = take()) {
      socket.write(`MAIL FROM:<sender@world.test>\r\nRCPT TO:<${to}>\r\nDATA\r\n`);
      await replies.next(ENVELOPE_REPLIES);
      socket.write(`${letterTo(to)}.\r\n`);
      await replies.next(1);
    }
    socket.end('QUIT\r\n');
    if (!socket.closed) await once(socket, 'close');
  } finally {
    clearTimeout(late);
    socket.destroy();
  }
}
