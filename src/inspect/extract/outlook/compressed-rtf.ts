/** Compressed RTF (MS-OXRTFCP): how Outlook keeps the text of a mail. A window of 4 KiB that begins with words that any RTF has. */

const COMPRESSED = 0x75465a4c;
const PLAIN = 0x414c454d;
const windowBytes = 4096;

const begin = Buffer.from(
  '{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx',
  'latin1',
);

/** The RTF; null where it is none. It can grow ninefold and no more: two octets name at most 17. */
export function inflateRtf(packed: Buffer): Buffer | null {
  if (packed.length < 16) return null;
  const kind = packed.readUInt32LE(8);
  if (kind === PLAIN) return packed.subarray(16);
  return kind === COMPRESSED ? inflate(packed.subarray(16)) : null;
}

function inflate(packed: Buffer): Buffer {
  const out = Buffer.alloc(packed.length * 9 + 17);
  const window = Buffer.alloc(windowBytes);
  begin.copy(window);
  let length = 0;
  let write = begin.length;
  const put = (octet: number): void => {
    out[length++] = octet;
    window[write] = octet;
    write = (write + 1) % windowBytes;
  };
  for (let at = 0; at < packed.length; ) {
    const flags = packed[at++] ?? 0;
    for (let bit = 0; bit < 8 && at < packed.length; bit++) {
      if ((flags & (1 << bit)) === 0) {
        put(packed[at++] ?? 0);
        continue;
      }
      const token = ((packed[at] ?? 0) << 8) | (packed[at + 1] ?? 0);
      at += 2;
      const from = token >> 4;
      // A place that is the write place itself ends the text.
      if (from === write) return out.subarray(0, length);
      for (let i = 0; i < (token & 0xf) + 2; i++) put(window[(from + i) % windowBytes] ?? 0);
    }
  }
  return out.subarray(0, length);
}
