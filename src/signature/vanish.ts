/** Lines of a template that was filled in, without those whose values are all empty. */
import { VALUE_BEGIN, VALUE_END } from './fences.ts';

const EMPTY = `${VALUE_BEGIN}${VALUE_END}`;
const FENCES = /[\ue0f0\ue0f1]/g;

export function textWithout(text: string): string {
  return text.split('\n').filter(isKept).join('\n').replace(FENCES, '');
}

/** Whether a line has words of its own alone, or a value that is there. */
function isKept(line: string): boolean {
  return !line.includes(VALUE_BEGIN) || line.replaceAll(EMPTY, '').includes(VALUE_BEGIN);
}

/** What parts one line of HTML from the next. Cells of a table stand on one line. */
const BREAK =
  /<(\/?)(p|div|br|tr|table|tbody|thead|ul|ol|li|h[1-6]|hr|blockquote|center)\b((?:"[^"]*"|'[^']*'|[^'">])*)>/gi;
const TAG = /<\/?([a-zA-Z][\w:-]*)\b(?:"[^"]*"|'[^']*'|[^'">])*>/g;
const VOID = /^(?:br|img|hr|wbr)$/i;

export function htmlWithout(html: string): string {
  const pieces = piecesOf(html);
  for (const [i, piece] of pieces.entries()) {
    if (piece.tag !== null || isKept(piece.text)) continue;
    piece.text = isBalanced(piece.text) ? '' : (piece.text.match(TAG) ?? []).join('');
    if (piece.text === '') dropFrame(pieces, i);
  }
  return pieces
    .map(({ text }) => text)
    .join('')
    .replace(FENCES, '');
}

interface Piece {
  text: string;
  /** `<br>` and the like; null for what stands between. */
  readonly tag: { readonly name: string; readonly closes: boolean } | null;
}

function piecesOf(html: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const found of html.matchAll(BREAK)) {
    pieces.push({ text: html.slice(at, found.index), tag: null });
    pieces.push({ text: found[0], tag: { name: (found[2] ?? '').toLowerCase(), closes: found[1] === '/' } });
    at = found.index + found[0].length;
  }
  pieces.push({ text: html.slice(at), tag: null });
  return pieces;
}

/** The element that held nothing but the line goes with it; or else the break behind it, or the one in front of it where it was the last. */
function dropFrame(pieces: readonly Piece[], i: number): void {
  const before = pieces.findLast(({ text }, at) => at < i && text.trim() !== '');
  const after = pieces.find(({ text }, at) => at > i && text.trim() !== '');
  if (before?.tag?.closes === false && before.tag.name !== 'br' && after?.tag?.closes === true) {
    if (before.tag.name !== after.tag.name) return;
    before.text = '';
    after.text = '';
  } else if (after?.tag?.name === 'br') after.text = '';
  else if (before?.tag?.name === 'br') before.text = '';
}

function isBalanced(html: string): boolean {
  const open: string[] = [];
  for (const [tag, name = ''] of html.matchAll(TAG)) {
    if (VOID.test(name) || tag.endsWith('/>')) continue;
    if (!tag.startsWith('</')) open.push(name.toLowerCase());
    else if (open.pop() !== name.toLowerCase()) return false;
  }
  return open.length === 0;
}
