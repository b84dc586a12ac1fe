/** Small random pieces out of one large draw: the system's own call costs more than all else that is done with twelve octets. */
import assert from 'node:assert/strict';
import { randomFillSync } from 'node:crypto';

const DRAW_BYTES = 8 * 1024;

let draw = Buffer.alloc(0);
let used = 0;

/** Random octets for nonces and ids, each handed out once; for keys the system is asked each time. At most 8 KiB. */
export function randomOctets(count: number): Buffer {
  assert(count <= DRAW_BYTES, 'One draw does not hold so many octets.');
  if (used + count > draw.length) {
    // A new one each time: what was handed out is still somebody's.
    draw = randomFillSync(Buffer.allocUnsafeSlow(DRAW_BYTES));
    used = 0;
  }
  used += count;
  return draw.subarray(used - count, used);
}
