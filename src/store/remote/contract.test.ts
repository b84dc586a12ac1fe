import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectLocal, startLocalServer } from '#/net/index.ts';
import { custodyContract, SUITE_SETTINGS } from '../contract/custody.ts';
import { StandingClock } from '../contract/samples.ts';
import { openMemoryCustody } from '../memory/index.ts';
import { custodyMethods, remoteCustody } from './index.ts';

// The whole suite through a real socket: what another role sees of custody is what the port promises.
custodyContract('the local socket', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-remote-'));
  const path = join(dir, 'custody.sock');
  const clock = new StandingClock();
  const kept = openMemoryCustody({ clock }, SUITE_SETTINGS);
  const server = await startLocalServer({ path, methods: custodyMethods(kept) });
  const client = await connectLocal(path);
  const journal = {
    trace: kept.trace.bind(kept),
    queue: kept.queue.bind(kept),
    firstAttempts: kept.firstAttempts.bind(kept),
  };
  return {
    custody: { ...remoteCustody(client), ...journal },
    clock,
    close: async () => {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      await kept[Symbol.asyncDispose]();
      await rm(dir, { recursive: true });
    },
  };
});
