/** Links in mail, under a key of their own that is made from the installation's: every host that has that one knows them. */
import { hkdfSync } from 'node:crypto';
import { isLoopbackIp, listensBeyondLoopback, type Settings } from '#/config/index.ts';
import { LinkDesk } from '#/held/index.ts';
import type { Clock, DirectorySource } from '#/ports/index.ts';
import { openInstallationKey } from '#/store/keys/index.ts';

const PURPOSE = 'holdfast action links 1';
const KEY_BYTES = 32;

/** The installation's key is read with the first link: the stores have made it by then. */
export function openActionLinks(
  settings: Settings,
  parts: { readonly directory: DirectorySource; readonly clock: Pick<Clock, 'now'> },
): LinkDesk {
  let key: Uint8Array | null = null;
  return new LinkDesk({ ...parts, base: linkBaseOf(settings), key: () => (key ??= derivedFrom(settings)) });
}

// RFC 5869.
function derivedFrom({ secrets }: Settings): Uint8Array {
  return new Uint8Array(
    hkdfSync('sha256', openInstallationKey(secrets.key.file, true), new Uint8Array(), PURPOSE, KEY_BYTES),
  );
}

/** Where people reach our pages; null where mail comes from other machines while `url` still names this one alone. */
export function linkBaseOf({ url, listen }: Pick<Settings, 'url' | 'listen'>): string | null {
  return isLoopbackIp(new URL(url).hostname) && listensBeyondLoopback(listen.smtp) ? null : url.replace(/\/+$/, '');
}
