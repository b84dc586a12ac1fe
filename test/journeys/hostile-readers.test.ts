/** What hostile and broken mail programs may say, and what hostile mail may hold, to the real program: it is answered, within memory, and others are served. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { ImapWire } from '../mail-clients/imap-wire.ts';
import { byLmtp } from '../mail-clients/lmtp.ts';
import { eventually, Holdfast, pause } from '../support/holdfast.ts';
import { pidOf } from '../support/steward-kit.ts';

const PASSWORD = 'battery staple';
const RESOURCES = `tenants:
  - id: acme
    name: Acme
    domains: [acme.test]
    users:
      - { address: bob@acme.test, password: "${PASSWORD}" }
      - { address: mallory@acme.test, password: "${PASSWORD}" }
`;
const MB = 1_000_000;
const HANGING_MS = 400_000;
/** A stranger's connection is worth some KiB; the rest is the garbage of a busy heap. */
const STRANGERS_MAX = 250 * MB;
/** Messages on their way have 384 MiB, and each is read once more when it is kept. */
const USERS_MAX = 700 * MB;
/** Of the event log, for all that is done here: about one for each attack. */
const LINES_MAX = 60;

const BAD = /^\S+ BAD |^\* BYE /m;

/** What a stranger says in IMAP; each is refused, and what has no end is cut off. */
const STRANGERS: readonly { readonly what: string; readonly says: readonly string[]; readonly repeat?: number }[] = [
  { what: 'a line of 400 MB', says: ['a1 ', 'x'.repeat(MB)], repeat: 400 },
  { what: 'a literal of 4 GB', says: ['a1 LOGIN {4294967295}\r\n'] },
  { what: 'a literal beyond all numbers', says: ['a1 LOGIN {99999999999999999999}\r\n'] },
  { what: 'a literal of 400 MB that does not wait', says: ['a1 LOGIN {400000000+}\r\n', 'x'.repeat(MB)], repeat: 400 },
  { what: '8-bit text in an atom', says: ['a1 L\u00d6GIN \u00ff\u00fe\r\n'] },
  { what: 'NULs', says: ['a1 NOOP\0\0\0\r\n'] },
  { what: 'HTTP', says: ['GET / HTTP/1.1\r\nHost: mail\r\n\r\n'] },
  { what: 'lists in lists', says: [`a1 ID ${'('.repeat(8000)}\r\n`] },
];

const DEPTH = 5_000;
const PARTS = 100_000;

/** Mail that is made to be read badly. */
const MAILS: readonly { readonly what: string; readonly octets: () => Buffer }[] = [
  { what: 'parts in parts, 5,000 deep', octets: deep },
  { what: '100,000 parts', octets: wide },
  { what: 'a header line of 40 MB', octets: () => Buffer.from(`Subject: ${'a'.repeat(40 * MB)}\r\n\r\nhello\r\n`) },
  { what: '2 million header fields', octets: () => Buffer.from(`${'A: b\r\n'.repeat(2 * MB)}\r\nhello\r\n`) },
  { what: '3 million addresses', octets: () => Buffer.from(`To: ${'a@b.c,'.repeat(3 * MB)}\r\n\r\nhello\r\n`) },
  { what: 'one word of 20 MB', octets: () => Buffer.from(`Subject: word\r\n\r\n${'w'.repeat(20 * MB)}\r\n`) },
];

