/** Text in header fields as people see it (RFC 9051 §6.4.4, HEADER): encoded words read, case and compatibility forms made alike. */
import { decodeWords, type HeaderSection, headerValues, readHeaders } from '#/codec/mime/index.ts';

/** The form in which texts are compared (RFC 9051 §6.4.4: without case). */
export function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** The header section of one message, read once for all keys that ask about it, and each field decoded once. */
export class HeaderTexts {
  readonly #head: Uint8Array;
  #section: HeaderSection | null = null;
  readonly #texts = new Map<string, readonly string[]>();

  constructor(head: Uint8Array) {
    this.#head = head;
  }

  /** Whether a field of this name (lower case) holds the text, which is folded; an empty one asks whether there is such a field. */
  holds(name: string, folded: string): boolean {
    const texts = this.#of(name);
    return folded === '' ? texts.length > 0 : texts.some((text) => text.includes(folded));
  }

  #of(name: string): readonly string[] {
    this.#section ??= readHeaders([this.#head]);
    const section = this.#section;
    return this.#texts.getOrInsertComputed(name, () =>
      headerValues(section, name).map((value) => fold(decodeWords(value))),
    );
  }
}
