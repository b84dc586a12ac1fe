/**
 * Attachments that become one part, which stands where the first one was; the others go with their delimiters. It is a text with the recipient's link
 * where they became downloads.
 *
 * What must never happen: a delimiter less or more than the parts that are there; a name or a link that ends a line of the mail by itself.
 */
import type { Edit, Part } from '#/codec/mime/index.ts';
import type { Change, RecipientNumber } from '#/model/index.ts';
import type { LinkTokens } from '#/ports/index.ts';
import { Impossible, NO_PART, NO_SHARE, SIGNED } from './impossible.ts';
import { LINK_WORDS } from './link-words.ts';
import { isSealed, type PlacedPart } from './parts.ts';
import { bodyOf, onePart, type WrittenPart } from './strip.ts';

type Links = Extract<Change, { kind: 'secureLinks' }>;

/** RFC 2045 §6.8: a line of base64. */
const BASE64_LINE = /.{1,76}/g;

/** What the recipient reads in place of the files. */
export function linkText(change: Links, n: RecipientNumber, tokens: LinkTokens | null): string {
  const { share } = change;
  if (share === undefined || tokens === null) throw new Impossible(NO_SHARE);
  const url = `${share.base}/files/${tokens.token({ share: share.id, n })}`;
  return LINK_WORDS[share.language](url, share.files, change);
}

/** Edits that take the files out and put this part in. */
export function oneForAll(
  mail: Buffer,
  parts: readonly PlacedPart[],
  paths: readonly string[],
  written: WrittenPart,
): readonly Edit[] {
  const cut = paths.map((path) => {
    const placed = parts.find((one) => one.path === path);
    if (placed === undefined) throw new Impossible(NO_PART);
    if (isSealed(placed)) throw new Impossible(SIGNED);
    return placed;
  });
  return cut.map((placed, i) => {
    if (placed.around.length === 0)
      return { from: placed.part.body, to: placed.part.end, by: Buffer.concat([bodyOf(written), CRLF]) };
    const before = i === 0 ? null : siblingBefore(placed);
    return before === null
      ? onePart(mail, placed.part, i === 0 ? written : notePart(GONE))
      : removed(mail, before, placed.part);
  });
}

/** Of a file that is the first of its multipart, which must not become empty (RFC 2046 §5.1.1). */
const GONE = '-';
const CRLF = Buffer.from('\r\n');

/** The text as a part of its own. */
export function notePart(text: string): WrittenPart {
  const fields = [
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    'Content-Disposition: inline',
    '',
  ].join('\r\n');
  const octets = Buffer.from(`${text.replaceAll('\n', '\r\n')}\r\n`);
  return { fields, body: (octets.toString('base64').match(BASE64_LINE) ?? []).join('\r\n') };
}

function siblingBefore({ part, around }: PlacedPart): Part | null {
  const siblings = around.at(-1)?.parts ?? [];
  const at = siblings.indexOf(part);
  return at < 1 ? null : (siblings[at - 1] ?? null);
}

/** A part with the delimiter in front of it. The line end in front of a delimiter is the delimiter's; an empty part has lent it its own. */
function removed(mail: Buffer, before: Part, part: Part): Edit {
  const isOwed = isLent(mail, part) && !isLent(mail, before);
  return { from: before.end, to: part.end, by: Buffer.from(isOwed ? '\r\n' : '') };
}

function isLent(mail: Buffer, { end }: Part): boolean {
  return mail[end] === 0x2d;
}
