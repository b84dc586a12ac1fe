/**
 * Marked text (HTML, XML) as a row of events. Lenient: what is wrong is passed over and reading goes on behind it, as office programs and browsers
 * do, so that a fault at the begin hides nothing. No entity but the built-in ones is known, nothing is fetched, nothing is expanded: the
 * attacks by XML entities have nothing to hold on to.
 *
 * Given in pieces with turns between; the memory it takes is that of the text and one mark.
 */
import { Tokenizer } from 'htmlparser2';
import type { Dig } from '../dig.ts';
import { chunkChars } from '../limits.ts';

export type Attributes = ReadonlyMap<string, string>;

export interface MarkHandler {
  /** Names in lower case for HTML, without prefix for XML; of attributes too. */
  open(name: string, attributes: Attributes): void;
  close(name: string): void;
  text(text: string): void;
  comment(text: string): void;
  /** What stands behind a mark that is never closed. */
  unclosed(text: string): void;
  /** Called now and then, and at the end: what was found may be handed on. */
  rest?(): void;
}

export async function readMarks(dig: Dig, text: string, kind: 'html' | 'xml', handler: MarkHandler): Promise<void> {
  const events = new Events(text, kind === 'xml', handler);
  const tokenizer = new Tokenizer({ xmlMode: kind === 'xml', decodeEntities: true }, events);
  for (let at = 0; at < text.length && !dig.over; at += chunkChars) {
    tokenizer.write(text.slice(at, at + chunkChars));
    handler.rest?.();
    await dig.turn();
  }
  tokenizer.end();
  handler.rest?.();
}

const none: Attributes = new Map();

/** Events of the tokenizer, which are places in the text, as values. */
class Events {
  readonly #source: string;
  readonly #isXml: boolean;
  readonly #handler: MarkHandler;
  #name = '';
  #attributes: Map<string, string> | null = null;
  #attribute = '';
  #value = '';
  /** Behind the last mark or text. */
  #readTo = 0;

  constructor(source: string, isXml: boolean, handler: MarkHandler) {
    this.#source = source;
    this.#isXml = isXml;
    this.#handler = handler;
  }

  ontext(from: number, to: number): void {
    this.#readTo = to;
    this.#handler.text(this.#source.slice(from, to));
  }

  ontextentity(code: number, to: number): void {
    this.#readTo = to;
    this.#handler.text(String.fromCodePoint(code));
  }

  onopentagname(from: number, to: number): void {
    this.#name = this.#nameAt(from, to);
    this.#attributes = null;
  }

  onattribname(from: number, to: number): void {
    this.#attribute = this.#nameAt(from, to);
    this.#value = '';
  }

  onattribdata(from: number, to: number): void {
    this.#value += this.#source.slice(from, to);
  }

  onattribentity(code: number): void {
    this.#value += String.fromCodePoint(code);
  }

  onattribend(): void {
    this.#attributes ??= new Map();
    // The first one counts in browsers; a second one of the name must not be lost either.
    const had = this.#attributes.get(this.#attribute);
    this.#attributes.set(this.#attribute, had === undefined ? this.#value : `${had} ${this.#value}`);
  }

  onopentagend(to: number): void {
    this.#readTo = to + 1;
    this.#handler.open(this.#name, this.#attributes ?? none);
  }

  onselfclosingtag(to: number): void {
    this.onopentagend(to);
    if (this.#isXml) this.#handler.close(this.#name);
  }

  onclosetag(from: number, to: number): void {
    this.#readTo = to + 1;
    this.#handler.close(this.#nameAt(from, to));
  }

  oncomment(from: number, to: number, offset: number): void {
    this.#readTo = to + 1;
    this.#handler.comment(this.#source.slice(from, Math.max(to - offset, from)));
  }

  oncdata(from: number, to: number, offset: number): void {
    this.#readTo = to + 1;
    const text = this.#source.slice(from, Math.max(to - offset, from));
    if (this.#isXml) this.#handler.text(text);
    else this.#handler.comment(text);
  }

  ondeclaration(from: number, to: number): void {
    this.#readTo = to + 1;
    // Entities of a DOCTYPE are not expanded; what they would say is in the text all the same.
    this.#handler.comment(this.#source.slice(from, to));
  }

  onprocessinginstruction(from: number, to: number): void {
    this.#readTo = to + 1;
    if (!this.#isXml) this.#handler.comment(this.#source.slice(from, to));
  }

  onend(): void {
    if (this.#readTo < this.#source.length) this.#handler.unclosed(this.#source.slice(this.#readTo));
  }

  #nameAt(from: number, to: number): string {
    const name = this.#source.slice(from, to);
    if (!this.#isXml) return name.toLowerCase();
    const prefix = name.indexOf(':');
    return prefix < 0 ? name : name.slice(prefix + 1);
  }
}
