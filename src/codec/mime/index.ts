/**
 * The header section of messages: octets <-> values. Reading what anyone wrote, writing what RFC 5322 wants.
 * No states. What must never happen: a throw for what a mail holds; a field of ours that someone else's text ends early;
 * a copy of a body.
 * Carries RFC 2047, 3848, 5322, 6532, RFC 5321 §4.4, RFC 8314 §4.3; M1, M2 (trace values).
 */
export { decodeBytes } from './charset.ts';
export { formatDate } from './date.ts';
export { decodeWords, encodeWords } from './encoded-words.ts';
export { contentFacts, dateOf, firstFrom, type ShownAddress } from './facts.ts';
export {
  countFields,
  type HeaderField,
  type HeaderSection,
  headerValue,
  headerValues,
  readHeaders,
  stripFields,
} from './headers.ts';
export { headerBytesMax, headerFieldsMax } from './limits.ts';
export type { Envelope, EnvelopeAddress, MessageFacts, Parameter, Part } from './message.ts';
export { formatReceived, type ReceivedHop, withKeyword } from './received.ts';
