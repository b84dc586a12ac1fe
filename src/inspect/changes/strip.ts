/** Attachments that go: each one gives way to a line of text in its place (RFC 2046 §4.1), so that nobody looks for it in vain. */
import type { Edit, Part } from '#/codec/mime/index.ts';
import { namesOf } from '../extract/mail/part-names.ts';
import { quoted } from '../hits.ts';
import { Impossible, NO_PART, SIGNED } from './impossible.ts';
import { isSealed, type PlacedPart } from './parts.ts';

/** RFC 2045 §6.8: a line of base64. */
const BASE64_LINE = /.{1,76}/g;
/** One line that is safe as it is: no delimiter can begin like it, and RFC 5322 §2.1.1 allows its length. */
const PLAIN_LINE = /^[!-,.-~][ -~]{0,900}$/;
const LINE_FEED = 0x0a;

/** A part as it is to stand in a mail: its fields, each with its line end, and its body without one at the end. */
export interface WrittenPart {
  readonly fields: string;
  readonly body: string | Buffer;
}

/** Edits that take these parts out of the mail. */
export function stripped(
  mail: Buffer,
  parts: readonly PlacedPart[],
  paths: readonly string[],
  text: string,
): readonly Edit[] {
  return paths.map((path) => {
    const placed = parts.find((one) => one.path === path);
    if (placed === undefined) throw new Impossible(NO_PART);
    if (isSealed(placed)) throw new Impossible(SIGNED);
    return placed.around.length === 0
      ? wholeMail(mail, placed.part, text)
      : onePart(mail, placed.part, textFor(placed.part, text));
  });
}

/** A part of a multipart gives way to another one. */
export function onePart(mail: Buffer, part: Part, written: WrittenPart): Edit {
  // The line end in front of the delimiter is the delimiter's (RFC 2046 §5.1.1); an empty part has lent it its own.
  const isOwed = mail[part.end] === 0x2d || (part.end === mail.length && mail[part.end - 1] === LINE_FEED);
  const fields = Buffer.from(`${written.fields}\r\n`);
  return { from: part.head, to: part.end, by: Buffer.concat([fields, bodyOf(written), isOwed ? CRLF : NOTHING]) };
}

export function bodyOf({ body }: WrittenPart): Buffer {
  return typeof body === 'string' ? Buffer.from(body) : body;
}

const CRLF = Buffer.from('\r\n');
const NOTHING = Buffer.alloc(0);

/** A mail that is nothing but an attachment: its own fields stay, those of the content are others. The header changes know of it. */
function wholeMail(_mail: Buffer, part: Part, text: string): Edit {
  return { from: part.body, to: part.end, by: Buffer.concat([bodyOf(textFor(part, text)), CRLF]) };
}

/** Fields of the content of a mail that was nothing but an attachment. */
export function fieldsFor(part: Part, text: string): string {
  return textFor(part, text).fields;
}

function textFor(part: Part, text: string): WrittenPart {
  const [name = ''] = namesOf(part);
  const shown = quoted(name, 120);
  const line = shown === '' ? text : `${text} (${shown})`;
  const isPlain = PLAIN_LINE.test(line);
  const fields = [
    `Content-Type: text/plain; charset=${isPlain ? 'us-ascii' : 'utf-8'}`,
    `Content-Transfer-Encoding: ${isPlain ? '7bit' : 'base64'}`,
    'Content-Disposition: inline',
    '',
  ].join('\r\n');
  const base64 = Buffer.from(`${line}\r\n`).toString('base64').match(BASE64_LINE) ?? [];
  return { fields, body: isPlain ? line : base64.join('\r\n') };
}
