/**
 * Templates of signatures: Liquid, with what people of the directory are filled in. A template is read once, with its mistakes, and filled in for each
 * mail. What is filled in is text and never marks: in HTML it is escaped. A line whose placeholders all stay empty vanishes, with
 * the words around them (`Tel: {{ phone }}`).
 *
 * What must never happen: a file or another template that is read; a template that runs without end; a value of the directory that becomes a mark, a
 * script, or an address that a program runs.
 */
import { Liquid, type Template } from 'liquidjs';
import { htmlToText } from '#/codec/mime/index.ts';
import { VALUE_BEGIN, VALUE_END } from './fences.ts';
import { htmlWithout, textWithout } from './vanish.ts';

/** What a template can name: attributes of the sender under their own names, and `manager`, `now`, `recipient`. */
export type Values = Readonly<Record<string, unknown>>;

export interface CompiledTemplate {
  /** @throws Error with a sentence for people, where the template can't be filled in. */
  fill(values: Values): string;
}

/** Characters of a template, and of what becomes of it. */
export const TEMPLATE_CHARS_MAX = 65_536;
const FILLED_CHARS_MAX = 131_072;
/** Of the machine's time, which may be busy with other things: for a template that runs without end, and no other. */
const RENDER_MS = 2_000;

const FENCES = /[\ue0f0\ue0f1]/g;

/** Tags that read other templates; and a filter that leaves values as they are. */
const REFUSED_TAGS = ['include', 'render', 'layout', 'block'] as const;

const htmlEngine = engine((value) => escaped(value).replace(/\r?\n/g, '<br>'));
const textEngine = engine((value) => value);

/** @throws Error whose message says what is wrong, and in which line. */
export function compileHtml(template: string): CompiledTemplate {
  const read = parsed(htmlEngine, template);
  return { fill: (values) => htmlWithout(filled(htmlEngine, read, values)) };
}

/** @throws Error as above. */
export function compileText(template: string): CompiledTemplate {
  const read = parsed(textEngine, template);
  return { fill: (values) => textWithout(filled(textEngine, read, values)).replace(/\s+$/, '') };
}

/** The text of a signature that has HTML alone. */
export function textOfHtml(html: string): string {
  const lines = htmlToText(html)
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' ').trim());
  return lines
    .filter((line, i) => line !== '' || (lines[i - 1] ?? '') !== '')
    .join('\n')
    .trim();
}

/** The HTML of a signature that has text alone. */
export function htmlOfText(text: string): string {
  return escaped(text).replace(/\r?\n/g, '<br>\n');
}

function engine(shown: (value: string) => string): Liquid {
  const liquid = new Liquid({
    outputEscape: (value: unknown) => VALUE_BEGIN + shown(textOf(value)) + VALUE_END,
    ownPropertyOnly: true,
    strictFilters: true,
    parseLimit: TEMPLATE_CHARS_MAX,
    renderLimit: RENDER_MS,
    memoryLimit: 1_000_000,
    // Nothing is read from anywhere.
    templates: {},
  });
  for (const tag of REFUSED_TAGS) delete liquid.tags[tag];
  delete liquid.filters.raw;
  return liquid;
}

function textOf(value: unknown): string {
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  if (!isPlain) return '';
  return String(value).replace(FENCES, '').trim();
}

function parsed(liquid: Liquid, template: string): Template[] {
  if (template.length > TEMPLATE_CHARS_MAX) throw new Error(`it is longer than ${TEMPLATE_CHARS_MAX} characters`);
  if (FENCES.test(template)) throw new Error('it holds characters of the private use area that are ours');
  try {
    return liquid.parse(template);
  } catch (error) {
    throw new Error(sentenceOf(error), { cause: error });
  }
}

function filled(liquid: Liquid, template: Template[], values: Values): string {
  const text: unknown = liquid.renderSync(template, values);
  if (typeof text !== 'string' || text.length > FILLED_CHARS_MAX)
    throw new Error(`it becomes longer than ${FILLED_CHARS_MAX} characters`);
  return text;
}

/** `tag "include" not found, line:2, col:1` → in our words. */
function sentenceOf(error: unknown): string {
  const said = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  const [, what = said, line] = /^(.*?), line:(\d+), col:\d+/.exec(said) ?? [];
  return line === undefined ? what : `line ${line}: ${what}`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => ESCAPES[mark] ?? mark);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
