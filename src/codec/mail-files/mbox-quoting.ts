/** The quoting of mboxrd: every line of `>`s and `From ` has one `>` more in the file, so that it can be taken back exactly. */

const WORD = 'From ';
const LF = 0x0a;
const QUOTE = 0x3e;

export function quoteLines(octets: Uint8Array): Uint8Array {
  const places = linesOf(octets).map(({ at }) => at);
  if (places.length === 0) return octets;
  const quoted = Buffer.allocUnsafe(octets.length + places.length);
  let [from, to] = [0, 0];
  for (const at of places) {
    quoted.set(octets.subarray(from, at), to);
    to += at - from;
    quoted[to++] = QUOTE;
    from = at;
  }
  quoted.set(octets.subarray(from), to);
  return quoted;
}

export function unquoteLines(octets: Uint8Array): Uint8Array {
  const places = linesOf(octets).filter(({ quotes }) => quotes > 0);
  if (places.length === 0) return octets;
  const plain = Buffer.allocUnsafe(octets.length - places.length);
  let [from, to] = [0, 0];
  for (const { at } of places) {
    plain.set(octets.subarray(from, at), to);
    to += at - from;
    from = at + 1;
  }
  plain.set(octets.subarray(from), to);
  return plain;
}

/** Lines of `>`s and `From `: where they begin, and with how many `>`. */
function linesOf(octets: Uint8Array): { readonly at: number; readonly quotes: number }[] {
  const view = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  const found: { at: number; quotes: number }[] = [];
  for (let word = view.indexOf(WORD, 0, 'latin1'); word >= 0; word = view.indexOf(WORD, word + 1, 'latin1')) {
    let at = word;
    while (at > 0 && view[at - 1] === QUOTE) at -= 1;
    if (at === 0 || view[at - 1] === LF) found.push({ at, quotes: word - at });
  }
  return found;
}
