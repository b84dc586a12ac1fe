/** Other servers with their faults, played by a script, and what comes of a pull from them. Dovecot itself is in test/journeys/moving.test.ts. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { createServer, type TLSSocket } from 'node:tls';
import { DEFAULT_UIDL_FORMAT, parseUidlFormat } from '#/codec/mail-files/index.ts';
import { type MailboxName, within } from '#/model/index.ts';
import { ACCOUNT, MailboxFixture, testCertificate } from '#/testkit/index.ts';
import { openImapSource } from './imap-source.ts';
import { Ledger } from './ledger.ts';
import { pull } from './pull.ts';
import { SourceTrouble } from './source.ts';

const uidlFormat = parseUidlFormat(DEFAULT_UIDL_FORMAT) ?? assert.fail();
const certificate = readFileSync(new URL('../../fixtures/tls/cert.pem', import.meta.url), 'utf8');

interface Folder {
  readonly attributes?: string;
  /** By UID: subject, and the id that Gmail gives a message wherever it shows it. */
  readonly mails: Readonly<Record<number, string>>;
}

interface Manners {
  readonly folders: Readonly<Record<string, Folder>>;
  readonly capabilities?: string;
  readonly namespace?: string;
  readonly separator?: string;
  /** UIDs that it can't give, which fails the whole command. */
  readonly broken?: readonly number[];
  /** Ends the connection after so many bodies, once. */
  dropAfter?: number;
  /** Lists so many messages fewer than there are, once. */
  hides?: number;
  readonly sizes?: Readonly<Record<number, number>>;
}

class Script implements AsyncDisposable {
  readonly heard: string[] = [];
  readonly #manners: Manners;
  readonly #server;
  #bodies = 0;

  constructor(manners: Manners) {
    this.#manners = manners;
    this.#server = createServer({ SNICallback: (_, done) => done(null, testCertificate()) }, (socket) =>
      this.#serve(socket),
    );
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket: TLSSocket): void {
    let waiting = '';
    let selected: Folder = { mails: {} };
    socket.on('error', () => {});
    const capabilities = `IMAP4rev1 NAMESPACE SPECIAL-USE ${this.#manners.capabilities ?? ''}`.trim();
    socket.write(`* OK [CAPABILITY ${capabilities}] hello\r\n`);
    socket.on('data', (octets: Buffer) => {
      waiting += octets.toString('latin1');
      for (let end = waiting.indexOf('\r\n'); end >= 0; end = waiting.indexOf('\r\n')) {
        const line = waiting.slice(0, end);
        waiting = waiting.slice(end + 2);
        this.heard.push(line.replace(/^\S+ /, ''));
        const name = /EXAMINE "?([^"]*?)"?$/i.exec(line)?.[1];
        if (name !== undefined) selected = this.#manners.folders[name] ?? selected;
        const answer = this.#answer(line, selected, name, capabilities);
        if (answer === null) return void socket.destroy();
        socket.write(answer);
      }
    });
  }

  /** Null where it hangs up. */
  #answer(line: string, selected: Folder, examined: string | undefined, capabilities: string): string | null {
    const [tag = '', command = ''] = line.split(' ');
    const { folders, namespace = '', separator = '/' } = this.#manners;
    const ok = `${tag} OK done\r\n`;
    if (/^LOGIN/i.test(command)) {
      const isRight = /LOGIN "?old"? "?secret"?$/.test(line);
      return isRight ? `${tag} OK [CAPABILITY ${capabilities}] in\r\n` : `${tag} NO [AUTHENTICATIONFAILED] Not you\r\n`;
    }
    if (/^NAMESPACE/i.test(command)) return `* NAMESPACE (("${namespace}" "${separator}")) NIL NIL\r\n${ok}`;
    if (/^LIST/i.test(command) || /^LSUB/i.test(command)) {
      const lines = Object.entries(folders).map(
        ([name, { attributes = '' }]) => `* ${command.toUpperCase()} (${attributes}) "${separator}" "${name}"\r\n`,
      );
      return `${lines.join('')}${ok}`;
    }
    if (examined !== undefined) {
      if (examined === 'Secret') return `${tag} NO [NOPERM] Not yours\r\n`;
      return `* ${Object.keys(selected.mails).length} EXISTS\r\n* OK [UIDVALIDITY 7] \r\n${tag} OK [READ-ONLY] in\r\n`;
    }
    if (/^UID$/i.test(command)) return this.#fetch(line, selected, ok, tag);
    return /^LOGOUT/i.test(command) ? `* BYE bye\r\n${ok}` : ok;
  }

  #fetch(line: string, { mails }: Folder, ok: string, tag: string): string | null {
    const [, set = '', items = ''] = /FETCH (\S+) \(?(.*?)\)?$/i.exec(line) ?? [];
    const wanted = Object.keys(mails)
      .map(Number)
      .filter((uid) => isIn(set, uid));
    const isListing = !items.includes('BODY');
    const hidden = isListing ? (this.#manners.hides ?? 0) : 0;
    if (isListing) this.#manners.hides = 0;
    const shown = wanted.slice(0, wanted.length - hidden);
    const { broken = [], sizes = {} } = this.#manners;
    if (!isListing && wanted.some((uid) => broken.includes(uid))) return `${tag} NO [SERVERBUG] Can not\r\n`;
    let said = '';
    for (const [n, uid] of shown.entries()) {
      const subject = mails[uid] ?? '';
      const id = (this.#manners.capabilities ?? '').includes('OBJECTID') ? ` EMAILID (M${subject})` : '';
      if (isListing) {
        said += `* ${n + 1} FETCH (UID ${uid} RFC822.SIZE ${sizes[uid] ?? 40}${id})\r\n`;
        continue;
      }
      if (this.#manners.dropAfter !== undefined && this.#bodies >= this.#manners.dropAfter) {
        delete this.#manners.dropAfter;
        return null;
      }
      this.#bodies += 1;
      const octets = `Subject: ${subject}\r\n\r\nhi\r\n`;
      said += `* ${n + 1} FETCH (UID ${uid} FLAGS (\\Seen \\Recent) INTERNALDATE " 1-Nov-2026 12:00:00 +0900"${id} BODY[] {${octets.length}}\r\n${octets})\r\n`;
    }
    return `${said}${ok}`;
  }
}

