import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMessage } from '#/codec/mime/index.ts';
import {
  Fault,
  INBOX,
  type MailAddress,
  type MailboxName,
  type MailId,
  PROBE_MAILBOX,
  PROBE_TENANT,
  within,
} from '#/model/index.ts';
import { ACCOUNT, MailboxFixture } from '#/testkit/index.ts';
import { Foreground } from './foreground.ts';
import { startPurge } from './purge.ts';

const DAY_MS = 86_400_000;
const SETTINGS = { recoverableMs: 14 * DAY_MS, trashMs: 30 * DAY_MS, junkMs: 14 * DAY_MS };

/** Custody's small facts. */
function notebook() {
  const facts = new Map<string, string>();
  return {
    away: false,
    remember: async (name: string, value: string) => void facts.set(name, value),
    async recall(name: string) {
      if (this.away) throw new Fault('server.unreachable');
      return facts.get(name) ?? null;
    },
  };
}

/** Alice has `messages` in INBOX; a purge runs beside her. */
async function beside(messages: number, steady = true, notes = notebook()) {
  const fixture = new MailboxFixture();
  for (let i = 0; i < messages; i++) await fixture.deliver('alice@acme.test');
  const foreground = new Foreground(() => fixture.clock.monotonic());
  const watched = foreground.watched(fixture.mailboxes);
  const purge = startPurge(SETTINGS, {
    mailboxes: fixture.mailboxes,
    custody: notes,
    clock: fixture.clock,
    log: fixture.log,
    meter: fixture.meter,
    foreground,
    timeIsSteady: async () => steady,
  });
  const call = () => within(60_000);
  const inbox = async () => (await fixture.mailboxes.find(ACCOUNT, INBOX, call()))?.id ?? assert.fail();
  const expungeAll = async () => fixture.mailboxes.expunge(ACCOUNT, await inbox(), null, true, call());
  const left = async () => (await fixture.mailboxes.usage(ACCOUNT, call())).recoverableMessages;
  /** Hours and days go by in large steps, and then the purge's own turns in small ones. */
  const pass = async (ms: number) => {
    await fixture.clock.advance(ms, 600_000);
    await fixture.clock.advance(30_000, 10);
  };
  const end = async () => {
    const ended = purge[Symbol.asyncDispose]();
    await fixture.clock.advance(1_000, 10);
    await ended;
  };
  return { mailboxes: watched, purge, call, expungeAll, left, pass, end, fixture };
}

test('O3: what was deleted can come back for two weeks, and is purged then', async () => {
  const it = await beside(150);
  await it.expungeAll();
  await it.pass(13 * DAY_MS);
  assert.equal(await it.left(), 150);
  await it.pass(1.5 * DAY_MS);
  assert.equal(await it.left(), 0);
  assert.equal(it.purge.status().purged, 150);
  await it.end();
});

test('O3: Trash is emptied after 30 days and can be recovered for two weeks more', async () => {
  const it = await beside(20);
  const trash = await it.mailboxes.find(ACCOUNT, 'Trash' as MailboxName, it.call());
  const inbox = await it.mailboxes.find(ACCOUNT, INBOX, it.call());
  assert.ok(inbox !== null && trash !== null);
  const view = await it.mailboxes.view(ACCOUNT, inbox.id, it.call());
  await it.mailboxes.copy(
    ACCOUNT,
    inbox.id,
    [...(view?.uids ?? [])],
    trash.id,
    'move',
    { quotaBytes: null },
    it.call(),
  );
  const live = async () => (await it.mailboxes.usage(ACCOUNT, it.call())).messages;
  await it.pass(29 * DAY_MS);
  assert.equal(await live(), 20);
  await it.pass(1.5 * DAY_MS);
  assert.deepEqual([await live(), await it.left()], [0, 20]);
  await it.pass(15 * DAY_MS);
  assert.equal(await it.left(), 0);
  await it.end();
});

