/** The one text of a value: keys sorted, nothing undefined. Equal values have equal texts, however they were written. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`;
}

/** A list that is a set: in one order, nothing twice. */
export function asSet<Item>(items: readonly Item[]): Item[] {
  const once = new Map(items.map((item) => [canonical(item), item]));
  return [...once].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}