function isIn(set: string, uid: number): boolean {
  return set.split(',').some((span) => {
    const [from = '', to = from] = span.split(':');
    return uid >= Number(from) && (to === '*' || uid <= Number(to));
  });
}

interface Wanted {
  readonly host?: string;
  readonly password?: string;
  readonly folders?: readonly string[];
  readonly trusted?: readonly string[];
}

/** Pulls from a scripted server into an account in memory. */
async function pulled(manners: Manners, wanted: Wanted = {}, fixture = new MailboxFixture()) {
  await using script = new Script(manners);
  const port = await script.listen();
  const { signal } = new AbortController();
  const ledger = new Ledger();
  const waits: string[] = [];
  const open = async () => {
    const socket: Socket = connect(port, '127.0.0.1');
    const { host = 'localhost', password = 'secret', folders = null, trusted = [certificate] } = wanted;
    return openImapSource(socket, {
      host,
      user: 'old',
      password,
      folders,
      trusted,
      messageBytesMax: 1_000,
      uidlFormat,
      signal,
    });
  };
  const limits = { quotaBytes: null, messageBytesMax: 1_000 };
  const { notes } = await pull(
    { account: ACCOUNT, ...limits, into: null, again: null, dryRun: false, signal },
    {
      open,
      mailboxes: fixture.mailboxes,
      ledger,
      clock: { now: () => 0, sleep: async () => {} },
      onProgress: () => {},
      onWait: (why) => waits.push(why),
    },
  );
  return { ledger, notes, waits, fixture, heard: script.heard };
}

const TWENTY = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [n + 1, `m${n + 1}`]));

test('O1: where the connection is lost it is made again, and each message comes once, in order', async () => {
  const { ledger, waits, fixture } = await pulled({ folders: { INBOX: { mails: TWENTY } }, dropAfter: 11 });
  assert.equal(ledger.imported, 20);
  assert.equal(waits.length, 1);
  assert.deepEqual(await fixture.subjects(), Object.values(TWENTY));
});

test('RFC 9051 §2.3.1.1: another server brings its own mail, though user, folder, UIDVALIDITY and UIDs are the same', async () => {
  const mails = (said: string): Manners => ({ folders: { INBOX: { mails: { 1: `${said} 1`, 2: `${said} 2` } } } });
  const { fixture } = await pulled(mails('first'), { host: 'localhost' });
  const { ledger } = await pulled(mails('second'), { host: 'mx.example.test' }, fixture);
  assert.equal(ledger.imported, 2);
  assert.deepEqual(await fixture.subjects(), ['first 1', 'first 2', 'second 1', 'second 2']);
  const again = await pulled(mails('first'), { host: 'LocalHost' }, fixture);
  assert.equal(again.ledger.imported, 0, 'a name has no case');
});

