// More than this is another word.
const SLIPS_MAX = 4;

/** The known word that somebody most likely meant; null where none is near. */
export function suggest(word: string, known: Iterable<string>): string | null {
  let best: string | null = null;
  let least = Math.min(SLIPS_MAX, Math.max(1, Math.floor(word.length / 3))) + 1;
  for (const candidate of known) {
    // At least so many letters were added or lost; most candidates need no closer look.
    if (Math.abs(candidate.length - word.length) >= least) continue;
    const steps = distance(word.toLowerCase(), candidate.toLowerCase());
    if (steps < least) [best, least] = [candidate, steps];
  }
  return best;
}

/** `did you mean …?` or the whole choice, for the end of a message. */
export function suggestion(word: string, known: readonly string[]): string {
  const near = suggest(word, known);
  return near === null ? `known here: ${known.join(', ')}` : `did you mean '${near}'?`;
}

// Longer words are cut: nobody mistypes a word of a hundred letters, and the cost grows with the square.
const LETTERS_MAX = 64;

// Letters added, lost, changed, or two neighbours swapped.
function distance(long: string, short: string): number {
  const [one, other] = [long.slice(0, LETTERS_MAX), short.slice(0, LETTERS_MAX)];
  const rows = [Array.from({ length: other.length + 1 }, (_, i) => i)];
  const at = (i: number, j: number) => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= one.length; i++) {
    rows.push([i]);
    for (let j = 1; j <= other.length; j++) {
      const change = at(i - 1, j - 1) + (one[i - 1] === other[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      const swap = swapped ? at(i - 2, j - 2) + 1 : change;
      rows[i]?.push(Math.min(change, swap, at(i - 1, j) + 1, at(i, j - 1) + 1));
    }
  }
  return at(one.length, other.length);
}
