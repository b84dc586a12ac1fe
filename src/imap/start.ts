/** IMAP as a running part: what it needs is named here, and what is not in `ImapParts` can't be reached from it. */
import { type ImapListener, ImapService } from './service.ts';
import type { ImapSettings } from './settings.ts';
import type { ImapPorts } from './world.ts';

export interface ImapParts extends ImapPorts {
  /** Bound and listening; closed with the service. */
  readonly listeners: readonly ImapListener[];
}

/** Takes connections until it is disposed; then running commands get time to end. */
export async function startImap(settings: ImapSettings, parts: ImapParts): Promise<AsyncDisposable> {
  const { listeners, ...ports } = parts;
  const service = new ImapService(settings, ports, listeners);
  service.open();
  return { [Symbol.asyncDispose]: () => service.close() };
}
