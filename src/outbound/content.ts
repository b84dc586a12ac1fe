/** Content that is too large for memory, on its way from the store to a peer. */
import { Stuffer } from '#/codec/smtp/index.ts';
import { TraitScan, type Traits } from './admission.ts';
import type { Wire } from './wire.ts';

/**
 * Sends content as fast as the peer takes it, all but the final dot; false when the connection went. Each piece has to leave within
 * `blockMs` (RFC 5321 §4.5.3.2.5). Rejects when the content can't be read: then the connection must be closed without a dot.
 */
export async function sendPieces(wire: Wire, content: AsyncIterable<Uint8Array>, blockMs: number): Promise<boolean> {
  const stuffer = new Stuffer();
  for await (const piece of content) {
    if (wire.lost !== null) return false;
    const stuffed: Buffer[] = [];
    stuffer.push(piece, stuffed);
    wire.expect('a part of the message', blockMs);
    if (!wire.writeAll(stuffed, '')) await wire.drained();
  }
  const last: Buffer[] = [];
  stuffer.end(last);
  wire.writeAll(last, '');
  return wire.lost === null;
}

/** Looks through content for what some peers can't carry. */
export async function scanPieces(content: AsyncIterable<Uint8Array>): Promise<Traits> {
  const scan = new TraitScan();
  for await (const piece of content) scan.see(piece);
  return scan;
}
