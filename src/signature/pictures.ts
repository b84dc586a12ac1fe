/**
 * Pictures that a signature brings: parts beside the HTML that shows them (RFC 2387, RFC 2392). A mail that has such parts gets one more of them; or else
 * its HTML, octet for octet, becomes the first of two.
 */
import { createHash } from 'node:crypto';
import { type Edit, edited, headerValue, type Part, parameterOf, type Structure } from '#/codec/mime/index.ts';
import type { MadeSignature } from '#/model/index.ts';
import type { BodyPart } from './body-parts.ts';
import { pictureId } from './picture-id.ts';

type Picture = MadeSignature['images'][number];

/** The mail with the pictures in it; null where there are none to bring, or no HTML to show them. */
export function withPictures(
  source: Buffer,
  { head, root }: Structure,
  bodies: readonly BodyPart[],
  signatures: readonly MadeSignature[],
): Buffer | null {
  const pictures = new Map(signatures.flatMap(({ images }) => images.map((one) => [pictureId(one), one])));
  const body = bodies.find(({ kind }) => kind === 'html');
  if (pictures.size === 0 || body === undefined) return null;
  const parts = [...pictures].map(([id, picture]) => partOf(id, picture));
  const { part, related } = body;
  const edits =
    related !== null
      ? joining(related, parts)
      : part === root
        ? aroundMail(source, head, part, parts)
        : aroundPart(source, part, parts);
  return Buffer.concat(edited(source, edits));
}

/** One more of the parts that are there. */
function joining({ parameters, parts }: Part, pictures: readonly string[]): readonly Edit[] {
  const boundary = parameterOf(parameters, 'boundary') ?? '';
  const end = parts.at(-1)?.end ?? 0;
  return [put(end, pictures.map((picture) => `\r\n--${boundary}\r\n${picture}`).join(''))];
}

function aroundPart(source: Buffer, part: Part, pictures: readonly string[]): readonly Edit[] {
  const boundary = boundaryFor(source, part, pictures);
  return [put(part.head, `${relatedField(boundary)}\r\n--${boundary}\r\n`), put(part.end, behind(boundary, pictures))];
}

/** Of a mail that is HTML alone: fields of the content go to the part, all others stay. */
function aroundMail(source: Buffer, head: Structure['head'], part: Part, pictures: readonly string[]): readonly Edit[] {
  const boundary = boundaryFor(source, part, pictures);
  const own = head.fields.filter(({ name }) => name.startsWith('content-'));
  const inner = own.map(({ from, to }) => source.toString('latin1', from, to)).join('');
  const at = own.find(({ name }) => name === 'content-type')?.from ?? head.fields.at(-1)?.to ?? head.from;
  const version = headerValue(head, 'mime-version') === null ? 'MIME-Version: 1.0\r\n' : '';
  return [
    put(at, `${version}${relatedField(boundary)}`),
    ...own.map(({ from, to }) => ({ from, to, by: Buffer.alloc(0) })),
    put(part.body, `--${boundary}\r\n${inner}\r\n`),
    put(part.end, behind(boundary, pictures)),
  ];
}

function relatedField(boundary: string): string {
  return `Content-Type: multipart/related; type="text/html";\r\n boundary="${boundary}"\r\n`;
}

function behind(boundary: string, pictures: readonly string[]): string {
  return `${pictures.map((picture) => `\r\n--${boundary}\r\n${picture}`).join('')}\r\n--${boundary}--\r\n`;
}

function partOf(id: string, { name, type, base64 }: Picture): string {
  const ending = type.slice('image/'.length).replace('jpeg', 'jpg');
  return [
    `Content-Type: ${type}; name="${name}.${ending}"`,
    'Content-Transfer-Encoding: base64',
    `Content-ID: <${id}>`,
    `Content-Disposition: inline; filename="${name}.${ending}"`,
    '',
    ...(base64.match(/.{1,76}/g) ?? []),
  ].join('\r\n');
}

/** The same at each attempt, and nowhere in the mail. */
function boundaryFor(source: Buffer, { head, end }: Part, pictures: readonly string[]): string {
  for (let n = 0; ; n++) {
    const hash = createHash('sha256').update(source.subarray(head, end)).update(pictures.join('')).update(String(n));
    const boundary = `=_holdfast_${hash.digest('hex').slice(0, 32)}`;
    if (!source.includes(boundary)) return boundary;
  }
}

function put(at: number, text: string): Edit {
  return { from: at, to: at, by: Buffer.from(text, 'latin1') };
}
