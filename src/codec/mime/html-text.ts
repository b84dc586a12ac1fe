/**
 * The text of an HTML body, for search and preview; it is never shown as HTML. One pass, each octet looked at a fixed number of times whatever
 * the page holds: marks that are never closed must not make readers start over.
 */
import { decodeEntities } from './entities.ts';

/** Tags that stand inside a word without parting it. */
const inline: ReadonlySet<string> = new Set(
  'a abbr acronym b bdi bdo big cite code del dfn em font i ins kbd mark nobr o:p q s samp small span strike strong sub sup tt u var wbr'.split(
    ' ',
  ),
);

/** What these hold is for machines; and where each ends. */
const silent: ReadonlyMap<string, RegExp> = new Map(
  ['script', 'style', 'template', 'title'].map((name) => [name, new RegExp(`</${name}(?=[\\s/>])`, 'gi')]),
);

const tagStart = /<(\/?)([A-Za-z][^\s/>]*)/y;

/** Text with entities decoded; a line end where an element other than an inline one begins or ends. */
export function htmlToText(html: string): string {
  const reader = new Reader(html);
  while (reader.step());
  return decodeEntities(reader.text);
}

class Reader {
  text = '';
  readonly #html: string;
  #at = 0;
  /** After a quote or a tag that is never closed, quotes mean nothing any more: looked for once, not once a tag. */
  #quotes = true;

  constructor(html: string) {
    this.#html = html;
  }

  /** Takes text up to a mark, and the mark. False at the end. */
  step(): boolean {
    const mark = this.#html.indexOf('<', this.#at);
    this.text += this.#html.slice(this.#at, mark < 0 ? this.#html.length : mark);
    if (mark < 0) return false;
    tagStart.lastIndex = mark;
    const tag = tagStart.exec(this.#html);
    if (tag !== null) return this.#tag(tag[2]?.toLowerCase() ?? '', tag[1] === '/', tagStart.lastIndex);
    if (this.#html.startsWith('<!--', mark)) return this.#skipTo(this.#html.indexOf('-->', mark + 2), 3);
    if (/[!?/]/.test(this.#html.charAt(mark + 1))) return this.#skipTo(this.#html.indexOf('>', mark), 1);
    this.text += '<';
    this.#at = mark + 1;
    return true;
  }

  #tag(name: string, closes: boolean, from: number): boolean {
    if (!inline.has(name)) this.text += '\n';
    if (!this.#skipTo(this.#endOfTag(from), 1)) return false;
    const close = silent.get(name);
    if (closes || close === undefined) return true;
    close.lastIndex = this.#at;
    return this.#skipTo(close.exec(this.#html)?.index ?? -1, 0);
  }

  /** Goes behind a mark; one that never comes hides the rest, as it does in browsers. */
  #skipTo(mark: number, length: number): boolean {
    this.#at = mark < 0 ? this.#html.length : mark + length;
    return mark >= 0;
  }

  /** The `>` of a tag, outside of its quoted values. */
  #endOfTag(from: number): number {
    const html = this.#html;
    for (let at = from; this.#quotes && at < html.length; at++) {
      const mark = html.charAt(at);
      if (mark === '>') return at;
      if (mark !== '"' && mark !== "'") continue;
      if (html.charAt(at - 1) !== '=' && !/\s/.test(html.charAt(at - 1))) continue;
      const close = html.indexOf(mark, at + 1);
      if (close < 0) break;
      at = close;
    }
    this.#quotes = false;
    return html.indexOf('>', from);
  }
}
