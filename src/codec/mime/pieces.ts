/** Pieces of structured field values: quoted strings, comments, angle brackets (RFC 5322 §3.2); what is not closed goes to the end. */

/** RFC 5322 §4.4: old addresses have comments and blanks inside. */
export function withoutComments(address: string): string {
  return address.includes('"') ? address.trim() : address.replace(/\([^()]*\)|\s+/g, '');
}

export function endOfPiece(value: string, at: number): number {
  if (value[at] === '"') return endOfQuoted(value, at);
  if (value[at] === '(') return endOfComment(value, at);
  return value[at] === '<' ? endOfAngle(value, at) : at + 1;
}

export function unquoted(text: string): string {
  return text.replace(/"((?:[^"\\]|\\.)*)"/g, (_, content: string) => content.replace(/\\(.)/g, '$1'));
}

export function endOfQuoted(value: string, from: number): number {
  for (let i = from + 1; i < value.length; i++) {
    if (value[i] === '\\') i += 1;
    else if (value[i] === '"') return i + 1;
  }
  return value.length;
}

export function endOfComment(value: string, from: number): number {
  let depth = 0;
  for (let i = from; i < value.length; i++) {
    if (value[i] === '\\') i += 1;
    else if (value[i] === '(') depth += 1;
    else if (value[i] === ')' && --depth === 0) return i + 1;
  }
  return value.length;
}

function endOfAngle(value: string, from: number): number {
  const end = value.indexOf('>', from);
  return end < 0 ? value.length : end + 1;
}

/** What one quoted string holds, given with its quotes (RFC 5322 §3.2.4); the last quote may be missing. */
export function unquotedPiece(piece: string): string {
  const closed = piece.length > 1 && piece.endsWith('"');
  return piece.slice(1, closed ? -1 : piece.length).replace(/\\(.)/gs, '$1');
}
