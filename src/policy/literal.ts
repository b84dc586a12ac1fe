/** The text that every match of a pattern holds, so that most mail is answered without the pattern. */

/** Characters whose cases fold as `foldCase` does: ASCII, and scripts without cases. */
const FOLDS_PLAINLY = /^[\x20-\x7e\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー々]+$/u;

/** Lower case, with the letters that RE2 takes for ASCII ones (long s; the Kelvin sign is its own lower case already). */
export function foldCase(text: string): string {
  return text.toLowerCase().replaceAll('ſ', 's');
}

/**
 * The longest run of plain characters outside of groups and classes, folded; null where the pattern has alternatives at its top, or no such
 * run. Whatever it does not know for certain ends a run.
 */
export function literalOf(pattern: string): string | null {
  const runs: string[] = [];
  let run: string[] = [];
  const end = () => {
    runs.push(run.join(''));
    run = [];
  };
  for (let i = 0; i < pattern.length; ) {
    const at = pattern.codePointAt(i) ?? 0;
    const char = String.fromCodePoint(at);
    const next = i + char.length;
    if (char === '|') return null;
    if (char === '\\') {
      const escaped = pattern[next] ?? '';
      if (escaped === 'Q' || escaped === '') return null;
      if (/[^\w\s]/.test(escaped) && escaped.charCodeAt(0) < 0x80) run.push(escaped);
      else end();
      i = next + 1;
      // `\p{…}`, `\x{…}`: what stands in braces is no text.
      if (/[pPx]/.test(escaped)) i = behindName(pattern, i);
    } else if (char === '(' || char === '[') {
      end();
      i = char === '(' ? behindGroup(pattern, next) : behindClass(pattern, next);
      if (i === -1) return null;
    } else if (char === '*' || char === '?' || char === '{') {
      // The character before may be missing in a match.
      run.pop();
      end();
      i = char === '{' ? behindBraces(pattern, next) : next;
    } else {
      if (/[.^$+)\]}]/.test(char)) end();
      else run.push(char);
      i = next;
    }
  }
  end();
  const best = runs.reduce((one, other) => (other.length > one.length ? other : one), '');
  // Even a letter that a text does not hold answers for the pattern, and to look for it costs a hundredth of it.
  return FOLDS_PLAINLY.test(best) ? foldCase(best) : null;
}

function behindBraces(pattern: string, from: number): number {
  const close = pattern.indexOf('}', from);
  return close === -1 ? pattern.length : close + 1;
}

// `\pL` and `\x41` have no braces: one and two characters more.
function behindName(pattern: string, from: number): number {
  if (pattern[from] === '{') return behindBraces(pattern, from + 1);
  return pattern[from - 1] === 'x' ? from + 2 : from + 1;
}

function behindClass(pattern: string, from: number): number {
  let i = pattern[from] === '^' ? from + 1 : from;
  if (pattern[i] === ']') i++;
  while (i < pattern.length && pattern[i] !== ']') {
    if (pattern[i] === '\\') i += 2;
    else if (pattern.startsWith('[:', i)) i = Math.max(pattern.indexOf(':]', i) + 2, i + 1);
    else i++;
  }
  return i < pattern.length ? i + 1 : -1;
}

function behindGroup(pattern: string, from: number): number {
  let depth = 1;
  let i = from;
  while (i < pattern.length && depth > 0) {
    const char = pattern[i];
    if (char === '\\') {
      if (pattern[i + 1] === 'Q') return -1;
      i += 2;
    } else if (char === '[') {
      i = behindClass(pattern, i + 1);
      if (i === -1) return -1;
    } else {
      if (char === '(') depth++;
      if (char === ')') depth--;
      i++;
    }
  }
  return depth === 0 ? i : -1;
}
