/** Parts of a mail by the paths that facts name them by (RFC 9051 §6.4.5), with all that stands around them. */
import { isIdentity, type Part } from '#/codec/mime/index.ts';

/** A part and those around it, the message itself first. */
export interface PlacedPart {
  readonly path: string;
  readonly part: Part;
  readonly around: readonly Part[];
}

/** All parts that hold octets of their own, and all containers but the message itself, in the order of the mail. */
export function placedParts(root: Part): readonly PlacedPart[] {
  const found: PlacedPart[] = [];
  /** A message: what it holds is its multipart's parts, or itself as part 1. */
  const inside = (message: Part, path: string, around: readonly Part[]): void => {
    const prefix = path === '' ? '' : `${path}.`;
    if (message.parts.length === 0) visit(message, `${prefix}1`, around);
    else for (const [i, child] of message.parts.entries()) visit(child, `${prefix}${i + 1}`, [...around, message]);
  };
  const visit = (part: Part, path: string, around: readonly Part[]): void => {
    found.push({ path, part, around });
    const { message } = part;
    if (part.parts.length > 0) {
      for (const [i, child] of part.parts.entries()) visit(child, `${path}.${i + 1}`, [...around, part]);
    } else if (message !== null && isIdentity(part.encoding)) inside(message.structure, path, [...around, part]);
  };
  inside(root, '', []);
  return found;
}

const SEALED_LEAVES = /^application\/(?:(?:x-)?pkcs7-(?:mime|signature)|pgp-(?:encrypted|signature|keys)|(?:x-)?pgp)$/;

/** RFC 1847, RFC 8551, RFC 3156: signed or encrypted as a whole, so that a change inside breaks it. */
export function isSealed({ part, around }: PlacedPart): boolean {
  return [...around, part].some(isSeal);
}

export function isSeal({ type, subtype }: Part): boolean {
  return type === 'multipart'
    ? subtype === 'signed' || subtype === 'encrypted'
    : SEALED_LEAVES.test(`${type}/${subtype}`);
}

/** Nobody can read it. */
export function isLocked({ type, subtype }: Part): boolean {
  return `${type}/${subtype}` === 'multipart/encrypted' || /^(?:x-)?pkcs7-mime$/.test(subtype);
}
