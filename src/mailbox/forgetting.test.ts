import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MailId, mailIdAt, type RecipientState, within } from '#/model/index.ts';
import type { Trace } from '#/ports/index.ts';
import { ACCOUNT, MailboxFixture } from '#/testkit/index.ts';
import { startForgetting } from './forgetting.ts';
import { keysAtOnceMax } from './limits.ts';

const HOUR_MS = 3_600_000;

/** What custody shows of one recipient that came into `state` at a time. */
function trace(id: MailId, state: RecipientState, at: number): Trace {
  const recipients = [{ n: 1, state }];
  return { id, recipients, events: [{ recipient: 1, at }] } as unknown as Trace;
}

/** Alice's deliveries by these ids, and custody that knows `known`. */
async function beside(ids: readonly MailId[], known: Map<MailId, Trace>, steady = () => true) {
  const fixture = new MailboxFixture();
  for (const id of ids) await fixture.deliver('alice@acme.test', { id });
  const asked: number[] = [];
  const forgetting = startForgetting({
    clock: fixture.clock,
    log: fixture.log,
    mailboxes: fixture.mailboxes,
    journal: {
      trace: async ({ ids: wanted = [] }, limit) => {
        asked.push(limit);
        return wanted.flatMap((id) => known.get(id) ?? []);
      },
    },
    timeIsSteady: async () => steady(),
  });
  const kept = async (): Promise<readonly MailId[]> => {
    const keys = ids.map((message) => ({ message, recipient: 1 }));
    const there = await fixture.mailboxes.delivered(ACCOUNT, keys, within(5_000));
    return ids.filter((_, i) => there[i]);
  };
  const pass = async (ms: number): Promise<void> => {
    await fixture.clock.advance(ms, HOUR_MS);
    await fixture.clock.advance(2_000, 50);
  };
  return { fixture, asked, kept, pass, [Symbol.asyncDispose]: () => forgetting[Symbol.asyncDispose]() };
}

const NOON = Date.UTC(2026, 0, 15, 12);
let made = 0;

/** An id of that time that no other test has. */
function idAt(ms: number): MailId {
  made += 1;
  return `${mailIdAt(ms).slice(0, 9)}${String(made).padStart(7, '0')}` as MailId;
}

const old = (): MailId => idAt(NOON - 40 * HOUR_MS);

test('design 1: a delivery key is forgotten a day after its recipient has ended, and not before', async () => {
  const [ended, lately, live, unknown, young] = [old(), old(), old(), old(), idAt(NOON)];
  const brought = 'transfer:xyz' as MailId;
  const known = new Map([
    [ended, trace(ended, 'delivered', NOON - 30 * HOUR_MS)],
    [lately, trace(lately, 'delivered', NOON - HOUR_MS)],
    [live, trace(live, 'deferred', NOON - 30 * HOUR_MS)],
    [brought, trace(brought, 'delivered', 0)],
  ]);
  const all = [ended, lately, live, unknown, young, brought];
  await using it = await beside(all, known);
  assert.deepEqual(await it.kept(), all);
  await it.pass(7 * HOUR_MS);
  assert.deepEqual(await it.kept(), [lately, live, unknown, young, brought]);
  await it.pass(30 * HOUR_MS);
  assert.deepEqual(await it.kept(), [live, unknown, young, brought]);
});

test('design 1: many keys are gone through in small questions, those that stay too', async () => {
  const ids = Array.from({ length: keysAtOnceMax * 2 + 3 }, old);
  const known = new Map(ids.map((id, i) => [id, trace(id, i % 2 === 0 ? 'bounced' : 'held', NOON - 30 * HOUR_MS)]));
  await using it = await beside(ids, known);
  await it.pass(7 * HOUR_MS);
  assert.deepEqual(
    await it.kept(),
    ids.filter((_, i) => i % 2 === 1),
  );
  assert.ok(it.asked.length >= 3 && it.asked.every((limit) => limit <= keysAtOnceMax), it.asked.join());
});

test('design 1: while time can’t be trusted no key is forgotten', async () => {
  const id = old();
  await using it = await beside([id], new Map([[id, trace(id, 'delivered', 0)]]), () => false);
  await it.pass(13 * HOUR_MS);
  assert.deepEqual(await it.kept(), [id]);
});
