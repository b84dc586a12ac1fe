/**
 * Where the newest text of an HTML mail ends: in front of what it answers to or forwards, by the marks that mail programs put there (`id`, `class`,
 * `blockquote type=cite`), by the lines above a quoted text, and by rules. Where the newest text stands below or among what is quoted, at the end.
 *
 * What must never happen: a place inside of a tag; a signature in a text that somebody else wrote.
 */
import { type HtmlElement, type HtmlLine, type HtmlLines, readHtmlLines } from './html-lines.ts';
import type { Newest } from './newest-text.ts';
import { isAttribution, isQuotedHeader, isQuoteRule } from './quote-words.ts';

/** Elements that a quoted text follows: all behind them is old. */
const FOLLOWED_IDS: ReadonlySet<string> = new Set([
  'divrplyfwdmsg',
  'appendonsend',
  'mail-editor-reference-message-container',
  'olk_src_body_section',
  'stopspelling',
  'reply-intro',
  'replyheader',
  'forwardheader',
  'yahooquote',
  'isforwardcontent',
  'isreplycontent',
  'ms-outlook-reference-message',
]);
const FOLLOWED_CLASSES: ReadonlySet<string> = new Set(['moz-forward-container', 'moz-email-headers-table']);
/** Elements that hold a quoted text: something new may stand behind them. */
const HOLDING_CLASSES: ReadonlySet<string> = new Set([
  'gmail_quote',
  'gmail_extra',
  'gmail_quote_container',
  'yahoo_quoted',
  'ymail_quoted',
  'protonmail_quote',
  'tutanota_quote',
  'zmail_extra',
  'yj6qo',
  'moz-cite-prefix',
  'reply_quote',
  'mailquote',
]);
const HEADER_LINES = 8;

/** With the ends of the text, between which everything of ours stands. */
export interface NewestHtml extends Newest {
  /** Behind all that the text has, within `body`. */
  readonly last: number;
  /** In front of all of it. */
  readonly first: number;
}

interface Cut {
  readonly at: number;
  readonly inside: HtmlElement | null;
  readonly seenBefore: number;
  /** Null where all behind it is old. */
  readonly holder: HtmlElement | null;
}

export function newestOfHtml(octets: Buffer, charset: string): NewestHtml {
  const page = readHtmlLines(octets, charset);
  const cut = firstOf([...cutsByElement(page), ...cutsByLine(page)]);
  const ends = { first: firstPlace(page), last: lastPlace(page) };
  if (cut === null) return { ...ends, end: null, text: textUpTo(page, null) };
  // Below or among what is quoted: the newest text is at the end.
  if (cut.holder !== null && isNewBehind(page, cut.holder)) return { ...ends, end: null, text: unquotedText(page) };
  return { ...ends, end: climbed(cut), text: textUpTo(page, cut.at) };
}

function firstOf(cuts: readonly Cut[]): Cut | null {
  return cuts.reduce<Cut | null>((best, cut) => (best === null || cut.at < best.at ? cut : best), null);
}

function* cutsByElement(page: HtmlLines): Generator<Cut> {
  for (const [i, element] of page.elements.entries()) {
    const { name, attributes } = element;
    const id = (attributes.id ?? '').toLowerCase();
    const classes = (attributes.class ?? '').toLowerCase().split(/\s+/);
    if (FOLLOWED_IDS.has(id) || classes.some((one) => FOLLOWED_CLASSES.has(one))) {
      yield behindRule(page, i, { ...placeOf(element), holder: null });
      return;
    }
    const holds = classes.some((one) => HOLDING_CLASSES.has(one)) || isCite(name, attributes);
    if (!holds) continue;
    const prefixed = name === 'blockquote' ? underAttribution(page, element) : null;
    yield { ...(prefixed ?? placeOf(element)), holder: lastHolder(page, element) };
    return;
  }
}

function isCite(name: string, attributes: Readonly<Record<string, string>>): boolean {
  if (name !== 'blockquote') return false;
  if (attributes.type?.toLowerCase() === 'cite' || attributes.cite !== undefined) return true;
  // Webmails that mark what they quote by nothing but a bar at its side.
  return /border-left\s*:[^;]*(?:solid|\d)/i.test(attributes.style ?? '');
}

/** Of a prefix, the quotation that follows it. */
function lastHolder(page: HtmlLines, element: HtmlElement): HtmlElement {
  if (!/moz-cite-prefix/i.test(element.attributes.class ?? '')) return element;
  return page.elements.find((one) => one.at > element.at && one.name === 'blockquote') ?? element;
}

