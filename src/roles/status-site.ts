/**
 * The status pages as files in a folder (`status.publish`), for a web server that outlives this installation. Each file is whole at every moment: it is written
 * beside its place and then renamed. The page of now is written last, so that what it leads to is there.
 */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { StatusView } from '#/model/index.ts';
import { type Clock, type Log, Rounds } from '#/ports/index.ts';

export interface StatusSiteParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly view: () => StatusView;
  readonly contact: string;
}

const EVERY_MS = 30_000;

/** Writes until disposed. */
export function publishStatus(folder: string, parts: StatusSiteParts): AsyncDisposable {
  let hasFailed = false;
  return new Rounds(parts.clock, {
    work: async () => {
      await publish(folder, parts);
      hasFailed = false;
      return EVERY_MS;
    },
    failed: (why) => {
      // Said once: a full disk would be told of for hours.
      if (!hasFailed) parts.log.warn('status.publish-failed', { why });
      hasFailed = true;
      return EVERY_MS;
    },
  }).start();
}

async function publish(folder: string, { view, contact }: StatusSiteParts): Promise<void> {
  const { siteOf } = await import('#/web/status/index.ts');
  const { timeZone: timezone } = Intl.DateTimeFormat().resolvedOptions();
  const files = siteOf(view(), { contact, timezone });
  const isEntry = ({ path }: { readonly path: string }): boolean => path === 'index.html';
  for (const { path, text } of [...files.filter((one) => !isEntry(one)), ...files.filter(isEntry)]) {
    const place = join(folder, path);
    await mkdir(dirname(place), { recursive: true });
    await writeFile(`${place}.new`, text);
    await rename(`${place}.new`, place);
  }
}
