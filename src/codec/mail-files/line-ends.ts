/** Line ends: files of Unix end lines with LF, mail on the wire and in mailboxes with CRLF (RFC 5322 §2.1). */

const LF = 0x0a;
const CR = 0x0d;

/** Each LF alone becomes CRLF, as servers do that give out such files. The same octets where there is none. */
export function toWire(octets: Uint8Array): Uint8Array {
  const bare = bareAmong(octets);
  if (bare === 0) return octets;
  const wire = Buffer.allocUnsafe(octets.length + bare);
  let to = 0;
  for (let from = 0; from < octets.length; ) {
    const lf = octets.indexOf(LF, from);
    const end = lf < 0 ? octets.length : lf;
    wire.set(octets.subarray(from, end), to);
    to += end - from;
    if (lf >= 0) {
      if (lf === 0 || octets[lf - 1] !== CR) wire[to++] = CR;
      wire[to++] = LF;
    }
    from = end + 1;
  }
  return wire;
}

/** Each CRLF becomes LF; null where `toWire` would not give the same octets back. */
export function toLines(octets: Uint8Array): Uint8Array | null {
  const lines = Buffer.allocUnsafe(octets.length);
  let to = 0;
  for (let from = 0; from < octets.length; ) {
    const cr = octets.indexOf(CR, from);
    const end = cr < 0 ? octets.length : cr;
    const line = octets.subarray(from, end);
    if (line.includes(LF) || (cr >= 0 && octets[cr + 1] !== LF)) return null;
    lines.set(line, to);
    to += line.length;
    if (cr >= 0) lines[to++] = LF;
    from = end + 2;
  }
  return lines.subarray(0, to);
}

/** Whether a file has the line ends of the wire already, by its first one. */
export function isWire(octets: Uint8Array): boolean {
  const lf = octets.indexOf(LF);
  return lf < 0 || (lf > 0 && octets[lf - 1] === CR);
}

function bareAmong(octets: Uint8Array): number {
  let bare = 0;
  for (let lf = octets.indexOf(LF); lf >= 0; lf = octets.indexOf(LF, lf + 1)) {
    if (lf === 0 || octets[lf - 1] !== CR) bare += 1;
  }
  return bare;
}
