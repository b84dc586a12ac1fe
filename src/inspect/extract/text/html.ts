/**
 * The text of an HTML page: what people see of it, and what is hidden from them, apart. A word that invisible letters were put into is whole in
 * the first; what is said in a hidden place, a comment, an attribute or a script is in the second. So neither is a way around.
 */
import type { Dig } from '../dig.ts';
import { type Attributes, type MarkHandler, readMarks } from './marks.ts';
import { visible } from './read-text.ts';

export interface HtmlText {
  readonly shown: string;
  readonly hidden: string;
  /** Files that stand in the page itself (RFC 2397), pictures aside. */
  readonly files: readonly { readonly type: string; readonly octets: Buffer }[];
}

export async function readHtml(dig: Dig, html: string): Promise<HtmlText> {
  const page = new Page();
  await readMarks(dig, html, 'html', page);
  return page.end();
}

/** The charset that a page says it is in, for those whose mail says nothing (HTML standard, prescan). */
export function charsetOfPage(octets: Buffer): string | null {
  const head = octets.toString('latin1', 0, Math.min(octets.length, 4096));
  return /<meta[^>]{0,200}?charset\s*=\s*["']?([\w:.-]{2,40})/i.exec(head)?.[1] ?? null;
}

/** Stand inside of a word without parting it. */
const inline: ReadonlySet<string> = new Set(
  'a abbr acronym b basefont bdi bdo big cite code data del dfn em font i ins kbd label mark nobr o:p q rb rp rt ruby s samp small span strike strong sub sup time tt u var wbr'.split(
    ' ',
  ),
);
/** What they hold is not shown. */
const silent: ReadonlySet<string> = new Set(['script', 'style', 'template', 'title', 'noframes', 'object', 'datalist']);
/** Have no end tag. */
const empty: ReadonlySet<string> = new Set(
  'area base br col embed hr img input link meta param source track wbr keygen frame'.split(' '),
);
/** Attributes that hold words or addresses. */
const worded = [
  'alt',
  'title',
  'href',
  'src',
  'value',
  'placeholder',
  'content',
  'action',
  'aria-label',
  'data',
  'summary',
  'label',
  'srcdoc',
  'background',
];

const hidingStyle =
  /display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|font-size\s*:\s*0*\.?0*(?:px|pt|em|rem|%|\s*;|\s*$|\s*!)|mso-hide\s*:\s*all|opacity\s*:\s*0*\.?0*(?:\s*;|\s*$|\s*!)|max-height\s*:\s*0(?:px)?\s*(?:;|$|!)/i;

/** Open elements beyond this count are not closed by name any more; deeper pages are made to hurt. */
const levelsMax = 2000;
const filesMax = 100;
const hiddenClassesMax = 500;
/** Of styles; what is hidden behind it counts as shown, which is as well. */
const styleCharsMax = 200_000;
const styleValueMax = 4000;

class Page implements MarkHandler {
  readonly #shown: string[] = [];
  readonly #hidden: string[] = [];
  readonly #files: { type: string; octets: Buffer }[] = [];
  readonly #levels: { readonly name: string; readonly hides: boolean }[] = [];
  readonly #open = new Map<string, number>();
  readonly #hiddenClasses = new Set<string>();
  #hiding = 0;
  #style = '';
  #keepsBlanks = 0;

  open(name: string, attributes: Attributes): void {
    if (!inline.has(name)) this.#shown.push(name === 'td' || name === 'th' ? '\t' : '\n');
    if (attributes.size > 0) this.#words(attributes);
    if (empty.has(name) || this.#levels.length >= levelsMax) return;
    const hides = silent.has(name) || (attributes.size > 0 && this.#isHidden(attributes));
    this.#levels.push({ name, hides });
    this.#open.set(name, (this.#open.get(name) ?? 0) + 1);
    if (hides) this.#hiding += 1;
    if (name === 'pre') this.#keepsBlanks += 1;
  }

  close(name: string): void {
    if (!inline.has(name)) (this.#hiding > 0 ? this.#hidden : this.#shown).push('\n');
    if ((this.#open.get(name) ?? 0) === 0) return;
    for (const closed of this.#levels.splice(this.#levels.findLastIndex((open) => open.name === name))) {
      this.#open.set(closed.name, (this.#open.get(closed.name) ?? 1) - 1);
      if (closed.hides) this.#hiding -= 1;
      if (closed.name === 'pre') this.#keepsBlanks -= 1;
      if (closed.name === 'style') this.#readStyle();
    }
  }

  text(text: string): void {
    if (this.#levels.at(-1)?.name === 'style') this.#style += text;
    const joined = this.#keepsBlanks > 0 ? text : text.replace(/[ \t\n\f\r]+/g, ' ');
    (this.#hiding > 0 ? this.#hidden : this.#shown).push(joined);
  }

  /** Outlook shows what stands in its own conditional comments, so marks in them are left out. */
  comment(text: string): void {
    if (/^doctype\s+html/i.test(text)) return;
    this.#hidden.push('\n', text.replace(/<[^<>]*>/g, ' '), '\n');
  }

  unclosed(text: string): void {
    this.#hidden.push('\n', text);
  }

  end(): HtmlText {
    return { shown: tidy(this.#shown.join('')), hidden: tidy(this.#hidden.join('')), files: this.#files };
  }

  #words(attributes: Attributes): void {
    for (const name of worded) {
      const value = attributes.get(name);
      if (value === undefined || value === '') continue;
      if (/^\s*data:/i.test(value)) this.#file(value);
      else this.#hidden.push('\n', value, '\n');
    }
  }

  #isHidden(attributes: Attributes): boolean {
    if (attributes.has('hidden')) return true;
    if (hidingStyle.test((attributes.get('style') ?? '').slice(0, styleValueMax))) return true;
    if (this.#hiddenClasses.size === 0) return false;
    const names = (attributes.get('class') ?? '').split(/\s+/).map((name) => `.${name}`);
    return [...names, `#${attributes.get('id') ?? ''}`].some((name) => this.#hiddenClasses.has(name));
  }

  /** Classes and ids that a style sheet hides; rules of no other form are looked at. */
  #readStyle(): void {
    for (const rule of this.#style.slice(0, styleCharsMax).split('}')) {
      const [selectors = '', body = ''] = rule.split('{');
      if (!hidingStyle.test(body.slice(0, styleValueMax))) continue;
      for (const selector of selectors.split(',')) {
        const name = /[.#][\w-]+$/.exec(selector.trim().slice(-200))?.[0];
        if (name !== undefined && this.#hiddenClasses.size < hiddenClassesMax) this.#hiddenClasses.add(name);
      }
    }
    this.#style = '';
  }

  /** RFC 2397. */
  #file(url: string): void {
    const [, type = '', coded, data = ''] = /^\s*data:([^,]{0,200}?)(;base64)?,(.*)$/is.exec(url) ?? [];
    if (/^(?:image|font|audio|video)\/(?!svg)/i.test(type) || this.#files.length >= filesMax) return;
    const octets = coded === undefined ? Buffer.from(unescaped(data), 'latin1') : Buffer.from(data, 'base64');
    this.#files.push({ type: type.split(';', 1)[0]?.trim().toLowerCase() ?? '', octets });
  }
}

function unescaped(text: string): string {
  return Buffer.from(text, 'utf8')
    .toString('latin1')
    .replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Lines without blanks around, those of nothing left out. */
function tidy(text: string): string {
  return visible(text)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n');
}
