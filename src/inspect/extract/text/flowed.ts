/**
 * Lines as their author wrote them (RFC 3676 §4.2): a line that ends in a blank goes on in the next one; with DelSp the blank is not part of the
 * text, so that Japanese words are whole again.
 */
export function unflow(text: string, deletesBlank: boolean): string {
  const lines = text.split('\n');
  let out = '';
  let depthBefore = 0;
  let isOpen = false;
  for (const [index, line] of lines.entries()) {
    const depth = /^>*/.exec(line)?.[0].length ?? 0;
    const stuffed = line.slice(depth);
    const content = stuffed.startsWith(' ') ? stuffed.slice(1) : stuffed;
    // §4.3: the line that begins a signature ends in a blank and is fixed.
    const isSignature = content === '-- ';
    const joins = isOpen && depth === depthBefore && !isSignature;
    if (!joins) out += `${index === 0 ? '' : '\n'}${'>'.repeat(depth)}${depth > 0 ? ' ' : ''}`;
    isOpen = content.endsWith(' ') && !isSignature;
    out += isOpen && deletesBlank ? content.slice(0, -1) : content;
    depthBefore = depth;
  }
  return out;
}
