/**
 * What an IMAP server said, as trees: an atom is its text, a string (quoted or literal, which mean the same) is its text behind a `"`, a
 * list is an array. Read by our own rules from RFC 9051 §9, apart from the product's codec, so that both can't err alike.
 */

/** An atom, a string behind `"`, or a list. */
export type Tree = string | readonly Tree[];

/** One response, with its literals in place. `octets` are Latin-1: a character an octet. */
export function parseResponse(octets: string): readonly Tree[] {
  const reader = new Reader(octets);
  const words: Tree[] = [];
  while (!reader.ended()) {
    words.push(reader.tree());
    // RFC 9051 §7.1: what follows the code is text for people.
    if (isStatus(words)) return [...words, ...reader.code()];
  }
  return words;
}

const isStatus = (words: readonly Tree[]): boolean =>
  words.length === 2 && /^(OK|NO|BAD|BYE|PREAUTH)$/i.test(String(words[1]));

class Reader {
  readonly #octets: string;
  #at = 0;

  constructor(octets: string) {
    this.#octets = octets;
  }

  ended(): boolean {
    while (this.#octets[this.#at] === ' ') this.#at += 1;
    return this.#at >= this.#octets.length;
  }

  /** `[CODE …]` as a list; nothing where there is none. */
  code(): readonly Tree[] {
    if (this.ended() || this.#octets[this.#at] !== '[') return [];
    this.#at += 1;
    return [this.#list(']')];
  }

  tree(): Tree {
    const first = this.#octets[this.#at];
    if (first === '(') {
      this.#at += 1;
      return this.#list(')');
    }
    if (first === '"') return this.#quoted();
    return this.#literal() ?? this.#atom();
  }

  #list(end: string): readonly Tree[] {
    const found: Tree[] = [];
    for (;;) {
      if (this.ended()) throw new Error(`a list that does not end: ${this.#octets}`);
      if (this.#octets[this.#at] === end) break;
      found.push(this.tree());
    }
    this.#at += 1;
    return found;
  }

  #quoted(): string {
    let text = '"';
    for (this.#at += 1; this.#octets[this.#at] !== '"'; this.#at += 1) {
      if (this.#at >= this.#octets.length) throw new Error(`a string that does not end: ${this.#octets}`);
      if (this.#octets[this.#at] === '\\') this.#at += 1;
      text += this.#octets[this.#at];
    }
    this.#at += 1;
    return text;
  }

  #literal(): string | null {
    const head = /^~?\{(\d+)\}\r\n/.exec(this.#octets.slice(this.#at, this.#at + 20));
    if (head === null) return null;
    const from = this.#at + head[0].length;
    this.#at = from + Number(head[1]);
    return `"${this.#octets.slice(from, this.#at)}`;
  }

  // `BODY[HEADER.FIELDS (DATE)]<0>` is one word.
  #atom(): string {
    const rest = this.#octets.slice(this.#at);
    const [word = ''] =
      /^(?:BODY|BINARY|BINARY\.SIZE)\[[^\]]*\](?:<\d+>)?/i.exec(rest) ?? /^[^ ()"[\]]+/.exec(rest) ?? [];
    if (word === '') throw new Error(`no word at ${this.#at}: ${this.#octets}`);
    this.#at += word.length;
    return word;
  }
}