test('B3 O4: hostile programs and hostile mail are answered within bounds, and others are served meanwhile', {
  timeout: HANGING_MS,
}, async (t) => {
  await using holdfast = await Holdfast.start({ mailboxes: true, resources: RESOURCES });
  const pid = await pidOf(holdfast, 'mail');
  await using bystander = await signedIn(holdfast, 'bob');
  await bystander.command('SELECT INBOX');
  const served = new Bystander(bystander);
  const atRest = await highest(pid);

  for (const { what, says, repeat = 1 } of STRANGERS) {
    const { text, isCut } = await heard(holdfast, says, repeat);
    // Who goes on writing when it is cut off may lose the last word on its own side.
    if (repeat === 1 || !isCut) assert.match(text, BAD, what);
  }
  await Promise.all(Array.from({ length: 20 }, () => flood(holdfast, 'a1 NOOP\r\n')));
  const strangers = (await highest(pid)) - atRest;
  t.diagnostic(`strangers cost ${Math.round(strangers / MB)} MB`);
  assert.ok(strangers < STRANGERS_MAX, `${strangers} octets more for strangers`);

  await using mallory = await signedIn(holdfast, 'mallory');
  await mallory.command('SELECT INBOX');
  await asksTooMuch(mallory);
  await lies(holdfast);
  for (const mail of MAILS) await keepsAndReads(mallory, mail);
  const delivered = await delivers(holdfast);
  const users = (await highest(pid)) - atRest;
  t.diagnostic(`${delivered} of ${MAILS.length} mails were taken by LMTP, and are there`);
  t.diagnostic(`users cost ${Math.round(users / MB)} MB; the bystander was answered ${served.answers} times`);
  assert.ok(users < USERS_MAX, `${users} octets more for users`);

  await served.end();
  assert.equal(await pidOf(holdfast, 'mail'), pid, 'the process is the same');
  const lines = holdfast.output.split('\n').filter((line) => /"event":"(?:imap|pop3|mail)\./.test(line));
  assert.ok(lines.length < LINES_MAX, `${lines.length} lines in the log, such as ${lines.slice(0, 3).join('\n')}`);
});

/** Somebody else, who goes on reading. */
class Bystander {
  answers = 0;
  #over = false;
  readonly #reading: Promise<void>;

  constructor(wire: ImapWire) {
    this.#reading = this.#reads(wire);
    // Where the test fails before, its connection is closed under it.
    this.#reading.catch(() => undefined);
  }

  async #reads(wire: ImapWire): Promise<void> {
    while (!this.#over) {
      assert.equal((await wire.command('STATUS INBOX (MESSAGES)')).verdict, 'OK');
      this.answers += 1;
      await pause(20);
    }
  }

  async end(): Promise<void> {
    this.#over = true;
    await this.#reading;
  }
}

/** Commands that cost more than they look. */
async function asksTooMuch(wire: ImapWire): Promise<void> {
  const expected: readonly (readonly [string, string])[] = [
    [`LIST "" "${'*a%b'.repeat(25)}x"`, 'OK'],
    [`LIST "" "${'*a%'.repeat(2_000)}x"`, 'NO'],
    [`LIST "" (${'"*" '.repeat(900)}"*")`, 'NO|BAD'],
    [`FETCH 1 BODY[${'1.'.repeat(5_000)}1]`, 'BAD'],
    [`SEARCH ${'NOT '.repeat(5_000)}ALL`, 'BAD'],
    [`SEARCH ${'('.repeat(5_000)}ALL${')'.repeat(5_000)}`, 'BAD'],
    [`SEARCH ${'OR ALL '.repeat(5_000)}ALL`, 'BAD'],
    [`UID FETCH ${'1,'.repeat(200_000)}1 FLAGS`, 'BAD'],
    [`CREATE "${'a/'.repeat(20_000)}"`, 'NO|BAD'],
    ['APPEND INBOX {60000000}', 'NO|BAD'],
  ];
  const wrong: string[] = [];
  for (const [command, verdicts] of expected) {
    const { verdict } = await wire.command(command);
    if (!verdicts.split('|').includes(verdict)) wrong.push(`${command.slice(0, 60)} was answered ${verdict}`);
  }
  assert.deepEqual(wrong, []);
}

/** Literals that are not what they say. */
async function lies(holdfast: Holdfast): Promise<void> {
  await using short = await signedIn(holdfast, 'mallory');
  const before = await messagesIn(short);
  await short.begin('APPEND INBOX {10+}\r\n12345');
  await short[Symbol.asyncDispose]();
  await using long = await signedIn(holdfast, 'mallory');
  // What is too much is the end of the command, and no end.
  assert.equal((await long.command('APPEND INBOX {5+}\r\nhello and more')).verdict, 'BAD');
  assert.equal(await messagesIn(long), before);
}

