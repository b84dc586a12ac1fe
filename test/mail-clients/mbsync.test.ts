/** mbsync keeps a maildir and a server alike, both ways: the client that asks most of UIDs, flags and expunge, and forgives least. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { orSkip } from '../support/or-skip.ts';
import { findPeer, type Peer } from '../support/peers.ts';
import { farMailboxes, signedIn } from './far-side.ts';
import { idsIn, LETTERS, letter } from './letters.ts';
import type { MailServer } from './mail-server.ts';
import { runClient } from './run-client.ts';
import { JOURNEY_MS, SERVERS } from './servers.ts';

/** `仕事` in modified UTF-7 (RFC 3501 §5.1.3), as names stand on the wire and in a maildir. */
const WORK = '&TtVOiw-';
const MARKS: Readonly<Record<string, string>> = {
  D: '\\Draft',
  F: '\\Flagged',
  R: '\\Answered',
  S: '\\Seen',
  T: '\\Deleted',
};

for (const { name, start } of SERVERS) {
  test(`O5: mbsync and ${name} agree on every mail and flag after changes on both sides`, {
    timeout: JOURNEY_MS,
  }, async (t) => {
    const isync = orSkip(t, await findPeer('isync'));
    if (isync === undefined) return;
    await using server = orSkip(t, await start());
    if (server === undefined) return;
    await using near = await Near.of(isync, server);
    for (const mail of LETTERS) await server.deliver(mail);

    await near.sync();
    await agree(server, near);
    assert.equal(near.mailboxes().get('INBOX')?.length, LETTERS.length);

    await changeFar(server);
    near.change();
    await near.sync();
    await agree(server, near);
    const inbox = near.mailboxes().get('INBOX') ?? [];
    const ids = inbox.map(({ id }) => id).sort();
    assert.deepEqual(ids, ['from-line', 'japanese', 'long', 'new-near', 'plain']);
    assert.deepEqual(inbox.find(({ id }) => id === 'plain')?.flags, ['\\Answered', '\\Flagged', '\\Seen']);
    assert.equal(near.mailboxes().get(WORK)?.length, 2);

    const before = [far(await farMailboxes(server)), near.mailboxes()];
    await near.sync();
    assert.deepEqual([far(await farMailboxes(server)), near.mailboxes()], before, 'a third run has nothing to do');
  });

  test(`O5: mbsync trusts what it knew of ${name} over a restart, and loads nothing twice`, {
    timeout: JOURNEY_MS,
  }, async (t) => {
    const isync = orSkip(t, await findPeer('isync'));
    if (isync === undefined) return;
    await using server = orSkip(t, await start());
    if (server === undefined) return;
    await using near = await Near.of(isync, server);
    for (const mail of LETTERS) await server.deliver(mail);
    await near.sync();
    const files = near.files();
    await server.purge();
    await server.restart();
    await near.sync();
    assert.deepEqual(near.files(), files);
    await server.deliver(letter('later'));
    await near.sync();
    assert.equal(near.files().length, files.length + 1);
    await agree(server, near);
  });
}

async function changeFar(server: MailServer): Promise<void> {
  await using wire = await signedIn(server);
  for (const command of [
    'SELECT INBOX',
    'STORE 1 +FLAGS (\\Flagged)',
    'STORE 2 +FLAGS (\\Deleted)',
    'EXPUNGE',
    `CREATE "${WORK}"`,
    `COPY 2 "${WORK}"`,
  ]) {
    const { verdict } = await wire.command(command);
    assert.equal(verdict, 'OK', command);
  }
  const { verdict } = await wire.command(`APPEND "${WORK}" (\\Seen) `, Buffer.from(letter('new-far')));
  assert.equal(verdict, 'OK');
}

async function agree(server: MailServer, near: Near): Promise<void> {
  assert.deepEqual(far(await farMailboxes(server)), near.mailboxes());
}

interface Kept {
  readonly id: string;
  readonly flags: readonly string[];
  readonly text: string;
}

type Side = ReadonlyMap<string, readonly Kept[]>;

function far(mailboxes: Awaited<ReturnType<typeof farMailboxes>>): Side {
  const sides = [...mailboxes].map(([name, messages]): [string, readonly Kept[]] => [
    name,
    byId(messages.map(({ flags, octets }) => ({ flags, ...read(octets) }))),
  ]);
  return new Map(sides);
}

// The mark by which mbsync finds a mail that it is just bringing over may stay in it, and a maildir has the system's line ends.
function read(octets: string): { id: string; text: string } {
  const text = octets.replaceAll('\r\n', '\n').replace(/^X-TUID: .*\n/m, '');
  return { id: idsIn(text)[0] ?? '', text };
}

const byId = (messages: readonly Kept[]): readonly Kept[] => [...messages].sort((a, b) => (a.id < b.id ? -1 : 1));

/** The near side: a folder of maildirs. */
class Near implements AsyncDisposable {
  readonly #isync: Peer;
  readonly #folder: string;

  private constructor(isync: Peer, folder: string) {
    this.#isync = isync;
    this.#folder = folder;
  }

  static async of(isync: Peer, server: MailServer): Promise<Near> {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-mbsync-'));
    mkdirSync(join(folder, 'mail'));
    writeFileSync(join(folder, 'mbsyncrc'), settings(folder, server), { mode: 0o600 });
    return new Near(isync, folder);
  }

  async sync(): Promise<void> {
    const words = ['-c', join(this.#folder, 'mbsyncrc'), '-a', '-V'];
    await runClient(this.#isync.path('mbsync'), words, { env: { ...this.#isync.env, HOME: this.#folder } });
  }

  /** Marks one as read and answered, deletes one, and adds one. */
  change(): void {
    this.#rename('plain', ':2,RS');
    this.#rename('empty', ':2,T');
    writeFileSync(
      join(this.#folder, 'mail', 'INBOX', 'new', '1.new.near'),
      letter('new-near').replaceAll('\r\n', '\n'),
    );
  }

  files(): readonly string[] {
    const all = readdirSync(join(this.#folder, 'mail'), { recursive: true, withFileTypes: true });
    const mails = all.filter((entry) => entry.isFile() && /\/(cur|new)$/.test(entry.parentPath));
    return mails.map((entry) => join(entry.parentPath, entry.name)).sort();
  }

  mailboxes(): Side {
    const found = new Map<string, Kept[]>();
    for (const file of this.files()) {
      const name = relative(join(this.#folder, 'mail'), join(file, '..', '..'));
      const marks = /:2,(\w*)$/.exec(file)?.[1] ?? '';
      const flags = marks
        .split('')
        .map((mark) => MARKS[mark] ?? mark)
        .sort();
      found.set(name, [...(found.get(name) ?? []), { flags, ...read(readFileSync(file, 'latin1')) }]);
    }
    return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, kept]) => [name, byId(kept)]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  #rename(id: string, marks: string): void {
    const file = this.files().find((path) => path.includes('/INBOX/') && idsIn(readFileSync(path, 'latin1'))[0] === id);
    assert.ok(file !== undefined, `no ${id} on the near side`);
    renameSync(file, file.replace('/new/', '/cur/').replace(/(:2,\w*)?$/, marks));
  }
}

function settings(folder: string, server: MailServer): string {
  return `
IMAPAccount far
Host localhost
Port ${server.ports.imaps}
User ${server.user}
Pass "${server.password}"
SSLType IMAPS
CertificateFile ${server.certificate}

IMAPStore far
Account far

MaildirStore near
Path ${folder}/mail/
Inbox ${folder}/mail/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Remove Both
Expunge Both
SyncState *
`;
}
