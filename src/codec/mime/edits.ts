/** Places of a mail that come out otherwise; all around them comes out octet for octet. */

/** The octets from `from` to `to` give way to `by`; where both are one place, `by` is put in front of it. */
export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly by: Buffer;
}

/**
 * The content with these edits, untouched runs as views. Edits inside of another one are gone with what they would have changed; of several at
 * one place the first one comes first.
 */
export function edited(content: Buffer, edits: readonly Edit[]): readonly Buffer[] {
  const ordered = edits.toSorted((a, b) => a.from - b.from || width(a) - width(b));
  const chunks: Buffer[] = [];
  let at = 0;
  for (const { from, to, by } of withoutInner(ordered)) {
    if (from > at) chunks.push(content.subarray(at, from));
    if (by.length > 0) chunks.push(by);
    at = Math.max(at, to);
  }
  if (at < content.length) chunks.push(content.subarray(at));
  return chunks;
}

/** In front of a place goes before what replaces it. */
function width({ from, to }: Edit): number {
  return from === to ? 0 : -(to - from) + Number.MAX_SAFE_INTEGER;
}

function withoutInner(ordered: readonly Edit[]): Edit[] {
  const kept: Edit[] = [];
  let end = -1;
  for (const edit of ordered) {
    if (edit.from < end) continue;
    kept.push(edit);
    end = Math.max(end, edit.to);
  }
  return kept;
}
