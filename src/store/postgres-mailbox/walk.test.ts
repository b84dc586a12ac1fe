import { after, describe, it, test } from 'node:test';
import { startPostgres, VERSIONS_IN_TURN } from '../../../test/support/postgres.ts';
import { walkMailboxes } from '../contract/mailbox-walk.ts';
import { openMemoryMailboxes } from '../memory/index.ts';
import { Fixture } from './fixture.ts';
import { assertCounts } from './recount.ts';

/** `WALK=seed:steps` repeats one walk, or takes a long one. */
const [seedGiven, stepsGiven] = (process.env.WALK ?? '').split(':').map(Number);
const SEEDS = seedGiven ? [seedGiven] : [1, 2];

for (const version of VERSIONS_IN_TURN) {
  const server = await startPostgres({ version });
  if ('missing' in server) test(`walks through mailboxes in PostgreSQL ${version}`, { skip: server.missing });
  else
    describe(`walks through mailboxes in PostgreSQL ${version}`, () => {
      after(() => server[Symbol.asyncDispose]());
      for (const seed of SEEDS) {
        it(`O2, O3, O5: two hosts do what the model does, connections cut between (walk ${seed})`, async () => {
          await using fixture = await Fixture.make(server);
          const { clock } = fixture;
          const hosts = [await fixture.open(), await fixture.open()] as const;
          let [one, two] = hosts;
          const reopen = async (): Promise<void> => {
            await Promise.all([one.kill(), two.kill()]);
            [one, two] = [await fixture.open(), await fixture.open()];
          };
          const model = openMemoryMailboxes({ clock });
          const subject = (step: number): typeof one => (step % 2 === 0 ? one : two);
          await walkMailboxes({ model, clock, subject, reopen }, seed, stepsGiven ?? 100);
          await assertCounts((sql) => fixture.query(sql));
        });
      }
    });
}