test('O3: legal hold, a pause and a clock that can’t be trusted each stop it', async () => {
  const held = await beside(10);
  await held.mailboxes.hold(ACCOUNT, true, held.call());
  await held.expungeAll();
  await held.pass(20 * DAY_MS);
  assert.equal(await held.left(), 10);
  await held.mailboxes.hold(ACCOUNT, false, held.call());
  await held.pass(DAY_MS);
  assert.equal(await held.left(), 0);
  await held.end();

  const paused = await beside(10);
  await paused.purge.pause(true, paused.call());
  await paused.expungeAll();
  await paused.pass(20 * DAY_MS);
  assert.equal(await paused.left(), 10);
  await paused.end();

  const unsteady = await beside(10, false);
  await unsteady.expungeAll();
  await unsteady.pass(20 * DAY_MS);
  assert.equal(await unsteady.left(), 10);
  await unsteady.end();
});

test('O3: a pause outlives a restart, and while it can’t be known whether there is one nothing is purged', async () => {
  const notes = notebook();
  const first = await beside(1, true, notes);
  await first.purge.pause(true, first.call());
  await first.end();

  const second = await beside(10, true, notes);
  await second.expungeAll();
  await second.pass(20 * DAY_MS);
  assert.deepEqual([await second.left(), second.purge.status().paused], [10, true]);
  await second.purge.pause(false, second.call());
  await second.pass(DAY_MS);
  assert.deepEqual([await second.left(), second.purge.status().paused], [0, false]);
  await second.end();

  notes.away = true;
  const third = await beside(10, true, notes);
  await third.expungeAll();
  await third.pass(20 * DAY_MS);
  assert.equal(await third.left(), 10);
  notes.away = false;
  await third.pass(DAY_MS);
  assert.equal(await third.left(), 0);
  await third.end();
});

test('H9: what is deleted of test mail is purged with the next round, and that of people is not', async () => {
  const it = await beside(10);
  const account = { tenant: PROBE_TENANT, address: PROBE_MAILBOX };
  const content = Buffer.from('Subject: test\r\n\r\n');
  const mail = { content, facts: readMessage(content), flags: [], receivedAt: 0, uidl: null };
  const key = { message: 'PROBE' as MailId, recipient: 1 };
  await it.mailboxes.deliver(account, { key, mail, into: INBOX, limits: { quotaBytes: null } }, it.call());
  const inbox = await it.mailboxes.find(account, INBOX, it.call());
  assert.ok(inbox !== null);
  await it.mailboxes.expunge(account, inbox.id, null, true, it.call());
  await it.expungeAll();
  assert.equal((await it.mailboxes.usage(account, it.call())).recoverableMessages, 1);
  await it.pass(20 * 60_000);
  assert.equal((await it.mailboxes.usage(account, it.call())).recoverableMessages, 0);
  assert.equal(await it.left(), 10);
  await it.end();
});

test('contract: mailbox purge --now takes away what is recoverable, whatever its age', async () => {
  const it = await beside(30);
  await it.expungeAll();
  await it.fixture.clock.advance(10, 1);
  const done = it.purge.now(ACCOUNT, it.call());
  await it.fixture.clock.advance(10_000, 10);
  assert.equal(await done, 30);
  assert.equal(await it.left(), 0);
  await it.end();
});

test('O4: an account that can not be read is no reason to leave the others unpurged', async () => {
  const it = await beside(10);
  await it.fixture.mailboxes.list({ ...ACCOUNT, address: 'a@acme.test' as MailAddress }, it.call());
  for (const name of ['list', 'purge'] as const) {
    const whole = it.fixture.mailboxes[name].bind(it.fixture.mailboxes) as (...args: unknown[]) => Promise<never>;
    Object.assign(it.fixture.mailboxes, {
      [name]: (account: typeof ACCOUNT, ...rest: unknown[]) =>
        account.address === ACCOUNT.address ? whole(account, ...rest) : Promise.reject(new Error('damaged')),
    });
  }
  await it.expungeAll();
  await it.pass(15 * DAY_MS);
  assert.equal(await it.left(), 0);
  assert.ok(it.fixture.log.lines.some((line) => JSON.stringify(line).includes('mailbox.purge-failed')));
  await it.end();
});
