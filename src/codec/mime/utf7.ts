/** UTF-7 (RFC 2152), read alone: old mail programs wrote it, some still show it, and what they show must be seen. Never throws. */

const base64Run = /\+([A-Za-z0-9+/]*)-?/g;

/** The text of octets in UTF-7; what is none of it stays as it stands. */
export function decodeUtf7(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return text.replace(base64Run, (all: string, run: string) => {
    if (run === '') return all === '+-' ? '+' : all;
    const octets = Buffer.from(run, 'base64');
    return octets
      .subarray(0, octets.length & ~1)
      .swap16()
      .toString('utf16le');
  });
}
