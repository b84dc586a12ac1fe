/** A test that lacks its peer is skipped with the peer's name and the reason, so that nobody takes it for passed. */
import type { TestContext } from 'node:test';

/** The peer, or undefined after marking the test as skipped; the test then returns. */
export function orSkip<T extends object>(t: TestContext, peer: T | { missing: string }): T | undefined {
  if (!('missing' in peer)) return peer;
  t.skip(peer.missing);
  return undefined;
}
