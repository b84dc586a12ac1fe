/** Hears what becomes of connections and attempts with other servers, as they end. Never throws, never waits, keeps a bounded amount. */
import type { DestinationKey, PeerReply, TenantId } from '#/model/index.ts';

export interface UpstreamEar {
  /** A session stands with `host`. */
  opened(destination: DestinationKey, host: string): void;

  /** No host could be used; `reply.host` is the last that was tried, null where none was. */
  unreached(destination: DestinationKey, reply: PeerReply): void;

  /** An attempt with mail of a tenant has ended after so many ms: with one reply for each recipient that the other side, or its absence, decided about. */
  ended(destination: DestinationKey, tenant: TenantId, replies: readonly UpstreamReply[], elapsedMs: number): void;

  /** An address of ours that `host` does not trust is not used for its provider for so many ms, while others are. */
  rested(destination: DestinationKey, host: string, address: string, forMs: number): void;
}

export interface UpstreamReply {
  readonly kind: 'taken' | 'later' | 'refused';
  readonly reply: PeerReply;
}
