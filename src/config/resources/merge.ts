/**
 * One thing of a resource file laid over the same thing in the registry: what the file says replaces, what it leaves out stays, `null`
 * takes away. What changed is told in plain words.
 */
import { isDeepStrictEqual } from 'node:util';

/** A record of values that JSON can hold. */
export type Fields = Readonly<Record<string, unknown>>;

/** What became of the fields of one thing. */
export interface Merged {
  readonly fields: Fields;
  /** `displayName: Bob → Robert`; empty where nothing changed. */
  readonly changes: readonly string[];
}

/** Lays `given` over `old`, key by key; the keys of `inner` maps are merged one level down. */
export function mergeFields(old: Fields, given: Fields, inner: readonly string[] = []): Merged {
  const fields: Record<string, unknown> = { ...old };
  const changes: string[] = [];
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (inner.includes(key) && isFields(value)) {
      const merged = mergeFields(isFields(old[key]) ? old[key] : {}, value);
      fields[key] = merged.fields;
      changes.push(...merged.changes);
    } else if (!isSame(old[key], value)) {
      changes.push(`${key}: ${formatValue(old[key])} → ${formatValue(value)}`);
      if (value === null) delete fields[key];
      else fields[key] = value;
    }
  }
  return { fields, changes };
}

/** Whether two things say the same, `undefined`, `null` and absent being one. */
export function isSame(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' && typeof other !== 'object') return (one ?? null) === (other ?? null);
  return isDeepStrictEqual(normal(one), normal(other));
}

// A file of ten thousand users compares a hundred thousand lists: plain walks, no detour over text.
function normal(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.map(normal);
  if (typeof value !== 'object') return value;
  const entries = Object.entries(value).filter((entry) => entry[1] !== undefined);
  return Object.fromEntries(entries.map(([key, inner]) => [key, normal(inner)]));
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const SHOWN_CHARACTERS_MAX = 80;

function formatValue(value: unknown): string {
  if (value === undefined || value === null) return 'none';
  if (typeof value === 'string') return cut(value === '' ? "''" : value);
  if (Array.isArray(value)) return value.length === 0 ? 'none' : cut(value.map(formatItem).join(', '));
  return cut(formatItem(value));
}

function formatItem(value: unknown): string {
  if (!isFields(value)) return String(value);
  return Object.entries(value)
    .filter((entry) => entry[1] !== undefined)
    .map(([key, inner]) => `${key} ${formatItem(inner)}`)
    .join(' ');
}

function cut(text: string): string {
  return text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX - 1)}…` : text;
}
