/** The journal keeps no address: peers repeat them in their replies (design 6, Privacy). */

/** Longest text in a journal event, in UTF-16 units; a reply of a few lines fits. */
const DETAIL_MAX = 400;

const ADDRESS = /[^\s<>()[\]"',;:]+@[^\s<>()[\]"',;:]+/g;

/** The text in one line, bounded, with `(address)` where an address stood. */
export function withoutAddresses(text: string): string {
  const bounded = text.length > DETAIL_MAX ? text.slice(0, DETAIL_MAX) : text;
  if (!bounded.includes('@') && !bounded.includes('\n') && !bounded.includes('\r')) return bounded;
  return bounded.replace(/[\r\n]+/g, ' ').replace(ADDRESS, '(address)');
}
