/**
 * An HTML text as people read it, with places: its lines, the elements that they begin in, and how much is seen in front of each. Places are octets,
 * found by a tolerant tokenizer; nothing is built up, and nothing is written back.
 */
import { Parser } from 'htmlparser2';
import { decodeBytes, htmlToText, marksOf } from '#/codec/mime/index.ts';

export interface HtmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Where its start tag begins and ends. */
  readonly at: number;
  readonly inner: number;
  /** Where its end tag begins, and the octet behind it; the end of the text where it has none. */
  close: number;
  end: number;
  readonly around: HtmlElement | null;
  /** Characters that people see in front of it, and up to its end. */
  readonly seenBefore: number;
  seenAfter: number;
}

/** What stands between two breaks. */
export interface HtmlLine {
  /** Where its first mark or letter stands. */
  readonly at: number;
  readonly inside: HtmlElement | null;
  readonly text: string;
  readonly seenBefore: number;
}

export interface HtmlLines {
  readonly elements: readonly HtmlElement[];
  readonly lines: readonly HtmlLine[];
  readonly comments: readonly { readonly at: number; readonly text: string }[];
  /** All that people see. */
  readonly seen: number;
  /** The octets as marks (`marksOf`). */
  readonly marks: string;
}

const INLINE: ReadonlySet<string> = new Set(
  'a abbr acronym b bdi bdo big cite code del dfn em font i img ins kbd mark nobr o:p q s samp small span strike strong sub sup tt u var wbr td th'.split(
    ' ',
  ),
);
const SILENT: ReadonlySet<string> = new Set(['head', 'style', 'script', 'title', 'template', 'xml']);
const VOID: ReadonlySet<string> = new Set(
  'area base br col embed hr img input link meta param source track wbr'.split(' '),
);

/** Elements beyond are not told apart; a mail of so many is no letter. */
const ELEMENTS_MAX = 50_000;

export function readHtmlLines(octets: Buffer, charset: string): HtmlLines {
  const marks = marksOf(octets, charset);
  const elements: HtmlElement[] = [];
  const lines: HtmlLine[] = [];
  const comments: { at: number; text: string }[] = [];
  const open: HtmlElement[] = [];
  let seen = 0;
  let silent = 0;
  let line: { at: number; inside: HtmlElement | null; text: string; seenBefore: number } | null = null;

  const flush = (): void => {
    if (line !== null && line.text.trim() !== '') lines.push(line);
    line = null;
  };
  const begin = (at: number): NonNullable<typeof line> =>
    (line ??= { at, inside: open.at(-1) ?? null, text: '', seenBefore: seen });
  const closeElement = (element: HtmlElement, close: number, end: number): void => {
    element.close = close;
    element.end = end;
    element.seenAfter = seen;
  };

  const parser: Parser = new Parser(
    {
      onopentag(name, attributes) {
        if (!INLINE.has(name)) flush();
        if (elements.length < ELEMENTS_MAX) {
          const inner = parser.endIndex + 1;
          const place = { at: parser.startIndex, inner, close: inner, end: inner };
          const element = {
            name,
            attributes,
            ...place,
            around: open.at(-1) ?? null,
            seenBefore: seen,
            seenAfter: seen,
          };
          elements.push(element);
          if (!VOID.has(name)) open.push(element);
          if (name === 'img') seen += 1;
          if (name === 'img') element.seenAfter = seen;
        }
        if (SILENT.has(name)) silent += 1;
        if (INLINE.has(name)) begin(parser.startIndex);
      },
      onclosetag(name, isImplied) {
        if (VOID.has(name)) return;
        if (!INLINE.has(name)) flush();
        if (SILENT.has(name)) silent = Math.max(0, silent - 1);
        const at = open.findLastIndex((one) => one.name === name);
        if (at < 0) return;
        const end = isImplied ? parser.startIndex : parser.endIndex + 1;
        for (const one of open.splice(at)) closeElement(one, parser.startIndex, end);
      },
      ontext() {
        if (silent > 0) return;
        const [from, to] = [parser.startIndex, parser.endIndex + 1];
        const text = shown(octets.subarray(from, to), marks.slice(from, to), charset);
        if (text.trim() === '' && line === null) return;
        begin(from).text += text;
        seen += text.replace(/[\s\u00a0\u200b\ufeff]+/g, '').length;
      },
      oncomment(text) {
        comments.push({ at: parser.startIndex, text });
      },
    },
    { decodeEntities: false, lowerCaseTags: true, lowerCaseAttributeNames: true },
  );
  parser.write(marks);
  parser.end();
  flush();
  for (const one of open) closeElement(one, marks.length, marks.length);
  return { elements, lines, comments, seen, marks };
}

function shown(octets: Buffer, marks: string, charset: string): string {
  const isPlain = !octets.includes(0x1b) && !/[\u0080-\u00ff]/.test(marks);
  const text = isPlain ? marks : decodeBytes(octets, charset);
  const joined = text.replace(/\s+/g, ' ');
  return joined.includes('&') ? htmlToText(joined) : joined;
}
