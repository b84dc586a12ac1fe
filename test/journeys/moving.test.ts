/** A company moves from Dovecot: its mail comes by IMAP or as the files that Dovecot keeps, and no program of its people notices. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ImapWire } from '../mail-clients/imap-wire.ts';
import { LETTERS, letter } from '../mail-clients/letters.ts';
import { CERTIFICATE } from '../mail-clients/mail-server.ts';
import { PopWire } from '../mail-clients/pop-wire.ts';
import { type Dovecot, startDovecot } from '../support/dovecot.ts';
import { eventually, Holdfast, kill } from '../support/holdfast.ts';
import { orSkip } from '../support/or-skip.ts';
import { pidOf } from '../support/steward-kit.ts';

/** The command itself: what bin/holdfast.js starts is a process of its own, and would outlive it. */
const COMMAND = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const JOURNEY_MS = 400_000;
const PASSWORD = 'correct horse';
const OLD = { user: 'alice@old.test', password: PASSWORD };
const NAMES = ['alice', 'bob', 'carol', 'dave', 'erin'] as const;
const RESOURCES = `tenants:
  - id: acme
    name: Acme
    domains: [acme.test]
    users:
${NAMES.map((name) => `      - { address: ${name}@acme.test, password: "${PASSWORD}" }`).join('\n')}
`;
const INBOX_MAILS = 400;
/** Messages of INBOX, the first ones, that Dovecot knows by names of another server. */
const KEPT_UIDLS = 3;
const FLAGS = ['', '\\Seen', '\\Seen \\Answered', '\\Flagged $Forwarded', '\\Seen Project-X'];

interface Server {
  readonly ports: { readonly imaps: number; readonly pop3s: number };
}

interface Message {
  readonly flags: readonly string[];
  readonly date: string;
  readonly octets: string;
}

async function signedIn({ ports }: Server, user: string): Promise<ImapWire> {
  const wire = await ImapWire.open(ports.imaps);
  assert.equal((await wire.login(user, PASSWORD)).verdict, 'OK');
  return wire;
}

/** Mailboxes that are not empty, with their messages in the order of UIDs. */
async function mailOf(server: Server, user: string): Promise<ReadonlyMap<string, readonly Message[]>> {
  await using wire = await signedIn(server, user);
  const { untagged } = await wire.command('LIST "" *');
  const names = untagged.filter(([word]) => word === 'LIST').map((words) => text(words[3]));
  const found = new Map<string, readonly Message[]>();
  for (const name of names.sort()) {
    await wire.command(`EXAMINE "${name}"`);
    const answer = await wire.command('UID FETCH 1:* (UID FLAGS INTERNALDATE BODY.PEEK[])');
    const messages = answer.untagged.filter((words) => words[1] === 'FETCH').map((words) => messageIn(words[2]));
    if (messages.length > 0) found.set(name, messages);
  }
  return found;
}

function messageIn(items: unknown): Message {
  const list = items as readonly (string | readonly string[])[];
  const value = (name: string) => list[list.indexOf(name) + 1];
  const flags = (value('FLAGS') as readonly string[]).filter((flag) => flag !== '\\Recent').sort();
  const date = text(value('INTERNALDATE')).trim();
  return { flags, date: new Date(date.replaceAll('-', ' ')).toISOString(), octets: text(value('BODY[]')) };
}

/** Message for message, so that a difference can be read. */
function assertSame(found: readonly Message[] | undefined, wanted: readonly Message[], name: string): void {
  for (const [n, message] of wanted.entries()) assert.deepEqual(found?.[n], message, `${name}, message ${n + 1}`);
  assert.equal(found?.length, wanted.length, name);
}

