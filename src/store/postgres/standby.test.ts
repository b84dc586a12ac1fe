/** A primary whose standby must have every commit: what is promised while the standby is away, and what is not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isFault, within } from '#/model/index.ts';
import { orSkip } from '../../../test/support/or-skip.ts';
import { startPostgres } from '../../../test/support/postgres.ts';
import { mail, soon } from '../contract/samples.ts';
import { Fixture } from './fixture.ts';

const END_WAITS = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity
  WHERE wait_event = 'SyncRep' AND datname = current_database()`;

test('design 4: nothing is promised that the standby has not, not even when an operator ends the wait for it', async (t) => {
  await using server = orSkip(t, await startPostgres({ version: 15, synchronousStandby: true }));
  if (server === undefined) return;
  await using fixture = await Fixture.make(server);
  const custody = await fixture.open();
  const database = fixture.url.slice(fixture.url.lastIndexOf('/') + 1);
  await custody.accept([mail(fixture.clock)], null, soon());

  server.standby?.freeze();
  const late = mail(fixture.clock);
  await assert.rejects(custody.accept([late], null, within(1_000)), { code: 'call.late' });

  const ended = mail(fixture.clock);
  const answer = custody.accept([ended], null, soon()).then(
    () => 'promised',
    (error: unknown) => (isFault(error, 'store.unavailable') ? 'refused' : String(error)),
  );
  let open = true;
  void answer.then(() => (open = false));
  while (open) {
    // As an operator would, to make the primary answer at any price.
    await server.query(END_WAITS, database);
    await sleep(50);
  }
  assert.equal(await answer, 'refused');

  server.standby?.thaw();
  const again = mail(fixture.clock);
  await custody.accept([again], null, soon());
  await server.kill9();
  await server.promoteStandby();
  const traces = await custody.trace({ ids: [again.id] }, 1, soon());
  assert.equal(traces.length, 1);
});
