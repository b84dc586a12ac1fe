/** Letters that can be known again octet by octet, and the ways to put many of them into mailboxes: by IMAP, as a person's program does it. */
import { within } from '#/model/index.ts';
import { ImapClient } from './imap-client.ts';
import type { MailPorts } from './mail-reader.ts';
import type { MailUser } from './pop3-client.ts';

export interface Filling {
  readonly ports: Pick<MailPorts, 'imaps'>;
  readonly user: MailUser;
  readonly mailbox: string;
  readonly count: number;
  /** Connections that put in at once; with one, UIDs rise as the numbers of the letters do. */
  readonly connections: number;
  readonly signal: AbortSignal;
  readonly progress?: (done: number) => void;
}

/** Letters that one APPEND brings: some 100 KB. */
const BATCH = 250;
const BATCH_MS = 120_000;
/** A connection is opened anew after so many, as its call has an end. */
const BATCHES_PER_CONNECTION = 100;

/** The letter of a number to somebody; each is another one, and some are longer. */
export function letterOf(address: string, number: number): string {
  const head = `From: <shop@world.test>\r\nTo: <${address}>\r\nSubject: Letter ${number}\r\nMessage-ID: <${number}.${address}>\r\nDate: Sat, 21 Nov 2026 12:00:00 +0000\r\n\r\n`;
  const lines = 1 + (number % 5);
  return `${head}${`Your order number ${number} is on its way to you.\r\n`.repeat(lines)}.and a line that begins with a dot\r\n`;
}

/** Puts letters 0 to `count` into a mailbox that is there; the UIDs that they got, by number. */
export async function fill(filling: Filling): Promise<readonly number[]> {
  const uids: number[] = Array.from({ length: filling.count }, () => 0);
  let next = 0;
  const take = (): number => {
    next += BATCH;
    return next - BATCH;
  };
  await Promise.all(Array.from({ length: filling.connections }, () => fillBy({ filling, uids, take })));
  return uids;
}

interface Work {
  readonly filling: Filling;
  readonly uids: number[];
  /** The first number of the next batch. */
  readonly take: () => number;
}

async function fillBy(work: Work): Promise<void> {
  for (;;) {
    if (!(await fillByOne(work))) return;
  }
}

/** Over one connection; false where nothing is left. */
async function fillByOne({ filling, uids, take }: Work): Promise<boolean> {
  const { ports, user, mailbox, count, signal, progress } = filling;
  using client = await ImapClient.open(ports.imaps, user, within(BATCHES_PER_CONNECTION * BATCH_MS, signal));
  for (let batch = 0; batch < BATCHES_PER_CONNECTION; batch++) {
    const from = take();
    if (from >= count) return false;
    const numbers = Array.from({ length: Math.min(BATCH, count - from) }, (_, at) => from + at);
    const got = await client.append(
      mailbox,
      numbers.map((number) => letterOf(user.address, number)),
    );
    for (const [at, uid] of got.entries()) uids[from + at] = uid;
    progress?.(from + numbers.length);
  }
  return true;
}
