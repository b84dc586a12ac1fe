/** BODYSTRUCTURE, and BODY, which is it without extension data (RFC 9051 §7.5.2). */
import type { Parameter, Part } from '#/codec/mime/index.ts';
import { formatEnvelope, noEnvelope } from './format-envelope.ts';
import { formatNstring, formatString } from './format-text.ts';

/** Stands where the form wants a part and the message has none: a multipart without parts, a message that can't be looked into. */
const emptyPart = '("text" "plain" NIL NIL NIL "7bit" 0 0)';

/** `extended`: BODYSTRUCTURE. */
export function formatStructure(part: Part, extended: boolean, utf8: boolean): string {
  const fields = part.type === 'multipart' ? multipart(part, extended, utf8) : single(part, extended, utf8);
  return `(${fields.join(' ')})`;
}

function multipart(part: Part, extended: boolean, utf8: boolean): string[] {
  const parts = part.parts.map((inner) => formatStructure(inner, extended, utf8)).join('');
  const fields = [parts === '' ? emptyPart : parts, formatString(part.subtype, utf8)];
  return extended ? [...fields, formatParameters(part.parameters, utf8), ...extension(part, utf8)] : fields;
}

function single(part: Part, extended: boolean, utf8: boolean): string[] {
  const fields = [
    formatString(part.type, utf8),
    formatString(part.subtype, utf8),
    formatParameters(part.parameters, utf8),
    formatNstring(part.id, utf8),
    formatNstring(part.description, utf8),
    formatString(part.encoding, utf8),
    String(part.end - part.body),
    ...ofItsKind(part, extended, utf8),
  ];
  return extended ? [...fields, formatNstring(part.md5, utf8), ...extension(part, utf8)] : fields;
}

/** What only texts, and only messages, have. */
function ofItsKind(part: Part, extended: boolean, utf8: boolean): string[] {
  if (part.type === 'text') return [String(part.lines)];
  // RFC 9051 §9, media-message. A client of IMAP4rev1 knows message/global as any other type.
  const isMessage = part.type === 'message' && (part.subtype === 'rfc822' || (utf8 && part.subtype === 'global'));
  if (!isMessage) return [];
  const inner = part.message;
  return [
    formatEnvelope(inner?.envelope ?? noEnvelope, utf8),
    inner === null ? emptyPart : formatStructure(inner.structure, extended, utf8),
    String(part.lines),
  ];
}

function extension(part: Part, utf8: boolean): string[] {
  const { disposition, language, location } = part;
  const shown =
    disposition === null
      ? 'NIL'
      : `(${formatString(disposition.kind, utf8)} ${formatParameters(disposition.parameters, utf8)})`;
  return [shown, formatLanguage(language, utf8), formatNstring(location, utf8)];
}

function formatParameters(parameters: readonly Parameter[], utf8: boolean): string {
  return formatStrings(parameters.flat(), utf8);
}

function formatLanguage(language: readonly string[], utf8: boolean): string {
  const [only] = language;
  return only !== undefined && language.length === 1 ? formatString(only, utf8) : formatStrings(language, utf8);
}

function formatStrings(texts: readonly string[], utf8: boolean): string {
  return texts.length === 0 ? 'NIL' : `(${texts.map((text) => formatString(text, utf8)).join(' ')})`;
}