/** It is kept, or refused with a reason; what is kept can be read, and found. */
async function keepsAndReads(wire: ImapWire, { what, octets }: (typeof MAILS)[number]): Promise<void> {
  const { verdict, code } = await wire.command('APPEND INBOX ', octets());
  if (verdict !== 'OK') {
    assert.ok(code.length > 0, `${what} was answered ${verdict} without a reason`);
    return;
  }
  const uid = String(code[2]);
  for (const command of [
    `UID FETCH ${uid} (ENVELOPE BODYSTRUCTURE PREVIEW)`,
    `UID FETCH ${uid} (BODY.PEEK[HEADER.FIELDS (SUBJECT TO)]<0.1000> BODY.PEEK[1.1.1]<0.100>)`,
    `UID FETCH ${uid} BODY.PEEK[TEXT]<0.1000>`,
    `UID SEARCH UID ${uid} SUBJECT word BODY hello`,
  ])
    assert.equal((await wire.command(command)).verdict, 'OK', `${what}: ${command}`);
}

/** The same mails from the world: what is taken arrives. How many were. */
async function delivers(holdfast: Holdfast): Promise<number> {
  let taken = 0;
  for (const { what, octets } of MAILS) {
    try {
      await byLmtp(holdfast.ports.lmtp, 'bob@acme.test', octets());
      taken += 1;
    } catch (error) {
      assert.match(String(error), / 5\d\d /, what);
    }
  }
  await using wire = await signedIn(holdfast, 'bob');
  await eventually('what was taken is there', async () => (await messagesIn(wire)) === taken, 60_000);
  return taken;
}

async function messagesIn(wire: ImapWire): Promise<number> {
  const { untagged } = await wire.command('STATUS INBOX (MESSAGES)');
  const counts = untagged.find(([word]) => word === 'STATUS')?.[2];
  return Array.isArray(counts) ? Number(counts[1]) : 0;
}

/** What a stranger hears up to the end of the connection, or to the first answer. */
async function heard(holdfast: Holdfast, says: readonly string[], repeat: number): Promise<Heard> {
  const socket = await stranger(holdfast);
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  const [first = '', more] = says;
  socket.write(first, 'latin1');
  for (let n = 0; n < repeat && more !== undefined && !socket.destroyed; n++)
    if (!socket.write(more, 'latin1')) await takenOrCut(socket);
  await eventually('it is answered', () => BAD.test(text) || socket.destroyed, 60_000);
  const isCut = socket.destroyed;
  socket.destroy();
  return { text, isCut };
}

interface Heard {
  readonly text: string;
  readonly isCut: boolean;
}

/** That the server cuts a hostile program off in the midst of a write is no failure. */
async function takenOrCut(socket: TLSSocket): Promise<void> {
  await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => undefined);
}

/** Commands without end, whose answers nobody reads. */
async function flood(holdfast: Holdfast, command: string): Promise<void> {
  const socket = await stranger(holdfast);
  socket.pause();
  const piece = Buffer.from(command.repeat(10_000));
  const late = performance.now() + 2_000;
  while (performance.now() < late && !socket.destroyed) {
    if (socket.writableLength < 4 * piece.length) socket.write(piece);
    await pause(10);
  }
  socket.destroy();
}

async function stranger(holdfast: Holdfast): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port: holdfast.ports.imaps, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  socket.on('error', () => undefined);
  return socket;
}

async function signedIn(holdfast: Holdfast, who: string): Promise<ImapWire> {
  const wire = await ImapWire.open(holdfast.ports.imaps);
  assert.equal((await wire.login(`${who}@acme.test`, PASSWORD)).verdict, 'OK');
  return wire;
}

/** Octets of memory that the process had at most. */
async function highest(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

function deep(): Buffer {
  const open = Array.from(
    { length: DEPTH },
    (_, at) => `Content-Type: multipart/mixed; boundary="b${at}"\r\n\r\n--b${at}\r\n`,
  );
  return Buffer.from(`Subject: deep\r\n${open.join('')}\r\nhello\r\n`);
}

function wide(): Buffer {
  return Buffer.from(
    `Subject: wide\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nhello\r\n'.repeat(PARTS)}--b--\r\n`,
  );
}
