/** RFC 2045 §6.8: octets in lines of base64, as they come. CRLF between the lines, none behind the last. */
const LINE_OCTETS = 57;

export class Base64Lines {
  #rest: Buffer = Buffer.alloc(0);
  #isBegun = false;

  /** The whole lines that there are by now. */
  push(octets: Buffer): Buffer {
    const all = this.#rest.length === 0 ? octets : Buffer.concat([this.#rest, octets]);
    const whole = all.length - (all.length % LINE_OCTETS);
    this.#rest = Buffer.from(all.subarray(whole));
    return this.#lines(all.subarray(0, whole));
  }

  /** What is left. */
  end(): Buffer {
    return this.#lines(this.#rest);
  }

  #lines(octets: Buffer): Buffer {
    if (octets.length === 0) return octets;
    const lines = this.#isBegun ? [''] : [];
    for (let at = 0; at < octets.length; at += LINE_OCTETS)
      lines.push(octets.toString('base64', at, Math.min(at + LINE_OCTETS, octets.length)));
    this.#isBegun = true;
    return Buffer.from(lines.join('\r\n'), 'latin1');
  }
}
