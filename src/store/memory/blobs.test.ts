import { blobsContract } from '../contract/blobs.ts';
import { openMemoryBlobs } from './blobs.ts';

blobsContract('memory', async () => {
  const clock = { at: Date.UTC(2026, 10, 21, 12) };
  const blobs = openMemoryBlobs({ clock: { now: () => clock.at } });
  return { blobs, clock, reopen: null, [Symbol.asyncDispose]: async () => {} };
});
