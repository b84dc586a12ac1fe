/** `holdfast export`: the stored resources as a file that `apply` takes back without a change. */
import { stringify } from 'yaml';
import type { StoredResources } from './stored.ts';

/** The whole of them as a document: defaults left out, passwords hashed. */
export function exportDocument(stored: StoredResources, tenant: string | null): { tenants: unknown[] } {
  const chosen = stored.tenants.filter(({ id }) => tenant === null || id === tenant);
  // An operator's word for some hours is no declaration.
  return { tenants: chosen.map(({ bypass: _bypass, ...one }) => shortest(one)) };
}

/** A document as YAML. */
export function formatExport(document: unknown): string {
  return stringify(document, { lineWidth: 0 });
}

function isDefault(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

// Only what differs from its default is worth a reader's time. `language: en` and `timezone: UTC` stay: they are decisions.
function shortest(value: unknown, depth = 0): unknown {
  if (Array.isArray(value)) return value.map((item) => shortest(item, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([, inner]) => depth > ITEM_DEPTH || !isDefault(inner))
    .map(([key, inner]) => [key, shortest(inner, depth + 1)] as const);
  return Object.fromEntries(entries);
}

// Tenant 0, list 1, item 2: below that stands what people wrote, where an empty list may mean something.
const ITEM_DEPTH = 2;
