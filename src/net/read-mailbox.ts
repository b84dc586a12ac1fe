/**
 * A mail program's side of IMAP (RFC 9051) and POP3 (RFC 1939), as much as a test needs: sign in over TLS, read the newest mail, leave. It speaks to
 * our own server only, with a credential that works once.
 */
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { LineTalk } from './line-talk.ts';

export interface MailboxDoor {
  readonly host: string;
  readonly port: number;
  /** TLS comes first, instead of STARTTLS or STLS. */
  readonly beginsWithTls: boolean;
  readonly username: string;
  readonly password: string;
}

/** Mails that stay when the older ones are deleted: who reads at the same time by another way still finds what it was told of. */
const KEPT = 5;

/** Reads the newest mail of INBOX, and deletes what is older than some. Rejects with what the server or the network said. */
export async function readByImap(door: MailboxDoor, signal: AbortSignal): Promise<void> {
  await using first = open(door, signal);
  await greeted(first, /^\* (?:OK|BYE|PREAUTH) .*\r\n/, /^\* OK/);
  await using talk = door.beginsWithTls ? first : await secured(first, door, imap(first));
  const ask = imap(talk);
  await ask(`LOGIN "${door.username}" "${door.password}"`);
  const exists = Number(/^\* (\d+) EXISTS/m.exec(await ask('SELECT INBOX'))?.[1] ?? 0);
  if (exists > 0 && !/BODY\[\] \{\d+\}/.test(await ask(`FETCH ${exists} (BODY.PEEK[])`)))
    throw new Error('IMAP gave no content for a mail that is there.');
  if (exists > KEPT) {
    await ask(`STORE 1:${exists - KEPT} +FLAGS.SILENT (\\Deleted)`);
    await ask('EXPUNGE');
  }
  await ask('LOGOUT');
}

/** Fetches the newest mail of the maildrop, and leaves it there. Rejects with what the server or the network said. */
export async function readByPop3(door: MailboxDoor, signal: AbortSignal): Promise<void> {
  await using first = open(door, signal);
  await greeted(first, LINE, /^\+OK/);
  await using talk = door.beginsWithTls ? first : await secured(first, door, async () => pop3(first, 'STLS'));
  await pop3(talk, `USER ${door.username}`);
  await pop3(talk, `PASS ${door.password}`);
  const count = Number(/^\+OK (\d+)/.exec(await pop3(talk, 'STAT'))?.[1] ?? 0);
  if (count > 0) await pop3(talk, `RETR ${count}`, /^-ERR.*\r\n|^\+OK[\s\S]*\r\n\.\r\n$/);
  await pop3(talk, 'QUIT');
}

function open({ host, port, beginsWithTls }: MailboxDoor, signal: AbortSignal): LineTalk {
  const socket = connect({ host, port, signal });
  return new LineTalk(beginsWithTls ? secure(socket, host) : socket);
}

// Our own certificate is not what is tested here.
function secure(socket: Socket, host: string): Socket {
  return connectTls({ socket, rejectUnauthorized: false, ...(isIP(host) === 0 ? { servername: host } : {}) });
}

/** STARTTLS or STLS, by the way in which this protocol asks. */
async function secured(
  plain: LineTalk,
  { host }: MailboxDoor,
  ask: (line: string) => Promise<string>,
): Promise<LineTalk> {
  await ask('STARTTLS');
  return new LineTalk(secure(plain.detach(), host));
}

async function greeted(talk: LineTalk, whole: RegExp, good: RegExp): Promise<void> {
  const greeting = await talk.hear(whole);
  if (!good.test(greeting)) throw new Error(`The server greeted with "${greeting.trim()}".`);
}

/** Commands of IMAP, one after the other, each with a tag of its own. */
function imap(talk: LineTalk): (line: string) => Promise<string> {
  let count = 0;
  return async (line) => {
    const tag = `p${++count}`;
    const answer = await talk.ask(`${tag} ${line}`, new RegExp(`^${tag} (?:OK|NO|BAD).*\\r\\n`, 'm'));
    const said = new RegExp(`^${tag} (.*)`, 'm').exec(answer)?.[1] ?? '';
    if (!said.startsWith('OK')) throw new Error(`IMAP answered ${wordOf(line)} with "${said.trim()}".`);
    return answer;
  };
}

const LINE = /^(?:\+OK|-ERR).*\r\n/;

async function pop3(talk: LineTalk, line: string, end: RegExp = LINE): Promise<string> {
  const answer = await talk.ask(line, end);
  if (!answer.startsWith('+OK')) throw new Error(`POP3 answered ${wordOf(line)} with "${answer.trim()}".`);
  return answer;
}

/** The command alone: what stands behind it may be a password. */
function wordOf(line: string): string {
  return line.split(' ', 1)[0] ?? '';
}
