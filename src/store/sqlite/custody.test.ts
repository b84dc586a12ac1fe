import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { custodyContract, SUITE_SETTINGS } from '../contract/custody.ts';
import { StandingClock } from '../contract/samples.ts';
import { openSqliteCustody } from './index.ts';

custodyContract('the embedded store', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-custody-'));
  const clock = new StandingClock();
  const settings = { dir, secretsKeyFile: join(dir, 'secrets.key'), ...SUITE_SETTINGS };
  const custody = await openSqliteCustody(settings, { clock, blobs: null });
  return {
    custody,
    clock,
    close: async () => {
      await custody[Symbol.asyncDispose]();
      await rm(dir, { recursive: true });
    },
  };
});
