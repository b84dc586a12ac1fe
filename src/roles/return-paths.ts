/** Reverse-paths of forwarded mail (SRS), under a key of their own that is made from the installation's: every host that has that one knows them. */
import { createHmac } from 'node:crypto';
import { isRewritten, originalSender, rewriteSender } from '#/codec/srs/index.ts';
import type { Settings } from '#/config/index.ts';
import type { Clock, ReturnPaths } from '#/ports/index.ts';
import { openInstallationKey } from '#/store/keys/index.ts';

const DAY_MS = 86_400_000;
const PURPOSE = 'holdfast reverse-paths 1';

/** The installation's key is read when the first of them is written or read: the stores have made it by then. Fault `key.missing`. */
export function openReturnPaths({ secrets }: Pick<Settings, 'secrets'>, clock: Pick<Clock, 'now'>): ReturnPaths {
  let opened: ReturnPaths | null = null;
  const paths = (): ReturnPaths => (opened ??= returnPathsOf(openInstallationKey(secrets.key.file, true), clock));
  return {
    rewrite: (sender, via) => paths().rewrite(sender, via),
    original: (address) => (isRewritten(address) ? paths().original(address) : null),
  };
}

export function returnPathsOf(installationKey: Uint8Array, clock: Pick<Clock, 'now'>): ReturnPaths {
  const key = createHmac('sha256', installationKey).update(PURPOSE).digest();
  const settings = () => ({ key, day: Math.floor(clock.now() / DAY_MS) });
  return {
    rewrite: (sender, via) => rewriteSender(sender, via, settings()),
    original(address) {
      if (!isRewritten(address)) return null;
      return originalSender(address, settings()) ?? 'forged';
    },
  };
}
