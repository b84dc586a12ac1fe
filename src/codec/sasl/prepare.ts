/**
 * User names and passwords in their one form (SASLprep, RFC 4013): so that a name typed on another keyboard is the same name.
 * Null where a character is prohibited. Unassigned characters are left alone: what is new today is a letter tomorrow.
 */
export function prepareText(text: string): string | null {
  const mapped = text.replace(notASpace, ' ').replace(nothing, '').normalize('NFKC');
  return prohibited.test(mapped) ? null : mapped;
}

// RFC 4013 §2.1: spaces outside ASCII become one; RFC 3454 B.1: what is mapped to nothing.
const notASpace = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g;
const nothing = /\u00ad|\u034f|\u1806|[\u180b-\u180d]|[\u200b-\u200d]|\u2060|[\ufe00-\ufe0f]|\ufeff/g;
// RFC 4013 §2.3.
const prohibited =
  /[\0-\x1f\x7f-\x9f\u06dd\u070f\u180e\u2028\u2029\u2061-\u2063\u206a-\u206f\ufff9-\uffff\u2ff0-\u2ffb\u200e\u200f\u202a-\u202e\u{e0001}\u{e0020}-\u{e007f}]|\u0340|\u0341|\p{Surrogate}|\p{Private_Use}/u;
