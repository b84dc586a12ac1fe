/**
 * Finds all of many words in one walk over a text (Aho and Corasick, 1975): the time grows with the text, not with the number of words. Words that
 * end at one place have different lengths, so there are never more of them than a word has characters.
 */

interface Node {
  /** Where the walk goes on for a character; null at an end, and most nodes are one or lead to one. */
  next: Map<number, number> | null;
  /** The node of the longest end of this one that begins another word. */
  fail: number;
  /** The word that ends here. */
  word: number;
  /** The nearest node on the way of `fail` at which a word ends; 0 for none. */
  shorter: number;
}

/** Places in the list of first characters; several share one, and what is marked is looked at closely. */
const FIRSTS = 1_024;

export class WordAutomaton {
  readonly #nodes: Node[] = [newNode()];
  readonly #lengths: number[];
  /** Most characters of a text begin no word, and are passed over by this. */
  readonly #firsts = new Uint8Array(FIRSTS);

  constructor(words: readonly string[]) {
    this.#lengths = words.map(({ length }) => length);
    for (const [i, word] of words.entries()) this.#add(word, i);
    for (const code of this.#nodes[0]?.next?.keys() ?? []) this.#firsts[code % FIRSTS] = 1;
    this.#link();
  }

  /** Calls `hit` with the number of each word that ends at a place, and where it began. True ends the walk. */
  walk(text: string, hit: (word: number, from: number, to: number) => boolean): void {
    let at = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (at === 0 && this.#firsts[code % FIRSTS] === 0) continue;
      at = this.#step(at, code);
      for (let node = at; node !== 0; node = this.#nodes[node]?.shorter ?? 0) {
        const word = this.#nodes[node]?.word ?? -1;
        if (word !== -1 && hit(word, i + 1 - (this.#lengths[word] ?? 0), i + 1)) return;
      }
    }
  }

  #step(from: number, code: number): number {
    for (let at = from; ; at = this.#nodes[at]?.fail ?? 0) {
      const next = this.#nodes[at]?.next?.get(code);
      if (next !== undefined) return next;
      if (at === 0) return 0;
    }
  }

  #add(word: string, index: number): void {
    let at = 0;
    for (let i = 0; i < word.length; i++) {
      const node = this.#nodes[at] ?? newNode();
      node.next ??= new Map();
      at = node.next.getOrInsertComputed(word.charCodeAt(i), () => this.#nodes.push(newNode()) - 1);
    }
    const node = this.#nodes[at];
    if (node !== undefined && at !== 0) node.word = index;
  }

  // By growing depth, so that every shorter end is linked already.
  #link(): void {
    const open = [...(this.#nodes[0]?.next?.values() ?? [])];
    for (const index of open) {
      const node = this.#nodes[index];
      for (const [code, child] of node?.next ?? []) {
        open.push(child);
        const below = this.#nodes[child];
        if (below === undefined || node === undefined) continue;
        below.fail = this.#step(node.fail, code);
        const end = this.#nodes[below.fail];
        below.shorter = end === undefined || end.word !== -1 ? below.fail : end.shorter;
      }
    }
  }
}

function newNode(): Node {
  return { next: null, fail: 0, word: -1, shorter: 0 };
}
