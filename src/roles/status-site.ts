/**
 * The status pages as files in a folder (`status.publish`), for a web server that outlives this installation. Each file is whole at every moment: it is written
 * beside its place and then renamed. The page of now is written last, so that what it leads to is there.
 */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { StatusView } from '#/model/index.ts';
import type { Clock, Log } from '#/ports/index.ts';

export interface StatusSiteParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly view: () => StatusView;
  readonly contact: string;
}

const EVERY_MS = 30_000;

/** Writes until disposed. */
export function publishStatus(folder: string, parts: StatusSiteParts): AsyncDisposable {
  const stop = new AbortController();
  const running = publishForEver(folder, parts, stop.signal);
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await running;
    },
  };
}

async function publishForEver(folder: string, parts: StatusSiteParts, signal: AbortSignal): Promise<void> {
  let failed = false;
  while (!signal.aborted) {
    try {
      await publish(folder, parts);
      failed = false;
    } catch (error) {
      // Said once: a full disk would be told of for hours.
      if (!failed)
        parts.log.warn('status.publish-failed', { why: error instanceof Error ? error.message : String(error) });
      failed = true;
    }
    await parts.clock.sleep(EVERY_MS, signal);
  }
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
