import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { SUITE_SETTINGS } from '../contract/custody.ts';
import { walk } from '../contract/random-walk.ts';
import { StandingClock } from '../contract/samples.ts';
import { openMemoryCustody } from '../memory/index.ts';
import type { SqliteCustody } from './index.ts';
import { openSqliteCustody } from './index.ts';

/** `WALK=seed:steps` repeats one walk, or takes a long one. */
const [seedGiven, stepsGiven] = (process.env.WALK ?? '').split(':').map(Number);
const SEEDS = seedGiven ? [seedGiven] : [1, 2, 3];

for (const seed of SEEDS) {
  it(`H3, H4, H5: the embedded store does what the model does, crashes between (walk ${seed})`, async () => {
    const dir = await mkdtemp(join(tmpdir(), 'holdfast-walk-'));
    const clock = new StandingClock();
    const settings = { dir, secretsKeyFile: join(dir, 'secrets.key'), ...SUITE_SETTINGS };
    const open = (): Promise<SqliteCustody> => openSqliteCustody(settings, { clock, blobs: null });
    let subject = await open();
    const reopen = async (): Promise<void> => {
      await subject.kill();
      subject = await open();
    };
    const model = openMemoryCustody({ clock }, SUITE_SETTINGS);
    try {
      await walk({ model, clock, subject: () => subject, reopen }, seed, stepsGiven ?? 120);
    } finally {
      await subject[Symbol.asyncDispose]();
      await rm(dir, { recursive: true });
    }
  });
}
