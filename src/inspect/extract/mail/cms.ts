/**
 * S/MIME (RFC 8551): what is encrypted is told; what is only signed, or packed, is opened, since mail programs show it as if it stood there. BER as far
 * as that takes (RFC 5652): lengths of either form, strings in pieces.
 */
import { unpack } from '../archives/inflate.ts';
import { lookInside } from '../inside.ts';
import type { Reading } from '../readers.ts';

const oid = {
  signed: '2a864886f70d010702',
  enveloped: '2a864886f70d010703',
  encrypted: '2a864886f70d010706',
  authEnveloped: '2a864886f70d0109100117',
  compressed: '2a864886f70d0109100109',
} as const;

const OID = 0x06;
const OCTETS = 0x04;
const CONSTRUCTED = 0x20;
const CONTEXT_0 = 0xa0;
const SEQUENCE = 0x30;

/** Whether octets begin as a CMS message: a sequence with one of the types above. */
export function isCms(octets: Buffer): boolean {
  return octets[0] === SEQUENCE && contentType(octets) !== null;
}

export async function readCms(reading: Reading): Promise<void> {
  const { dig, draft, piece } = reading;
  const octets = fromPem(piece.octets);
  const type = contentType(octets);
  if (type === oid.enveloped || type === oid.encrypted || type === oid.authEnveloped) {
    return dig.locked(draft, 'an encrypted message (S/MIME)');
  }
  if (type !== oid.signed && type !== oid.compressed)
    return dig.cannot(draft.path, 'damaged', 'no S/MIME message that can be read');
  const content = innerContent(octets);
  // A signature beside the text that it signs holds none.
  if (content === null) return;
  const file = { name: 'smime', declaredType: 'message/rfc822' };
  await lookInside(
    reading,
    file,
    type === oid.signed ? { octets: content, fault: null } : await unpack(dig, content, 'zlib'),
  );
}

function fromPem(octets: Buffer): Buffer {
  if (octets[0] === SEQUENCE) return octets;
  return Buffer.from(octets.toString('latin1').replace(/-----[^-]*-----/g, ''), 'base64');
}

interface Element {
  readonly tag: number;
  readonly from: number;
  /** Behind it; of one without a length, the end of what is around. */
  readonly end: number;
  readonly isOpen: boolean;
}

function elementAt(octets: Buffer, at: number, limit: number): Element | null {
  const [tag, first] = [octets[at], octets[at + 1]];
  if (tag === undefined || first === undefined || at + 2 > limit) return null;
  if (first === 0x80) return { tag, from: at + 2, end: limit, isOpen: true };
  const extra = first < 0x80 ? 0 : first & 0x7f;
  if (extra > 5 || at + 2 + extra > limit) return null;
  const length = extra === 0 ? first : octets.readUIntBE(at + 2, extra);
  const from = at + 2 + extra;
  return { tag, from, end: Math.min(from + length, limit), isOpen: false };
}

function contentType(octets: Buffer): string | null {
  const outer = elementAt(octets, 0, octets.length);
  const type = outer === null ? null : elementAt(octets, outer.from, outer.end);
  if (type === null || type.tag !== OID) return null;
  const name = octets.toString('hex', type.from, type.end);
  return (Object.values(oid) as string[]).includes(name) ? name : null;
}

/** The octets of the first string inside `[0]`, inside of the second sequence: `encapContentInfo`, wherever its neighbours end. */
function innerContent(octets: Buffer): Buffer | null {
  let at = 0;
  let contexts = 0;
  // Down into the first context and on: version, algorithms and types are passed over, sequences behind them entered.
  for (let steps = 0; steps < 64; steps++) {
    const element = elementAt(octets, at, octets.length);
    if (element === null) return null;
    if (element.tag === CONTEXT_0) contexts += 1;
    if (contexts === 2) {
      const pieces: Buffer[] = [];
      const string = elementAt(octets, element.from, element.end);
      if (string !== null) collect(octets, string, pieces, 0);
      return pieces.length === 0 ? null : Buffer.concat(pieces);
    }
    const enters = element.tag === CONTEXT_0 || (element.tag === SEQUENCE && holdsContent(octets, element));
    at = enters ? element.from : element.end;
  }
  return null;
}

/** Sequences of CMS itself; those of algorithms begin with an OID that is none of its contents. */
function holdsContent(octets: Buffer, sequence: Element): boolean {
  const first = elementAt(octets, sequence.from, sequence.end);
  if (first === null || first.tag !== OID) return true;
  const name = octets.toString('hex', first.from, first.end);
  return name.startsWith('2a864886f70d0107') || name.startsWith('2a864886f70d010910');
}

/** A string, or the strings that one is made of. Returns where it ends. */
function collect(octets: Buffer, element: Element, pieces: Buffer[], levels: number): number {
  if (element.tag === OCTETS) {
    pieces.push(octets.subarray(element.from, element.end));
    return element.end;
  }
  if (element.tag !== (OCTETS | CONSTRUCTED) || levels > 8) return element.end;
  let at = element.from;
  while (at < element.end) {
    const inner = elementAt(octets, at, element.end);
    if (inner === null) return element.end;
    if (element.isOpen && inner.tag === 0 && inner.from === inner.end) return inner.end;
    at = collect(octets, inner, pieces, levels + 1);
  }
  return at;
}
