import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectLocal, startLocalServer } from '#/net/index.ts';
import { custodyContract, SUITE_SETTINGS } from '../contract/custody.ts';
import { StandingClock } from '../contract/samples.ts';
import { openMemoryCustody } from '../memory/index.ts';
import { custodyMethods, journalMethods, remoteCustody, remoteJournal } from './index.ts';

// The whole suite through a real socket: what another role sees of custody is what the port promises.
custodyContract('the local socket', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-remote-'));
  const path = join(dir, 'custody.sock');
  const clock = new StandingClock();
  const kept = openMemoryCustody({ clock }, SUITE_SETTINGS);
  const methods = new Map([...custodyMethods(kept), ...journalMethods(kept)]);
  const server = await startLocalServer({ path, methods });
  const client = await connectLocal(path);
  return {
    custody: { ...remoteCustody(client), ...remoteJournal(client) },
    clock,
    close: async () => {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      await kept[Symbol.asyncDispose]();
      await rm(dir, { recursive: true });
    },
  };
});
