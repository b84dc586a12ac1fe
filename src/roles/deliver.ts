/** The role `deliver`: outbound mail and, until mailboxes come, local mail by LMTP. What is not in its parts can't be reached from it. */
import { type DelivererParts, type OutboundSettings, startDeliverer } from '#/outbound/index.ts';

export type DeliverSettings = OutboundSettings;
export type DeliverParts = DelivererParts;

/** Takes offers of work as soon as it resolves; disposing it ends running transactions within their grace time. */
export async function startDeliver(settings: DeliverSettings, parts: DeliverParts): Promise<AsyncDisposable> {
  return startDeliverer(settings, parts);
}
