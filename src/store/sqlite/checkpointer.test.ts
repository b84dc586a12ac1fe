import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { Checkpointer } from './checkpointer.ts';

it('B3: a thread of checkpoints that has failed is told of, and closing does not wait for it', async () => {
  const failed = Promise.withResolvers<Error>();
  const writer = { restartWal: () => assert.fail('nothing was copied'), tidy: () => assert.fail('nothing was copied') };
  const checkpointer = new Checkpointer(join(tmpdir(), 'holdfast-not-there', 'store'), writer, failed.resolve);
  assert.match((await failed.promise).message, /open/);
  await checkpointer.kill();
  await checkpointer.close(60_000);
});
