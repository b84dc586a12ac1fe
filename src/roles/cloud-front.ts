/** What a cloud meets of this installation, for the check of its connection. */
import { type ConnectParts, listensBeyondLoopback, type Settings, tlsSource } from '#/config/index.ts';
import { createResolver, RESOLVER_DEFAULTS } from '#/net/index.ts';
import type { Clock, Log } from '#/ports/index.ts';

const SMTP_PORT = 25;

/** Names, door and certificate of this installation, and the DNS that it asks. */
export function cloudFrontOf(
  settings: Settings,
  parts: { readonly clock: Clock; readonly log: Log },
): Omit<ConnectParts, 'registry'> {
  // A socket that systemd hands over has a port that only systemd knows.
  const doors = settings.listen.smtp.filter((at) => at.kind === 'systemd' || at.port === SMTP_PORT);
  return {
    hostname: settings.hostname,
    resolver: createResolver({ ...RESOLVER_DEFAULTS, servers: settings.dns.servers }, parts),
    front: {
      selfSigned: tlsSource(settings).kind === 'selfSigned',
      takesPort25: listensBeyondLoopback(doors),
    },
  };
}
