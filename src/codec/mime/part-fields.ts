/** What the header section of a part says of it (RFC 2045, RFC 2183, RFC 3282, RFC 2557). */
import { fieldText, type Head, rawFieldText } from './head.ts';
import { boundaryBytesMax, headerBytesMax, languagesMax } from './limits.ts';
import type { Parameter, Part } from './message.ts';
import { parameterOf, parseParametrized } from './parameters.ts';

/** A part without its place and what is in it. */
export type PartFields = Pick<
  Part,
  | 'type'
  | 'subtype'
  | 'parameters'
  | 'id'
  | 'description'
  | 'encoding'
  | 'md5'
  | 'disposition'
  | 'language'
  | 'location'
>;

type MediaType = Pick<Part, 'type' | 'subtype' | 'parameters'>;

/** RFC 2045 §5.2: what a body is when nothing, or nothing that can be read, says otherwise. */
export const plainText: MediaType = { type: 'text', subtype: 'plain', parameters: [['charset', 'us-ascii']] };

/** What a body is that we do not look into (RFC 2046 §4.5.1). */
export const opaque: MediaType = { type: 'application', subtype: 'octet-stream', parameters: [] };

/** RFC 2046 §5.1.5: what parts of a digest are. */
const digested: MediaType = { type: 'message', subtype: 'rfc822', parameters: [] };

/** RFC 2045 §5.1: two tokens; what stands behind them is passed over. */
const mediaType = /^([-!#-'*+.0-9A-Z^-~]+)[ \t]*\/[ \t]*([-!#-'*+.0-9A-Z^-~]+)/;

/** Reads the fields; `inDigest`: the part stands in a multipart/digest. */
export function readPartFields(head: Head, inDigest: boolean): PartFields {
  return {
    ...mediaTypeOf(fieldText(head, 'content-type', headerBytesMax), inDigest),
    id: given(head, 'content-id'),
    description: given(head, 'content-description'),
    encoding: encodingOf(fieldText(head, 'content-transfer-encoding')),
    md5: given(head, 'content-md5'),
    disposition: dispositionOf(fieldText(head, 'content-disposition', headerBytesMax)),
    language: languagesOf(fieldText(head, 'content-language')),
    location: given(head, 'content-location'),
  };
}

/** The boundary of a multipart, octet by octet (RFC 2046 §5.1.1); null where there is none that can be. */
export function boundaryOf(head: Head): string | null {
  const raw = parseParametrized(rawFieldText(head, 'content-type') ?? '');
  const boundary = parameterOf(raw.parameters, 'boundary')?.trimEnd() ?? '';
  return boundary === '' || boundary.length > boundaryBytesMax ? null : boundary;
}

function given(head: Head, name: string): string | null {
  return fieldText(head, name) || null;
}

function mediaTypeOf(text: string | null, inDigest: boolean): MediaType {
  if (text === null) return inDigest ? digested : plainText;
  const { value, parameters } = parseParametrized(text);
  const [, type, subtype] = mediaType.exec(value) ?? [];
  if (type === undefined || subtype === undefined) return plainText;
  return { type: type.toLowerCase(), subtype: subtype.toLowerCase(), parameters };
}

/** The first word; RFC 2045 §6.1. */
function encodingOf(text: string | null): string {
  return /^[^\s;()]+/.exec(text ?? '')?.[0].toLowerCase() ?? '7bit';
}

function dispositionOf(
  text: string | null,
): { readonly kind: string; readonly parameters: readonly Parameter[] } | null {
  if (text === null) return null;
  const { value, parameters } = parseParametrized(text);
  const kind = /^[^\s()"=/]+/.exec(value)?.[0].toLowerCase();
  // RFC 2183 §2.8: a kind nobody knows is an attachment; parameters without a kind tell as much.
  if (kind === undefined) return parameters.length === 0 ? null : { kind: 'attachment', parameters };
  return { kind, parameters };
}

function languagesOf(text: string | null): readonly string[] {
  const tags = (text ?? '').replace(/\([^()]*\)/g, '').split(',');
  return tags
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '')
    .slice(0, languagesMax);
}
