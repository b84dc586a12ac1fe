/**
 * PATCH (RFC 7644 §3.5.2) as Entra ID and Okta send it: operations in any case, truth values as text, an element that a filter names and nobody has, names with
 * points in place of paths. Resources are copied, never changed.
 */
import { type Filter, matches, parseFilter } from './filter.ts';
import { attributeOf, isList, isObject, type Json, type JsonObject, ScimError, withValue, wordOf } from './json.ts';
import { type AttributeName, attributeName } from './names.ts';

export interface PatchOperation {
  readonly op: 'add' | 'replace' | 'remove';
  /** Null: the value is a resource in part. */
  readonly path: PatchPath | null;
  readonly value: Json | undefined;
}

export interface PatchPath {
  readonly attribute: AttributeName;
  /** Which elements of a list. */
  readonly filter: Filter | null;
}

const OPERATIONS_MAX = 1_000;
const LIST_MAX = 1_000;
const LISTS = ['emails', 'phonenumbers', 'addresses', 'photos', 'ims', 'roles', 'entitlements', 'members'];

/** Of a body. Throws a `ScimError`. */
export function patchOperations(body: Json): readonly PatchOperation[] {
  const list = isObject(body) ? attributeOf(body, 'Operations') : undefined;
  if (!isList(list) || list.length === 0) throw new ScimError(400, 'invalidSyntax', 'There are no Operations.');
  if (list.length > OPERATIONS_MAX)
    throw new ScimError(400, 'tooMany', `At most ${OPERATIONS_MAX} Operations at once.`);
  return list.map(operationOf);
}

/** The resource behind all of them. */
export function patched(resource: JsonObject, operations: readonly PatchOperation[]): JsonObject {
  return operations.reduce(applied, resource);
}

function operationOf(raw: Json): PatchOperation {
  if (!isObject(raw)) throw new ScimError(400, 'invalidSyntax', 'An operation is an object.');
  const word = wordOf(attributeOf(raw, 'op') ?? '').toLowerCase();
  if (word !== 'add' && word !== 'replace' && word !== 'remove')
    throw new ScimError(400, 'invalidSyntax', `“${word}” is no operation: add, replace or remove.`);
  const path = attributeOf(raw, 'path');
  const value = attributeOf(raw, 'value');
  const isWhole = path === undefined || path === null || path === '';
  if (isWhole && word === 'remove') throw new ScimError(400, 'noTarget', 'remove needs a path.');
  if (isWhole && !isObject(value)) throw new ScimError(400, 'invalidValue', 'Without a path the value is an object.');
  if (word !== 'remove' && value === undefined) throw new ScimError(400, 'invalidValue', `${word} needs a value.`);
  return { op: word, path: isWhole ? null : pathOf(wordOf(path)), value };
}

function pathOf(text: string): PatchPath {
  const [, before = '', inner, after = ''] = /^([^[\]]+)(?:\[(.*)\](\.[A-Za-z$][\w$-]*)?)?$/s.exec(text) ?? [];
  const attribute = attributeName(`${before}${after}`);
  if (attribute === null) throw new ScimError(400, 'invalidPath', `“${text.slice(0, 200)}” is no path.`);
  return { attribute, filter: inner === undefined ? null : parseFilter(inner) };
}

function applied(resource: JsonObject, { op, path, value }: PatchOperation): JsonObject {
  if (path !== null) return inSchema(resource, path.attribute.schema, (home) => changed(home, op, path, value));
  let next = resource;
  for (const [name, each] of Object.entries(isObject(value) ? value : {})) {
    // An extension stands under its URN, or its attributes under the URN and their names.
    if (/^urn:/i.test(name) && isObject(each)) {
      const parts = Object.entries(each).map(([inner, its]) => ({ op, path: pathOf(`${name}:${inner}`), value: its }));
      next = patched(next, parts);
    } else next = applied(next, { op, path: pathOf(name), value: each });
  }
  return next;
}

function inSchema(resource: JsonObject, schema: string | null, change: (home: JsonObject) => JsonObject): JsonObject {
  if (schema === null) return change(resource);
  const home = attributeOf(resource, schema);
  return withValue(resource, schema, change(isObject(home) ? home : {}));
}

function changed(home: JsonObject, op: PatchOperation['op'], path: PatchPath, value: Json | undefined): JsonObject {
  const { name, part } = path.attribute;
  const now = attributeOf(home, name);
  if (path.filter !== null) return withValue(home, name, amongOf(now, op, path, path.filter, value));
  if (part !== null) {
    const inner = isObject(now) ? now : {};
    return withValue(home, name, withValue(inner, part, op === 'remove' ? undefined : value));
  }
  if (op === 'remove')
    return withValue(home, name, value === undefined || !isList(now) ? undefined : without(now, value));
  if (!LISTS.includes(name.toLowerCase())) return withValue(home, name, value);
  const given = isList(value) ? value : value === undefined ? [] : [value];
  return withValue(home, name, bounded(op === 'add' && isList(now) ? joined(now, given) : given));
}

function amongOf(
  now: Json | undefined,
  op: PatchOperation['op'],
  { attribute: { part } }: PatchPath,
  filter: Filter,
  value: Json | undefined,
): Json | undefined {
  const list = isList(now) ? now : [];
  const hit = (each: Json): boolean => isObject(each) && matches(filter, each);
  if (op === 'remove' && part === null) return list.filter((each) => !hit(each));
  const change = (each: JsonObject): JsonObject => {
    if (part !== null) return withValue(each, part, op === 'remove' ? undefined : value);
    return isObject(value) ? { ...each, ...value } : withValue(each, 'value', value);
  };
  if (list.some(hit)) return list.map((each) => (isObject(each) && hit(each) ? change(each) : each));
  if (op === 'remove') return now;
  // Entra ID sets `emails[type eq "work"].value` of people who have none.
  return bounded([...list, change(meant(filter))]);
}

/** The element that a filter describes. */
function meant(filter: Filter): JsonObject {
  if (filter.kind === 'and') return { ...meant(filter.left), ...meant(filter.right) };
  if (filter.kind === 'compare' && filter.operator === 'eq' && filter.attribute.part === null)
    return { [filter.attribute.name]: filter.value };
  throw new ScimError(400, 'noTarget', 'Nothing matches the filter of the path.');
}

function joined(now: readonly Json[], more: readonly Json[]): readonly Json[] {
  const isNew = (each: Json): boolean => !now.some((old) => JSON.stringify(old) === JSON.stringify(each));
  return [...now, ...more.filter(isNew)];
}

function without(now: readonly Json[], value: Json): readonly Json[] {
  const gone = (isList(value) ? value : [value]).map((each) => JSON.stringify(keyOf(each)));
  return now.filter((each) => !gone.includes(JSON.stringify(keyOf(each))));
}

function keyOf(element: Json): Json {
  return isObject(element) ? (attributeOf(element, 'value') ?? element) : element;
}

function bounded(list: readonly Json[]): readonly Json[] {
  if (list.length > LIST_MAX) throw new ScimError(400, 'tooMany', `A list has at most ${LIST_MAX} values.`);
  return list;
}
