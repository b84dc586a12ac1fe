/** Structured fields of MIME: tokens and parameters (RFC 2045 §5.1, RFC 2183 §2, RFC 2231). Whatever a mailer wrote is read as far as it goes. */
import { decodeBytes } from './charset.ts';
import { parameterCharsMax, parametersMax } from './limits.ts';
import type { Parameter } from './message.ts';
import { endOfComment, endOfQuoted, unquotedPiece } from './pieces.ts';

/** A field with a first word and parameters. */
export interface ParametrizedValue {
  /** As it stands, without comments and blanks around it. */
  readonly value: string;
  readonly parameters: readonly Parameter[];
}

/** Splits a field's value at its first `;`. */
export function parseParametrized(text: string): ParametrizedValue {
  const split = text.indexOf(';');
  const value = withoutComment(split < 0 ? text : text.slice(0, split));
  return { value, parameters: split < 0 ? [] : joinContinuations(readParameters(text, split)) };
}

/** A parameter's value, its RFC 2231 marks read; null where it is not there. Names in lower case. */
export function parameterOf(parameters: readonly Parameter[], name: string): string | null {
  const marked = parameters.find(([candidate]) => candidate === `${name}*`);
  if (marked !== undefined) return decodeMarked(marked[1]);
  return parameters.find(([candidate]) => candidate === name)?.[1] ?? null;
}

/** RFC 2231 §4: charset'language'text with %XX. */
function decodeMarked(value: string): string {
  const [, charset = '', text = value] = /^([^']*)'[^']*'(.*)$/s.exec(value) ?? [];
  const octets = text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  // Raw letters among the marked ones are not allowed; they are what they are.
  return /[^\0-\xff]/.test(octets) ? octets : decodeBytes(Buffer.from(octets, 'latin1'), charset);
}

const parameterName = /[^\s=;()"]+/y;
const ignorable = /[\s;]+/y;

function readParameters(text: string, from: number): Parameter[] {
  const parameters: Parameter[] = [];
  let at = from;
  while (at < text.length && parameters.length < parametersMax) {
    at = skip(ignorable, text, at);
    if (text[at] === '(') {
      at = endOfComment(text, at);
      continue;
    }
    const nameEnd = skip(parameterName, text, at);
    const name = text.slice(at, nameEnd).toLowerCase();
    const equals = skipBlanks(text, nameEnd);
    if (text[equals] !== '=' || name === '') {
      // No parameter: at least one character is passed over.
      at = Math.max(equals, at + 1);
      continue;
    }
    const { value, end } = readValue(text, skipBlanks(text, equals + 1));
    parameters.push([name, value.slice(0, parameterCharsMax).toWellFormed()]);
    at = end;
  }
  return parameters;
}

function readValue(text: string, from: number): { readonly value: string; readonly end: number } {
  if (text[from] === '"') {
    const end = endOfQuoted(text, from);
    return { value: unquotedPiece(text.slice(from, end)), end };
  }
  const semicolon = text.indexOf(';', from);
  const end = semicolon < 0 ? text.length : semicolon;
  return { value: withoutComment(text.slice(from, end)), end };
}

/** A word and the comment behind it, as in `us-ascii (Plain text)`; file names with brackets inside stay whole. */
function withoutComment(text: string): string {
  const value = text.trim();
  const open = value.indexOf('(');
  if (open < 0 || endOfComment(value, open) < value.length || !value.endsWith(')')) return value;
  return /^[^\s(]+\s*$/.test(value.slice(0, open)) ? value.slice(0, open).trimEnd() : value;
}

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return at + (pattern.exec(text)?.[0].length ?? 0);
}

function skipBlanks(text: string, at: number): number {
  let end = at;
  while (end < text.length && /\s/.test(text.charAt(end))) end += 1;
  return end;
}

interface Section {
  readonly number: number;
  readonly marked: boolean;
  readonly value: string;
}

/** RFC 2231 §3: `name*0`, `name*1*` … become `name` or, where a section is marked, `name*`. Stands where the first section stood. */
function joinContinuations(parameters: readonly Parameter[]): Parameter[] {
  const sections = new Map<string, Section[]>();
  const joined: (Parameter | string)[] = [];
  for (const parameter of parameters) {
    const [, name, number, mark] = /^([^*]+)\*([0-9]{1,3})(\*?)$/.exec(parameter[0]) ?? [];
    if (name === undefined) {
      joined.push(parameter);
      continue;
    }
    const list = sections.get(name) ?? [];
    if (list.length === 0) joined.push(name);
    list.push({ number: Number(number), marked: mark === '*', value: parameter[1] });
    sections.set(name, list);
  }
  return joined.map((entry) => (typeof entry === 'string' ? join(entry, sections.get(entry) ?? []) : entry));
}

function join(name: string, sections: readonly Section[]): Parameter {
  const ordered = sections.toSorted((a, b) => a.number - b.number);
  if (!ordered.some((section) => section.marked)) return [name, textOf(ordered, (section) => section.value)];
  const charset = ordered[0]?.marked === true ? '' : "''";
  const text = textOf(ordered, ({ marked, value }) => (marked ? value : value.replace(/[%']/g, escapeOctet)));
  return [`${name}*`, charset + text];
}

function textOf(sections: readonly Section[], read: (section: Section) => string): string {
  return sections.map(read).join('').slice(0, parameterCharsMax).toWellFormed();
}

/** Plain sections beside marked ones hold `%` as itself. */
function escapeOctet(octet: string): string {
  return `%${octet.charCodeAt(0).toString(16).toUpperCase()}`;
}
