/** Text of PowerPoint files up to 2003 (MS-PPT): atoms of text, wherever they stand among the records. */
import type { Cfb } from './cfb.ts';

const TEXT_WIDE = 0x0fa0;
const TEXT_NARROW = 0x0fa8;
const STRING = 0x0fba;
/** What begins the stream of the current user where the file is encrypted (MS-PPT §2.3.2). */
const TOKEN_ENCRYPTED = 0xf3d1c4df;

export interface SlideText {
  readonly text: string;
  readonly encrypted: boolean;
}

export function slideText(cfb: Cfb, under: string): SlideText | null {
  const stream = cfb.read(`${under}PowerPoint Document`);
  if (stream === null) return null;
  const user = cfb.read(`${under}Current User`);
  if (user !== null && user.length >= 16 && user.readUInt32LE(12) === TOKEN_ENCRYPTED)
    return { text: '', encrypted: true };
  return {
    text: atoms(stream)
      .join('\n')
      .replace(/[\r\x0b]/g, '\n'),
    encrypted: false,
  };
}

/** Containers hold records, so walking into each is walking over all heads. */
function atoms(stream: Buffer): string[] {
  const found: string[] = [];
  for (let at = 0; at + 8 <= stream.length; ) {
    const isContainer = (stream.readUInt16LE(at) & 0xf) === 0xf;
    const type = stream.readUInt16LE(at + 2);
    const end = at + 8 + stream.readUInt32LE(at + 4);
    if (type === TEXT_WIDE || type === STRING) found.push(stream.toString('utf16le', at + 8, end));
    else if (type === TEXT_NARROW) found.push(stream.toString('latin1', at + 8, end));
    at = isContainer ? at + 8 : end;
  }
  return found;
}
