/** Traces and lists (contract, M2). */
import assert from 'node:assert/strict';
import type { Claim, MailAddress, MailId, Outcome } from '#/model/index.ts';
import type { Journal, TracedRecipient } from '#/ports/index.ts';
import { type Declare, due, ids2, traceOf, W1, W2 } from './questions.ts';
import {
  ACME,
  claimOfAccepted,
  DAY_MS,
  DELIVERED,
  GLOBEX,
  mail,
  NOON,
  recipient,
  reply,
  settlementOf,
  soon,
} from './samples.ts';

/** Declares its tests for one keeper. */
export function reading(promise: Declare): void {
  promise('contract: a trace is found by id, Message-ID, address, subject, tenant and time', async (custody, clock) => {
    const original = 'Sales@acme.test' as MailAddress;
    const first = mail(clock, { recipients: [recipient(1, { original })] });
    clock.ms += 1000;
    const second = mail(clock, { tenant: GLOBEX, sender: 'bob@globex.test' as MailAddress });
    await custody.accept([first, second], null, soon());
    const find = async (query: Parameters<Journal['trace']>[0]): Promise<MailId[]> => {
      return ids2(await custody.trace(query, 9, soon()));
    };
    for (let indexed = 0; indexed < 2; indexed++) {
      assert.deepEqual(await find({}), [second.id, first.id]);
      assert.deepEqual(await find({ ids: [first.id] }), [first.id]);
      assert.deepEqual(await find({ messageId: `<${second.id}@acme.test>` }), [second.id]);
      assert.deepEqual(await find({ messageId: `${second.id}@acme.test` }), [second.id]);
      assert.deepEqual(await find({ address: 'sales@ACME.test' }), [first.id]);
      assert.deepEqual(await find({ address: 'alice@acme.test' }), [first.id]);
      assert.deepEqual(await find({ from: '*@globex.test' }), [second.id]);
      assert.deepEqual(await find({ to: 'r1@partner.test' }), [second.id, first.id]);
      assert.deepEqual(await find({ to: 'r1@partner.test', tenant: ACME }), [first.id]);
      assert.deepEqual(await find({ subject: `offer ${second.id}` }), [second.id]);
      assert.deepEqual(await find({ since: NOON + 1 }), [second.id]);
      assert.deepEqual(await find({ until: NOON }), [first.id]);
      assert.deepEqual(await find({ state: 'held' }), []);
      // Closing nothing brings the look-up index up to date: the answers stay the same.
      await custody.rollOver(0, 0, 1, soon());
    }
    assert.deepEqual(ids2(await custody.trace({ to: 'r1@partner.test' }, 1, soon())), [second.id]);
  });

  promise('contract: the trace tells the whole way in order, without an address', async (custody, clock) => {
    const sent = mail(clock);
    await custody.accept([sent], W1, soon());
    const text = 'mailbox <r1@partner.test> is busy';
    const busy: Outcome = { kind: 'deferred', reply: reply(450, text), due: NOON, delayNotified: false };
    await custody.settle(settlementOf(claimOfAccepted(sent), busy), W1, soon());
    const [claim] = await custody.claim(due(clock), W2, soon());
    await custody.settle(settlementOf(claim as Claim, DELIVERED), W2, soon());
    const { events, recipients } = await traceOf(custody, sent.id);
    assert.deepEqual(
      events.map((event) => [event.kind, event.stage, event.component, event.worker, event.attempt, event.detail]),
      [
        ['accepted', 'accept', 'gate', W1, 0, 'received'],
        ['deferred', 'deliver', 'deliver', W1, 1, '450 4.2.0 mailbox <(address)> is busy'],
        ['delivered', 'deliver', 'deliver', W2, 2, '250 2.0.0 ok'],
      ],
    );
    assert.deepEqual(events.map(({ host, release, provider, elapsedMs }) => [host, release, provider, elapsedMs])[2], [
      'host',
      '1.2.3',
      'mx.partner.test[192.0.2.1]:25',
      5,
    ]);
    const [shown] = recipients as [TracedRecipient];
    assert.deepEqual([shown.state, shown.due, shown.attempts, shown.lastReply], ['delivered', null, 2, '250 2.0.0 ok']);
  });

  promise('contract: the queue is listed page by page in order of acceptance', async (custody, clock) => {
    const recipients = [recipient(1), recipient(2, { held: 'operator' })];
    const sent = [mail(clock, { recipients }), mail(clock), mail(clock, { tenant: GLOBEX })];
    await custody.accept(sent, null, soon());
    const first = await custody.queue({}, null, 2, soon());
    assert.deepEqual(ids2(first.items), [sent[0]?.id, sent[1]?.id]);
    assert.equal(first.next, sent[1]?.id);
    assert.deepEqual(first.items[0]?.events, []);
    const second = await custody.queue({}, first.next, 2, soon());
    assert.deepEqual([ids2(second.items), second.next], [[sent[2]?.id], null]);
    const held = await custody.queue({ state: 'held' }, null, 9, soon());
    assert.deepEqual(
      held.items.map((item) => item.recipients.map(({ n }) => n)),
      [[2]],
    );
    assert.equal(held.items[0]?.recipients[0]?.due, NOON + 10 * DAY_MS);
  });

  promise('M2: the wait for the first attempt leaves out the time with a person', async (custody, clock) => {
    const [prompt, heldBack] = [mail(clock), mail(clock, { recipients: [recipient(1, { held: 'operator' })] })];
    await custody.accept([prompt], W1, soon());
    await custody.accept([heldBack], null, soon());
    clock.ms += 805;
    await custody.settle(settlementOf(claimOfAccepted(prompt), DELIVERED), W1, soon());
    clock.ms += 3_600_000;
    await custody.act({ kind: 'release' }, {}, 'op', 9, soon());
    clock.ms += 105;
    const [claim] = await custody.claim(due(clock), W1, soon());
    await custody.settle(settlementOf(claim as Claim, DELIVERED), W1, soon());
    assert.deepEqual(await custody.firstAttempts(NOON, soon()), { count: 2, p50: 800, p95: 800, p99: 800 });
    assert.deepEqual(await custody.firstAttempts(NOON + 10_000, soon()), { count: 1, p50: 100, p95: 100, p99: 100 });
  });
}