function text(tree: unknown): string {
  return String(tree).replace(/^"/, '');
}

async function uidls({ ports }: Server, user: string): Promise<readonly string[]> {
  await using wire = await PopWire.open(ports.pop3s);
  for (const line of [`USER ${user}`, `PASS ${PASSWORD}`]) assert.match((await wire.say(line)).status, /^\+OK/);
  const { lines } = await wire.say('UIDL', true);
  await wire.say('QUIT');
  return (lines ?? []).map((line) => line.split(' ')[1] ?? '');
}

/** Puts mail into the old account: much in INBOX, some elsewhere, of all kinds. */
async function fill(server: Server): Promise<void> {
  await using wire = await signedIn(server, OLD.user);
  const append = async (name: string, mails: readonly string[]): Promise<void> => {
    const parts = mails.flatMap((mail, n) => {
      const date = `${String(1 + (n % 27)).padStart(2, ' ')}-Nov-2025 1${n % 10}:00:0${n % 7} +0900`;
      return [`${n === 0 ? `APPEND "${name}"` : ''} (${FLAGS[n % FLAGS.length]}) "${date}" `, Buffer.from(mail)];
    });
    assert.equal((await wire.command(...parts)).verdict, 'OK', name);
  };
  for (const name of ['Work', 'Work/2025', 'Gesendete Elemente', '&kAFP4W4IMH8-']) {
    assert.equal((await wire.command(`CREATE "${name}"`)).verdict, 'OK', name);
    await wire.command(`SUBSCRIBE "${name}"`);
  }
  for (let n = 0; n < INBOX_MAILS; n += 100)
    await append(
      'INBOX',
      Array.from({ length: 100 }, (_, i) => letter(`in-${n + i}`)),
    );
  await append('Sent', [letter('sent')]);
  await append('Gesendete Elemente', [letter('gesendet')]);
  await append('Work', LETTERS);
  await append('Work/2025', [...LETTERS, letter('large', { body: `${'word '.repeat(14)}\r\n`.repeat(20_000) })]);
  await append('&kAFP4W4IMH8-', [letter('japanese')]);
  await wire.command('SELECT INBOX');
  await wire.command('STORE 2,4,9 +FLAGS (\\Deleted)');
  await wire.command('EXPUNGE');
}

/** Names that POP3 clients know messages by from a server before Dovecot. */
async function keepOldUidls(dovecot: Dovecot): Promise<void> {
  const list = join(dovecot.mailOf(OLD.user), 'dovecot-uidlist');
  const lines = (await readFile(list, 'utf8')).split('\n');
  const renamed = lines.map((line, n) => (n > 0 && n < 6 ? line.replace(/^(\d+) /, '$1 Pbefore-dovecot-$1 ') : line));
  await writeFile(list, renamed.join('\n'));
  await dovecot.restart();
}

test('O1: a pull from Dovecot that is killed, and whose mailboxes are killed, brings each message once, as it was', {
  timeout: JOURNEY_MS,
}, async (t) => {
  await using dovecot = orSkip(t, await startDovecot({ [OLD.user]: OLD.password }, 'maildir'));
  if (dovecot === undefined) return;
  await fill(dovecot);
  await keepOldUidls(dovecot);
  const [before, names] = [await mailOf(dovecot, OLD.user), await uidls(dovecot, OLD.user)];
  assert.equal(names.length, INBOX_MAILS - 3);
  await using holdfast = await Holdfast.start({ mailboxes: true, resources: RESOURCES });
  await holdfast.write('password', `${OLD.password}\n`);
  const pull = [
    ...['mailbox', 'pull', 'alice@acme.test', `imaps://${OLD.user}@localhost:${dovecot.ports.imaps}`],
    ...['--password-file', join(holdfast.folder, 'password'), '--trust', CERTIFICATE.cert],
  ];
  const arrived = async (): Promise<number> => {
    await using wire = await signedIn(holdfast, 'alice@acme.test');
    return Number((await wire.command('STATUS INBOX (MESSAGES)')).untagged.flat(3)[3]);
  };
  const child = spawn(process.execPath, [COMMAND, ...pull, '--config', holdfast.config], { stdio: 'ignore' });
  await eventually('mail comes', async () => (await arrived()) > 0);
  child.kill('SIGKILL');
  await once(child, 'close');
  const atKill = await arrived();
  const second = holdfast.cli(...pull);
  await eventually('more mail comes', async () => (await arrived()) > atKill || atKill >= INBOX_MAILS - 3);
  kill(await pidOf(holdfast, 'mail'));
  const { code, stdout, stderr } = await second;
  assert.equal(code, 0, stdout + stderr);
  await holdfast.ready();
  t.diagnostic(`killed at ${atKill} of ${INBOX_MAILS - 3}`);
  const after = await mailOf(holdfast, 'alice@acme.test');
  assert.deepEqual([...after.keys()].sort(), [...before.keys()].sort());
  for (const [name, messages] of before) assertSame(after.get(name), messages, name);
  // Three are known by names from before Dovecot, which it tells POP3 clients alone.
  assert.deepEqual((await uidls(holdfast, 'alice@acme.test')).slice(KEPT_UIDLS), names.slice(KEPT_UIDLS));
  const again = await holdfast.json<{ folders: { imported: number; there: number }[] }>(...pull);
  assert.equal(
    again.folders.reduce((sum, { imported }) => sum + imported, 0),
    0,
  );
  // The same account from its files: also the UIDLs that Dovecot keeps without telling IMAP clients.
  const files = await holdfast.cli('mailbox', 'import', 'bob@acme.test', dovecot.mailOf(OLD.user));
  assert.equal(files.code, 0, files.stdout + files.stderr);
  const bob = await mailOf(holdfast, 'bob@acme.test');
  for (const [name, messages] of before) assertSame(bob.get(name), messages, name);
  assert.deepEqual(await uidls(holdfast, 'bob@acme.test'), names);
  await roundTrips(holdfast, bob, names);
});

/** What lies in Bob's account goes out in each form, and into an account of its own. */
async function roundTrips(
  holdfast: Holdfast,
  bob: ReadonlyMap<string, readonly Message[]>,
  names: readonly string[],
): Promise<void> {
  for (const [format, who] of [
    ['maildir', 'carol'],
    ['mbox', 'dave'],
    ['eml', 'erin'],
  ] as const) {
    const to = join(holdfast.folder, `export-${format}`);
    const words = ['--format', format, '--read-body', 'Bob moves'];
    const out = await holdfast.cli('mailbox', 'export', 'bob@acme.test', to, ...words);
    assert.equal(out.code, 0, out.stdout + out.stderr);
    const back = await holdfast.cli('mailbox', 'import', `${who}@acme.test`, to);
    assert.equal(back.code, 0, back.stdout + back.stderr);
    const found = await mailOf(holdfast, `${who}@acme.test`);
    for (const [name, messages] of bob) assertSame(found.get(name), messages, `${format}: ${name}`);
    assert.deepEqual(await uidls(holdfast, `${who}@acme.test`), names, format);
  }
  const entries = await holdfast.json<{ act: string; subject: string; reason: string }[]>('audit', '--log');
  const exports = entries.filter(({ act }) => act === 'mailbox.export');
  assert.deepEqual(
    exports.map(({ reason }) => reason),
    ['Bob moves', 'Bob moves', 'Bob moves'],
  );
  assert.ok(!JSON.stringify(entries).includes(PASSWORD), 'a password is in the audit log');
}
