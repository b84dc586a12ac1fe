/** Modified UTF-7, the letters of mailbox names in IMAP4rev1 (RFC 3501 §5.1.3). */

/** Text as modified UTF-7. */
export function encodeUtf7(text: string): string {
  return text.replace(/&|[^\x20-\x7e]+/g, (run) => (run === '&' ? '&-' : `&${encodeRun(run)}-`));
}

/**
 * The text of modified UTF-7, or null where it is none. Only the one spelling that RFC 3501 §5.1.3 allows is taken: no shift that isn't
 * needed, no letter of ASCII behind one. So a name has one form, and nothing hides a `/` or a quote.
 */
export function decodeUtf7(text: string): string | null {
  if (!text.includes('&')) return text;
  const decoded = text.replace(/&([A-Za-z0-9+,]*)-/g, (_, run: string) => (run === '' ? '&' : decodeRun(run)));
  return decoded.isWellFormed() && encodeUtf7(decoded) === text ? decoded : null;
}

function encodeRun(run: string): string {
  return Buffer.from(run, 'utf16le').swap16().toString('base64').replace(/=+$/, '').replaceAll('/', ',');
}

function decodeRun(run: string): string {
  const octets = Buffer.from(run.replaceAll(',', '/'), 'base64');
  // An odd octet is half a letter; what is left does not encode to the same again.
  return octets
    .subarray(0, octets.length & ~1)
    .swap16()
    .toString('utf16le');
}