test('RFC 9051 §6.3.3: nothing is changed over there', async () => {
  const { heard } = await pulled({ folders: { INBOX: { mails: TWENTY } } });
  assert.deepEqual(
    heard.filter((line) => /SELECT|STORE|EXPUNGE|APPEND|COPY|MOVE|CREATE|DELETE|BODY\[/i.test(line)),
    [],
  );
});

test('O1: a list that is shorter than the folder is not believed', async () => {
  const { ledger, waits } = await pulled({ folders: { INBOX: { mails: TWENTY } }, hides: 3 });
  assert.equal(ledger.imported, 20);
  assert.match(waits[0] ?? '', /listed 17 of 20/);
});

test('O1: a message that the server can not give, or that is too large, is named, and the others come', async () => {
  const { ledger, fixture } = await pulled({ folders: { INBOX: { mails: TWENTY } }, broken: [4], sizes: { 9: 5_000 } });
  assert.deepEqual(
    ledger.refusals.map(({ message, why }) => `${message}: ${why}`),
    [
      'UID 9: It has 5000 octets; limits.messageBytes allows 1000.',
      'UID 4: The other server does not give it: Can not.',
    ],
  );
  assert.equal((await fixture.subjects()).length, 18);
});

test('O1: a folder that can not be opened is named, and the others come', async () => {
  const { ledger } = await pulled({ folders: { Secret: { mails: {} }, INBOX: { mails: { 1: 'a' } } } });
  assert.deepEqual(
    ledger.refusals.map(({ folder, why }) => [folder, why]),
    [['Secret', 'The other server does not open it: Not yours.']],
  );
  assert.equal(ledger.imported, 1);
});

test('RFC 8474 §5.1: a folder that shows all mail brings what lies in no other', async () => {
  const { fixture, notes } = await pulled({
    capabilities: 'OBJECTID',
    folders: {
      '[Gmail]/All Mail': { attributes: '\\All', mails: { 1: 'a', 2: 'b', 3: 'c' } },
      '[Gmail]/Starred': { attributes: '\\Flagged', mails: { 1: 'a' } },
      INBOX: { mails: { 5: 'a' } },
      Work: { mails: { 6: 'c' } },
    },
  });
  assert.deepEqual(await fixture.subjects(), ['a']);
  assert.deepEqual(await fixture.subjects('Archive'), ['b']);
  assert.match(notes.join(), /Starred was left out/);
});

test('RFC 2342 §5: folders below INBOX, where a server has all of them, stand beside it here', async () => {
  const { fixture } = await pulled({
    namespace: 'INBOX.',
    separator: '.',
    folders: {
      INBOX: { mails: {} },
      'INBOX.Work.2026': { mails: { 1: 'w' } },
      'INBOX.Sent Items': { mails: { 1: 's' } },
    },
  });
  assert.deepEqual(await fixture.subjects('Work/2026'), ['w']);
  assert.deepEqual(await fixture.subjects('Sent'), ['s']);
});

test('O1: a wrong password, a certificate that nobody vouches for and a folder that is not there end it, with the remedy', async () => {
  const folders = { INBOX: { mails: {} } };
  const ends = (wanted: Wanted, said: RegExp) =>
    assert.rejects(pulled({ folders }, wanted), (error) => {
      assert.ok(error instanceof SourceTrouble && !error.retry, String(error));
      assert.match(error.message, said);
      return true;
    });
  await ends({ password: 'wrong-one' }, /does not accept the user and password: .*Not you/);
  await ends({ trusted: [] }, /--trust FILE/);
  await ends({ host: 'other.test' }, /--trust FILE/);
  await ends({ folders: ['Nowhere'] }, /There are: INBOX/);
});

test('RFC 6154 §2: what a server says of a folder counts more than its name', async () => {
  const { fixture } = await pulled({
    folders: {
      INBOX: { mails: {} },
      Sent: { mails: { 1: 'by name' } },
      Outgoing: { attributes: '\\Sent', mails: { 1: 'told' } },
    },
  });
  const sent = await fixture.mailboxes.find(ACCOUNT, 'Sent' as MailboxName, within(9_000));
  assert.equal(sent?.specialUse, 'Sent');
  // The second one keeps its name, which here is the mailbox of that use.
  assert.deepEqual(await fixture.subjects('Sent'), ['told', 'by name']);
});
