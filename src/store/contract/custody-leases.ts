/** Whose work counts: living workers, dead ones, and rows that nobody moves (H5, H10). */
import assert from 'node:assert/strict';
import { type Declare, due, kinds, traceOf, W1, W2 } from './questions.ts';
import { mail, recipient, soon } from './samples.ts';

/** Declares its tests for one keeper. */
export function leases(promise: Declare): void {
  promise('H10: beats are counted while a worker lives, and refused when it was retired', async (custody, clock) => {
    assert.equal(await custody.beat(W1, soon()), true);
    await custody.accept([mail(clock)], W1, soon());
    const [first, second] = await custody.beats(soon());
    assert.deepEqual([first?.incarnation.id, first?.beat, first?.claims], [W1, 1, 1]);
    assert.deepEqual([second?.incarnation.id, second?.beat, second?.claims], [W2, 0, 0]);
    assert.equal(await custody.retire(W1, true, soon()), 1);
    assert.equal(await custody.beat(W1, soon()), false);
    assert.deepEqual(await custody.claim(due(clock), W1, soon()), []);
  });

  promise('H10: a clean end frees claims without a doubt, an unclean one marks them', async (custody, clock) => {
    const [clean, unclean] = [mail(clock), mail(clock)];
    await custody.accept([clean], W1, soon());
    await custody.accept([unclean], W2, soon());
    assert.equal(await custody.retire(W1, true, soon()), 1);
    assert.equal(await custody.retire(W2, false, soon()), 1);
    assert.equal((await traceOf(custody, clean.id)).recipients[0]?.possiblyDuplicate, false);
    const doubtful = await traceOf(custody, unclean.id);
    assert.equal(doubtful.recipients[0]?.possiblyDuplicate, true);
    assert.deepEqual(kinds(doubtful), ['accepted', 'repaired']);
    assert.equal(doubtful.recipients[0]?.due, clock.now());
  });

  promise('H5: nothing is wrong when nothing is wrong', async (custody, clock) => {
    await custody.accept([mail(clock)], W1, soon());
    await custody.accept([mail(clock, { recipients: [recipient(1, { held: 'operator' })] })], null, soon());
    assert.deepEqual(await custody.sweep(soon()), []);
    assert.deepEqual(await custody.scrub(null, 10, soon()), { orphans: [], next: null });
  });

  promise('H5: a scrub goes through all live messages, page by page', async (custody, clock) => {
    const sent = [mail(clock), mail(clock), mail(clock)];
    await custody.accept(sent, null, soon());
    const first = await custody.scrub(null, 2, soon());
    assert.equal(first.next, sent[1]?.id);
    assert.equal((await custody.scrub(first.next, 2, soon())).next, null);
  });
}
