/**
 * Messages as octets <-> values: header sections, the parts of a body, text, and what is kept of a message beside it. Reading what anyone
 * wrote, writing what RFC 5322 wants.
 * No states. What must never happen: a throw for what a mail holds; time or memory that grows faster than the mail; a place of a part
 * that is an octet off; a field of ours that someone else's text ends early; a copy of a body.
 * Carries RFC 2045, 2046, 2047, 2183, 2231, 3848, 5256 §2.1, 5322, 6532, 8970, RFC 9051 §7.5.2, RFC 5321 §4.4, RFC 8314 §4.3;
 * M1, M2 (trace values), O1, O3 (no view waits for a mail to be read again).
 */
export { parseAddresses } from './addresses.ts';
export { type BaseSubject, baseSubject } from './base-subject.ts';
export { Base64Lines } from './base64-lines.ts';
export { decodeBytes } from './charset.ts';
export { formatDate } from './date.ts';
export { type Edit, edited } from './edits.ts';
export { hasPlainMarks, marksOf } from './encode-text.ts';
export { decodeWords, encodeWords } from './encoded-words.ts';
export { contentFacts, dateOf, firstFrom, type ShownAddress } from './facts.ts';
export { fileNameOf } from './file-name.ts';
export {
  countFields,
  type HeaderField,
  type HeaderSection,
  headerValue,
  headerValues,
  readHeaders,
  stripFields,
} from './headers.ts';
export { htmlToText } from './html-text.ts';
export { insertText, type TextOfPart, textOfPart } from './insert-text.ts';
export { headerBytesMax, headerFieldsMax } from './limits.ts';
export type { Envelope, EnvelopeAddress, MessageFacts, Parameter, Part } from './message.ts';
export { parameterOf } from './parameters.ts';
export { FieldPicker } from './pick-fields.ts';
export { readMessage } from './read-message.ts';
export { formatReceived, type ReceivedHop, withKeyword } from './received.ts';
export { readStructure, type Structure } from './structure.ts';
export { phraseOf, termsOf } from './terms.ts';
export { decodeText, type TextPartFields } from './text.ts';
export { formatTextMail } from './text-mail.ts';
export { decodeBody, isIdentity } from './transfer.ts';
