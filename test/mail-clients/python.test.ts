/** Python's imaplib and poplib, which many small programs of companies are made with. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { orSkip } from '../support/or-skip.ts';
import { LETTERS } from './letters.ts';
import type { MailServer } from './mail-server.ts';
import { runClient } from './run-client.ts';
import { JOURNEY_MS, SERVERS } from './servers.ts';

for (const { name, start } of SERVERS) {
  test(`O1: imaplib makes, fills, searches, changes and removes a mailbox on ${name}`, {
    timeout: JOURNEY_MS,
  }, async (t) => {
    if ((await python(t)) === null) return;
    await using server = orSkip(t, await start());
    if (server === undefined) return;
    const seen = await journey('imaplib', server);
    assert.deepEqual(seen.get('list'), [['Archive', 'Drafts', 'INBOX', 'Junk', 'Reports', 'Sent', 'Trash']]);
    assert.deepEqual(seen.get('lsub'), [true]);
    assert.deepEqual(seen.get('select'), [['5']]);
    assert.deepEqual(seen.get('search'), [['2 4']]);
    assert.deepEqual(seen.get('search subject'), [['3']]);
    assert.deepEqual(seen.get('whole'), [true]);
    assert.deepEqual(seen.get('flagged'), [['2 3']]);
    assert.deepEqual(seen.get('expunge'), [['5']]);
    assert.deepEqual(seen.get('status'), [true]);
    assert.deepEqual(seen.get('uid search'), [['1 2 3 4']]);
    assert.deepEqual(seen.get('renamed'), [['4']]);
    assert.deepEqual(seen.get('gone'), ['NO']);
    assert.deepEqual(seen.get('wrong password'), ['refused', true]);
  });

  test(`O1: poplib reads, deletes and thinks better of it on ${name}`, { timeout: JOURNEY_MS }, async (t) => {
    if ((await python(t)) === null) return;
    await using server = orSkip(t, await start());
    if (server === undefined) return;
    for (const mail of LETTERS) await server.deliver(mail);
    const count = LETTERS.length;
    const seen = await journey('poplib', server);
    assert.deepEqual(seen.get('capa'), [true]);
    assert.deepEqual(seen.get('stat')?.slice(0, 2), [count, true]);
    assert.deepEqual(seen.get('uidl'), [true, true]);
    const bodies = (seen.get('retr')?.[0] ?? []) as readonly string[];
    for (const [at, mail] of LETTERS.entries()) assert.equal(bodyOf(bodies[at] ?? ''), bodyOf(latin1(mail)));
    assert.deepEqual(seen.get('sizes'), [true]);
    assert.deepEqual(seen.get('top 0'), ['']);
    assert.deepEqual(seen.get('top 1'), [['', '.']]);
    for (const step of ['retr of none', 'retr of zero', 'retr of deleted', 'dele of deleted', 'wrong password'])
      assert.deepEqual(seen.get(step), ['-ERR'], step);
    assert.deepEqual(seen.get('after dele'), [count - 1, count - 1, count - 1]);
    assert.deepEqual(seen.get('after rset'), [count]);
    assert.deepEqual(seen.get('left'), [true]);
    assert.deepEqual(seen.get('without quit'), [true]);
  });
}

const latin1 = (text: string): string => Buffer.from(text).toString('latin1');

const bodyOf = (mail: string): string => mail.slice(mail.indexOf('\r\n\r\n') + 4);

async function python(t: { skip(reason: string): void }): Promise<true | null> {
  try {
    await runClient('python3', ['--version']);
    return true;
  } catch {
    t.skip('python3 is not here');
    return null;
  }
}

async function journey(client: string, server: MailServer): Promise<ReadonlyMap<string, readonly unknown[]>> {
  const script = fileURLToPath(new URL(`journey-${client}.py`, import.meta.url));
  const [plain, tls] = client === 'imaplib' ? (['imap', 'imaps'] as const) : (['pop3', 'pop3s'] as const);
  const where = [String(server.ports[plain]), String(server.ports[tls])];
  const { stdout } = await runClient('python3', [script, ...where, server.user, server.password, server.certificate]);
  const lines = stdout.trimEnd().split('\n');
  return new Map(
    lines.map((line) => JSON.parse(line) as [string, ...unknown[]]).map(([step, ...seen]) => [step, seen]),
  );
}
