/** What is said of a set of rows: some sentences, and how many more there were. */
import { REMARKS_MAX } from './limits.ts';

const SENTENCE_CHARS_MAX = 300;

export class Remarks {
  readonly #sentences: string[] = [];
  #more = 0;

  add(sentence: string): void {
    if (this.#sentences.length >= REMARKS_MAX) this.#more += 1;
    else this.#sentences.push(oneLine(sentence));
  }

  /** All of them. */
  get all(): readonly string[] {
    return this.#more === 0 ? this.#sentences : [...this.#sentences, `${this.#more} more like these.`];
  }
}

/** Without signs that steer a terminal, and not without an end. */
function oneLine(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
  return plain.length > SENTENCE_CHARS_MAX ? `${plain.slice(0, SENTENCE_CHARS_MAX)}…` : plain;
}
