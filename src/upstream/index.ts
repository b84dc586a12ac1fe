/**
 * The watch over other servers: how the mail hosts of each provider take our mail, minute by minute, and since when they do not.
 *
 * ```
 *   outbound ──ends of sessions and attempts──▶ UpstreamBook ──every few seconds──▶ UpstreamTeller ──▶ status history
 *                                                   ▲                                                    │
 *                                                   └────── what was known before a restart ─────────────┤
 *                                              upstream list, show · the status watch ◀──────────────────┘
 * ```
 * What must never happen: an attempt that waits for its being counted; memory that grows with destinations or with what peers say; an address, a
 * subject or an id in what is kept; the first sign of a trouble forgotten by a restart.
 *
 * Carries C2, C6 and design 6, Privacy.
 */
export { UpstreamBook } from './book.ts';
export { type UpstreamOperationParts, upstreamOperations } from './operations.ts';
export { UpstreamTeller } from './teller.ts';
