import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type SecureContext, TLSSocket } from 'node:tls';
import type { Log } from '#/ports/index.ts';
import { type MailboxDoor, readByImap, readByPop3 } from './read-mailbox.ts';
import { openTls } from './tls.ts';

const log: Log = { info: () => {}, warn: () => {}, error: () => {}, child: () => log };
let folder: string;
let context: SecureContext;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-read-'));
  const sleep = (_ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => signal?.addEventListener('abort', () => resolve()));
  const clock = { now: Date.now, monotonic: () => performance.now(), sleep };
  await using tls = await openTls({ kind: 'selfSigned', dir: folder, hostname: 'mx.acme.test' }, { clock, log });
  context = tls.context('modern');
});
after(() => rm(folder, { recursive: true }));

/** A server in TLS that greets, and answers each line by a function of it. */
async function serve(greeting: string, answer: (line: string) => string | null) {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((raw) => {
    const socket = new TLSSocket(raw, { isServer: true, secureContext: context });
    sockets.add(raw);
    socket.on('error', () => {});
    socket.write(greeting);
    socket.on('data', (chunk: Buffer) => {
      for (const line of chunk.toString().split('\r\n').slice(0, -1)) {
        heard.push(line);
        const said = answer(line);
        if (said !== null) socket.write(said);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const door: MailboxDoor = { host: '127.0.0.1', port, beginsWithTls: true, username: 'once', password: 'secret' };
  const end = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  return { door, heard, [Symbol.asyncDispose]: end };
}

const soon = (): AbortSignal => AbortSignal.timeout(20_000);

/** An INBOX of `exists` mails. */
function imapOf(exists: number, refuses: string | null = null) {
  return (line: string): string => {
    const [tag = '', verb = ''] = line.split(' ');
    if (verb === refuses) return `${tag} NO [UNAVAILABLE] later\r\n`;
    if (verb === 'SELECT') return `* ${exists} EXISTS\r\n${tag} OK selected\r\n`;
    if (verb === 'FETCH') return `* ${exists} FETCH (BODY[] {16}\r\nSubject: x\r\n\r\nx\r\n)\r\n${tag} OK done\r\n`;
    return `${tag} OK done\r\n`;
  };
}

test('RFC 9051 §6: the newest mail is read, what is older than some is deleted, and an empty mailbox is none the worse', async () => {
  await using full = await serve('* OK ready\r\n', imapOf(8));
  await readByImap(full.door, soon());
  assert.deepEqual(
    full.heard.map((line) => line.slice(line.indexOf(' ') + 1)),
    [
      'LOGIN "once" "secret"',
      'SELECT INBOX',
      'FETCH 8 (BODY.PEEK[])',
      'STORE 1:3 +FLAGS.SILENT (\\Deleted)',
      'EXPUNGE',
      'LOGOUT',
    ],
  );
  await using empty = await serve('* OK ready\r\n', imapOf(0));
  await readByImap(empty.door, soon());
  assert.equal(empty.heard.length, 3);
});

test('RFC 1939 §5: the newest mail is fetched and left, whatever stands in it', async () => {
  const answers: Readonly<Record<string, string>> = {
    STAT: '+OK 2 400\r\n',
    RETR: '+OK\r\nSubject: x\r\n\r\n-ERR is a word\r\n.\r\n',
  };
  await using server = await serve('+OK ready\r\n', (line) => answers[line.split(' ')[0] ?? ''] ?? '+OK\r\n');
  await readByPop3(server.door, soon());
  assert.deepEqual(server.heard, ['USER once', 'PASS secret', 'STAT', 'RETR 2', 'QUIT']);
});

test('H9: what a server refuses is told with its own words and without the password; who is silent is left', async () => {
  await using refusing = await serve('* OK ready\r\n', imapOf(1, 'LOGIN'));
  const told = await readByImap(refusing.door, soon()).then(
    () => '',
    (error: Error) => error.message,
  );
  assert.match(told, /IMAP answered LOGIN with "NO \[UNAVAILABLE\] later"/);
  assert.doesNotMatch(told, /secret/);
  await using closed = await serve('-ERR [SYS/TEMP] not now\r\n', () => null);
  await assert.rejects(readByPop3(closed.door, soon()), /greeted with "-ERR \[SYS\/TEMP\] not now"/);
  await using silent = await serve('+OK ready\r\n', () => null);
  const stop = new AbortController();
  const reading = readByPop3(silent.door, stop.signal);
  setImmediate(() => stop.abort());
  await assert.rejects(reading);
});
