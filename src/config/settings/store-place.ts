/** Where a store is: a PostgreSQL database by its URL, or the folder of an embedded store. */
import { readBy } from '#/codec/forms/index.ts';
import { text } from './kinds.ts';
import type { Kind } from './setting.ts';

// Several hosts may be named, tried in turn; no URL parser of the platform reads those.
const POSTGRES = /^postgres(?:ql)?:\/\/(?=\S)(?:[^@/?#\s]*@)?[^@/?#\s]*(?:\/[^/?#\s]*)?(?:\?[^#\s]*)?$/;
const SCHEME = /^[a-z][a-z0-9+.-]*:/i;

/** Whether the place of a store is a database, not a folder. */
export function isDatabase(place: string): boolean {
  return POSTGRES.test(place);
}

/** A database or a folder. */
export const storePlace: Kind<string> = {
  ...text,
  type: 'URL or path',
  schema: readBy(
    (raw) => (raw.trim() !== '' && (isDatabase(raw) || !SCHEME.test(raw)) ? raw : null),
    'place of a store',
    'write postgres://USER@HOST/DATABASE, or the folder of an embedded store',
  ),
  // A URL may hold a password.
  isSecret: true,
  withPaths: (place, absolute) => absoluteStore(String(place), absolute),
};

/** The place with its path made absolute; a URL as it is. */
export function absoluteStore(place: string, absolute: (path: string) => string): string {
  return isDatabase(place) ? place : absolute(place);
}
