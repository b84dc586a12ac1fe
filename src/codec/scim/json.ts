/** Resources of SCIM as they come: JSON whose names of attributes are compared without case (RFC 7643 §2.1). */

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

/** The name under which an attribute stands there, in any case; else as given. */
export function nameIn(object: JsonObject, name: string): string {
  const wanted = name.toLowerCase();
  return Object.keys(object).find((each) => each.toLowerCase() === wanted) ?? name;
}

export function attributeOf(object: JsonObject, name: string): Json | undefined {
  const key = nameIn(object, name);
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** A plain value as text; of what is none, its JSON. */
export function wordOf(value: Json | undefined): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** A copy with another value; `undefined` takes the attribute away. */
export function withValue(object: JsonObject, name: string, value: Json | undefined): JsonObject {
  const key = nameIn(object, name);
  const rest = Object.entries(object).filter(([each]) => each !== key);
  // As `Object.fromEntries` does, a name such as `__proto__` becomes an attribute and nothing else.
  return Object.fromEntries(value === undefined ? rest : [...rest, [key, value]]);
}

/** What a request gets wrong, in the words of RFC 7644 §3.12 (`scimType`). */
export class ScimError extends Error {
  readonly status: number;
  readonly scimType: string | null;

  constructor(status: number, scimType: string | null, message: string) {
    super(message);
    this.name = 'ScimError';
    this.status = status;
    this.scimType = scimType;
  }
}
