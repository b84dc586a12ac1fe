import { after, describe, it, test } from 'node:test';
import { startPostgres, VERSIONS_IN_TURN } from '../../../test/support/postgres.ts';
import { SUITE_SETTINGS } from '../contract/custody.ts';
import { walk } from '../contract/random-walk.ts';
import { openMemoryCustody } from '../memory/index.ts';
import { Fixture } from './fixture.ts';

/** `WALK=seed:steps` repeats one walk, or takes a long one. */
const [seedGiven, stepsGiven] = (process.env.WALK ?? '').split(':').map(Number);
const SEEDS = seedGiven ? [seedGiven] : [1, 2];

for (const version of VERSIONS_IN_TURN) {
  const server = await startPostgres({ version });
  if ('missing' in server) test(`walks in PostgreSQL ${version}`, { skip: server.missing });
  else
    describe(`walks in PostgreSQL ${version}`, () => {
      after(() => server[Symbol.asyncDispose]());
      for (const seed of SEEDS) {
        it(`H3, H4, H5: PostgreSQL does what the model does, connections cut between (walk ${seed})`, async () => {
          await using fixture = await Fixture.make(server);
          let subject = await fixture.open();
          const reopen = async (): Promise<void> => {
            await subject.kill();
            subject = await fixture.open();
          };
          const { clock } = fixture;
          const model = openMemoryCustody({ clock }, SUITE_SETTINGS);
          await walk({ model, clock, subject: () => subject, reopen }, seed, stepsGiven ?? 80);
        });
      }
    });
}
