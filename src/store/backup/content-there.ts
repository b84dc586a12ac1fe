/** Whether the content of live mail is in a copy, as far as that is seen without the key: it is there, and as long as it must be. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { MailId, TenantId } from '#/model/index.ts';
import type { CopyWatch } from '#/ports/index.ts';
import { isAbsent } from '../files/disk.ts';
import { blobFolder } from '../files/places.ts';
import { sealedSize } from '../sealed/index.ts';
import { BlockReader, type Place, Segments } from '../sqlite/log/index.ts';

const TOLD_MAX = 20;

type ContentRow = {
  readonly id: MailId;
  readonly tenant: TenantId;
  readonly size: number;
  readonly blob: string | null;
  readonly log_at: Place | null;
  readonly kept: 0 | 1;
};

/** A sentence for each mail whose content is not there, the first of them. */
export async function contentThere(
  custody: DatabaseSync,
  dir: string,
  withBlobs: boolean,
  watch: CopyWatch,
): Promise<string[]> {
  const rows = custody.prepare(
    `SELECT id, tenant, size, blob, log_at, EXISTS (SELECT 1 FROM body WHERE body.id = message.body) AS kept FROM message
     WHERE EXISTS (SELECT 1 FROM recipient WHERE recipient.message = message.id AND phase < 2)`,
  );
  const blocks = new BlockReader(new Segments(dir));
  const lost: string[] = [];
  try {
    for (const row of rows.iterate() as Iterable<ContentRow>) {
      watch.signal.throwIfAborted();
      if (lost.length < TOLD_MAX && !(await isThere(row, dir, withBlobs, blocks)))
        lost.push(`The content of mail ${row.id} is not in it.`);
    }
  } finally {
    blocks.close();
  }
  return lost;
}

async function isThere(row: ContentRow, dir: string, withBlobs: boolean, blocks: BlockReader): Promise<boolean> {
  const { tenant, size, blob, log_at: logAt, kept } = row;
  if (blob === null) return logAt === null ? kept === 1 : blocks.read(logAt, size) !== null;
  if (!withBlobs) return true;
  try {
    const file = join(blobFolder(join(dir, 'blobs'), tenant, blob), blob);
    return (await stat(file)).size === sealedSize(size);
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}
