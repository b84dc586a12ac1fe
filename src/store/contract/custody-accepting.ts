/** What acceptance promises, as every keeper of custody keeps it (H3). */
import assert from 'node:assert/strict';
import type { IncarnationId, MailId } from '#/model/index.ts';
import { booksOf, type Declare, due, statesOf, W1, W2 } from './questions.ts';
import { ACME, claimOfAccepted, DELIVERED, GLOBEX, mail, recipient, settlementOf, soon, textOf } from './samples.ts';

/** Declares its tests for one keeper. */
export function accepting(promise: Declare): void {
  promise('H3: what was accepted is there as it came, and due at once', async (custody, clock) => {
    const sent = mail(clock, { recipients: [recipient(1, { orcpt: { type: 'rfc822', address: 'x@y.test' } })] });
    await custody.accept([sent], null, soon());
    const [claim, ...others] = await custody.claim(due(clock), W1, soon());
    assert.equal(others.length, 0);
    const { recipients, body, ...rest } = sent;
    assert.deepEqual(claim?.mail, rest);
    assert.equal(textOf(claim?.body ?? null), textOf(body));
    assert.deepEqual(claim?.recipients[0]?.orcpt, recipients[0]?.orcpt);
    assert.equal(claim?.recipients[0]?.token, 1);
  });

  promise('H3: the content is read back as accepted, and missing content is a fault', async (custody, clock) => {
    const sent = mail(clock);
    await custody.accept([sent], null, soon());
    assert.equal(textOf(await custody.body(sent.id, soon())), textOf(sent.body));
    await assert.rejects(custody.body('0000000000000000' as MailId, soon()), { code: 'body.missing' });
  });

  promise('H3: with claimFor, queued recipients start claimed and held ones do not', async (custody, clock) => {
    const sent = mail(clock, { recipients: [recipient(1), recipient(2, { held: 'outbound off' })] });
    await custody.accept([sent], W1, soon());
    assert.deepEqual(await custody.claim(due(clock), W2, soon()), []);
    assert.deepEqual(await custody.settle(settlementOf(claimOfAccepted(sent), DELIVERED), W1, soon()), ['settled']);
    assert.deepEqual(await statesOf(custody, sent.id), ['delivered', 'held']);
  });

  promise('H3: an id that is there already is left as it is', async (custody, clock) => {
    const sent = mail(clock);
    await custody.accept([sent], W1, soon());
    await custody.settle(settlementOf(claimOfAccepted(sent), DELIVERED), W1, soon());
    await custody.accept([sent], W1, soon());
    assert.deepEqual(await statesOf(custody, sent.id), ['delivered']);
    assert.equal((await booksOf(custody, ACME))?.accepted, 1);
  });

  promise('H3: a call that is late is refused', async (custody, clock) => {
    const late = { deadlineAt: performance.now() - 1 };
    await assert.rejects(custody.accept([mail(clock)], null, late), { code: 'call.late' });
    await assert.rejects(custody.depth(late), { code: 'call.late' });
    assert.deepEqual(await custody.books(soon()), []);
  });

  promise('design 1: the mails of one call come together, one per tenant', async (custody, clock) => {
    const one = mail(clock);
    const two = mail(clock, { id: `${one.id}-2` as MailId, tenant: GLOBEX });
    await custody.accept([{ ...one, id: `${one.id}-1` as MailId }, two], null, soon());
    assert.equal((await booksOf(custody, ACME))?.received, 1);
    assert.equal((await booksOf(custody, GLOBEX))?.received, 1);
  });

  promise('H3: a mail in the name of a dead worker waits for a living one', async (custody, clock) => {
    await custody.accept([mail(clock)], 'host/deliver/never' as IncarnationId, soon());
    assert.equal((await custody.claim(due(clock), W1, soon())).length, 1);
  });
}
