/** The words of a refusal without what differs from mail to mail, so that alike ones are counted as one and name nobody. */

const READ_MAX = 600;
const SAID_MAX = 160;

/** In this order: what would be cut into pieces by a later one stands before it. */
const CHANGING: readonly (readonly [pattern: RegExp, stands: string])[] = [
  [/https?:\/\/\S{1,300}/gi, '(link)'],
  [/<?[^\s<>()[\]",;:]{0,100}@[^\s<>()[\]",;:]{1,200}>?/g, '(address)'],
  [/<[^<>\s]{1,200}>/g, '(id)'],
  [/\[?\b\d{1,3}(?:\.\d{1,3}){3}\b\]?/g, '(ip)'],
  [/\b[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){3,7}\b/gi, '(ip)'],
  [/"[^"]{1,100}"/g, '(name)'],
  // Ids of queues and sessions: long runs with figures in them.
  [/(?<![\w.-])(?=[\w.-]{0,60}\d)[\w.-]{10,61}(?![\w.-])/g, '(id)'],
  [/\d{5,}/g, '(number)'],
];

/** Bounded, in one line, without addresses, links, ids and long numbers. */
export function plainWords(text: string): string {
  let words = text.slice(0, READ_MAX).replace(/[\p{Cc}\s]+/gu, ' ');
  for (const [pattern, stands] of CHANGING) words = words.replace(pattern, stands);
  return words.trim().slice(0, SAID_MAX);
}
