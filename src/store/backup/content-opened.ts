/** The content of all live mail in a copy, opened with the key: length and seal are as at acceptance. */
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { MailId } from '#/model/index.ts';
import { Fault, within } from '#/model/index.ts';
import type { Blobs, CopyWatch } from '#/ports/index.ts';
import { openFileBlobs } from '../files/index.ts';
import { openKeyRing, wrappedKeyFolder } from '../keys/index.ts';
import { Reader } from '../sqlite/reader.ts';
import type { BlobToCheck, Scrubbed } from '../sqlite/scrub.ts';

const TOLD_MAX = 20;
const STEP = 200;
const STEP_MS = 600_000;

/** A sentence for each mail whose content is not what was accepted, the first of them. */
export async function contentOpened(
  dir: string,
  { withBlobs, keyFile }: { readonly withBlobs: boolean; readonly keyFile: string },
  watch: CopyWatch,
): Promise<string[]> {
  const keyRing = await openKeyRing({ keyFile, wrapped: wrappedKeyFolder(join(dir, 'keys')), alsoLocked: true });
  const blobs = withBlobs ? openFileBlobs({ dir: join(dir, 'blobs'), keyRing, clock: { now: Date.now } }) : null;
  const reader = new Reader({ dir, keyFile });
  const lost = new Set<string>();
  try {
    for (let after: MailId | null = null, more = true; more; ) {
      await setImmediate();
      watch.signal.throwIfAborted();
      const step = reader.call('scrub', { after, limit: STEP }, STEP_MS) as Scrubbed;
      for (const { message, fault } of step.orphans) lost.add(`The content of mail ${message}: ${fault}.`);
      for (const blob of step.blobs) if (!(await opens(blob, blobs, watch))) lost.add(lostBlob(blob));
      after = step.next;
      more = after !== null;
    }
  } finally {
    reader.close();
  }
  return [...lost].slice(0, TOLD_MAX);
}

async function opens({ tenant, ref }: BlobToCheck, blobs: Blobs | null, watch: CopyWatch): Promise<boolean> {
  if (blobs === null) return true;
  try {
    for await (const _piece of blobs.read(tenant, ref, within(STEP_MS, watch.signal)));
    return true;
  } catch (error) {
    if (!(error instanceof Fault) || watch.signal.aborted) throw error;
    return false;
  }
}

function lostBlob({ waiting }: BlobToCheck): string {
  return `The content of mail ${waiting[0]?.message ?? ''} is missing or not as it was accepted.`;
}
