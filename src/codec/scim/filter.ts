/** Filters (RFC 7644 §3.4.2.2): text into a tree, and whether a resource matches it. Length and depth are bounded; nothing of it is a regular expression. */
import { attributeOf, isList, isObject, type Json, type JsonObject, ScimError, wordOf } from './json.ts';
import { type AttributeName, attributeName } from './names.ts';

export type Filter =
  | { readonly kind: 'and' | 'or'; readonly left: Filter; readonly right: Filter }
  | { readonly kind: 'not'; readonly inner: Filter }
  | { readonly kind: 'has'; readonly attribute: AttributeName }
  | { readonly kind: 'compare'; readonly attribute: AttributeName; readonly operator: Comparison; readonly value: Json }
  /** `emails[type eq "work"]`. */
  | { readonly kind: 'among'; readonly attribute: AttributeName; readonly inner: Filter };

const COMPARISONS = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const;
export type Comparison = (typeof COMPARISONS)[number];

const CHARS_MAX = 2_000;
const DEPTH_MAX = 20;
const TOKEN = /\s*(?:([()[\]])|("(?:[^"\\]|\\.)*")|([^\s()[\]"]+))/y;

/** Throws a `ScimError` (`invalidFilter`). */
export function parseFilter(text: string): Filter {
  if (text.length > CHARS_MAX) throw wrong('it is too long');
  const reader = new Reader(tokensOf(text));
  const filter = reader.or(0);
  reader.end();
  return filter;
}

export function matches(filter: Filter, resource: JsonObject): boolean {
  switch (filter.kind) {
    case 'and':
      return matches(filter.left, resource) && matches(filter.right, resource);
    case 'or':
      return matches(filter.left, resource) || matches(filter.right, resource);
    case 'not':
      return !matches(filter.inner, resource);
    case 'has':
      return valuesAt(resource, filter.attribute).some((value) => value !== null && value !== '');
    case 'among':
      return valuesAt(resource, filter.attribute).some((value) => isObject(value) && matches(filter.inner, value));
    case 'compare': {
      const values = valuesAt(resource, filter.attribute);
      if (filter.operator === 'ne') return !values.some((value) => compares(value, 'eq', filter.value));
      return values.some((value) => compares(value, filter.operator, filter.value));
    }
  }
}

/** All values that an attribute has; a list's own, one by one, and of complex ones without a part their `value`. */
function valuesAt(resource: JsonObject, { schema, name, part }: AttributeName): readonly Json[] {
  const home = schema === null ? resource : attributeOf(resource, schema);
  const found = isObject(home) ? attributeOf(home, name) : undefined;
  if (found === undefined) return [];
  const list = isList(found) ? found : [found];
  if (part === null) return list;
  return list.flatMap((each) => (isObject(each) ? [attributeOf(each, part) ?? null] : []));
}

function compares(found: Json, operator: Comparison, wanted: Json): boolean {
  const value = isObject(found) ? (attributeOf(found, 'value') ?? null) : found;
  if (typeof value === 'string' && typeof wanted === 'string') return comparesText(value, operator, wanted);
  if (typeof value === 'number' && typeof wanted === 'number') return comparesOrder(value - wanted, operator);
  return operator === 'eq' && (value === wanted || wordOf(value).toLowerCase() === wordOf(wanted).toLowerCase());
}

function comparesText(value: string, operator: Comparison, wanted: string): boolean {
  const [one, other] = [value.toLowerCase(), wanted.toLowerCase()];
  if (operator === 'co') return one.includes(other);
  if (operator === 'sw') return one.startsWith(other);
  if (operator === 'ew') return one.endsWith(other);
  return comparesOrder(one === other ? 0 : one < other ? -1 : 1, operator);
}

function comparesOrder(order: number, operator: Comparison): boolean {
  if (operator === 'eq') return order === 0;
  if (operator === 'gt') return order > 0;
  if (operator === 'ge') return order >= 0;
  if (operator === 'lt') return order < 0;
  return operator === 'le' && order <= 0;
}

function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; text.slice(at).trim() !== ''; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (found === null) throw wrong('a quotation mark is never closed');
    tokens.push(found[1] ?? found[2] ?? found[3] ?? '');
  }
  return tokens;
}

class Reader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  or(depth: number): Filter {
    let left = this.#and(depth);
    while (this.#takes('or')) left = { kind: 'or', left, right: this.#and(depth) };
    return left;
  }

  end(): void {
    if (this.#at < this.#tokens.length) throw wrong(`“${this.#tokens[this.#at]}” is not expected`);
  }

  #and(depth: number): Filter {
    let left = this.#one(depth);
    while (this.#takes('and')) left = { kind: 'and', left, right: this.#one(depth) };
    return left;
  }

  #one(depth: number): Filter {
    if (depth > DEPTH_MAX) throw wrong('it is nested too deeply');
    if (this.#takes('not')) return { kind: 'not', inner: this.#inner('(', ')', depth) };
    if (this.#tokens[this.#at] === '(') return this.#inner('(', ')', depth);
    const attribute = attributeName(this.#next());
    if (attribute === null) throw wrong('an attribute is expected');
    if (this.#tokens[this.#at] === '[') return { kind: 'among', attribute, inner: this.#inner('[', ']', depth) };
    const word = this.#next().toLowerCase();
    if (word === 'pr') return { kind: 'has', attribute };
    const operator = COMPARISONS.find((each) => each === word);
    if (operator === undefined) throw wrong(`“${word}” is no operator`);
    return { kind: 'compare', attribute, operator, value: literal(this.#next()) };
  }

  #inner(open: string, close: string, depth: number): Filter {
    if (this.#next() !== open) throw wrong(`“${open}” is expected`);
    const inner = this.or(depth + 1);
    if (this.#next() !== close) throw wrong(`“${close}” is expected`);
    return inner;
  }

  #takes(word: string): boolean {
    if (this.#tokens[this.#at]?.toLowerCase() !== word) return false;
    this.#at += 1;
    return true;
  }

  #next(): string {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw wrong('it ends too early');
    this.#at += 1;
    return token;
  }
}

function literal(token: string): Json {
  try {
    const value = JSON.parse(token.replace(/^(?:True|False)$/, (word) => word.toLowerCase())) as Json;
    if (!isObject(value) && !isList(value)) return value;
  } catch {
    // Said below.
  }
  throw wrong(`“${token}” is no value`);
}

function wrong(why: string): ScimError {
  return new ScimError(400, 'invalidFilter', `The filter can't be read: ${why}.`);
}