/** The line above that says whose it is belongs to what is quoted. */
function underAttribution(page: HtmlLines, { at }: HtmlElement): Pick<Cut, 'at' | 'inside' | 'seenBefore'> | null {
  const above = page.lines.findLast((line) => line.at < at);
  return above !== undefined && isAttribution(above.text.trim()) ? lineStart(above) : null;
}

function* cutsByLine(page: HtmlLines): Generator<Cut> {
  for (const [i, line] of page.lines.entries()) {
    const text = line.text.trim();
    const following = page.lines.slice(i + 1, i + 1 + HEADER_LINES).map((one) => one.text.trim());
    if (!isQuoteRule(text) && !isQuotedHeader(text, following)) continue;
    const start = lineStart(line);
    const element = page.elements.findLastIndex((one) => one.at <= start.at);
    yield behindRule(page, element, { ...start, holder: null });
    return;
  }
}

function lineStart(line: HtmlLine): Pick<Cut, 'at' | 'inside' | 'seenBefore'> {
  return { at: line.at, inside: line.inside, seenBefore: line.seenBefore };
}

/** A rule above what is quoted belongs to it. */
function behindRule(page: HtmlLines, index: number, cut: Cut): Cut {
  for (let i = index; i >= 0 && index - i <= 6; i--) {
    const element = page.elements[i];
    if (element === undefined || element.at > cut.at || element.seenBefore < cut.seenBefore) continue;
    if (element.name === 'hr' && element.seenBefore === cut.seenBefore)
      return { ...placeOf(element), holder: cut.holder };
  }
  return cut;
}

function placeOf(element: HtmlElement): Pick<Cut, 'at' | 'inside' | 'seenBefore'> {
  return { at: element.at, inside: element.around, seenBefore: element.seenBefore };
}

function isNewBehind(page: HtmlLines, holder: HtmlElement): boolean {
  if (page.seen <= holder.seenAfter) return false;
  const quotes = quotesOf(page);
  return page.lines.some((line) => line.at >= holder.end && !isLeftover(line.text) && !quotes.some(holds(line)));
}

/** What programs leave behind a quotation: a dash, a dot, a mark of their own. */
function isLeftover(text: string): boolean {
  return text.replace(/[\s\u00a0\u200b-]+/g, '').length <= 1;
}

const NEVER_LEFT: ReadonlySet<string> = new Set(['body', 'html', 'td', 'th', 'tr', 'tbody', 'table']);

/** In front of the outermost element that begins with what is quoted: never inside of its frame. */
function climbed({ at, inside, seenBefore }: Cut): number {
  let place = at;
  for (let around = inside; around !== null && !NEVER_LEFT.has(around.name); around = around.around) {
    if (around.seenBefore < seenBefore || (seenBefore === 0 && around.around?.name === 'body')) break;
    place = around.at;
  }
  return place;
}

function firstPlace({ elements }: HtmlLines): number {
  const body = elements.find(({ name }) => name === 'body');
  if (body !== undefined) return body.inner;
  const head = elements.find(({ name }) => name === 'head') ?? null;
  return head?.end ?? elements.find(({ name }) => name === 'html')?.inner ?? 0;
}

/** In front of `</body>`, of `</html>`, or the end, its last line end aside. */
function lastPlace({ elements, marks }: HtmlLines): number {
  for (const name of ['body', 'html']) {
    const found = elements.findLast((one) => one.name === name);
    if (found !== undefined && marks.startsWith('</', found.close)) return found.close;
  }
  return /\r?\n?$/.exec(marks)?.index ?? marks.length;
}

function textUpTo(page: HtmlLines, at: number | null): string {
  return page.lines
    .filter((line) => at === null || line.at < at)
    .map(({ text }) => text.trim())
    .join('\n');
}

function quotesOf(page: HtmlLines): readonly HtmlElement[] {
  return page.elements.filter(({ name }) => name === 'blockquote');
}

function holds({ at }: HtmlLine): (element: HtmlElement) => boolean {
  return (element) => at > element.at && at < element.end;
}

function unquotedText(page: HtmlLines): string {
  const quotes = quotesOf(page);
  return page.lines
    .filter((line) => !quotes.some(holds(line)))
    .map(({ text }) => text.trim())
    .join('\n');
}
