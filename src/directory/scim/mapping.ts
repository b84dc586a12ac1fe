/** What was pushed as rows of people: names of SCIM become those of our attributes. */
import { attributeOf, ENTERPRISE, isList, isObject, type Json, type JsonObject, wordOf } from '#/codec/scim/index.ts';
import type { PersonRow } from '../people/rows.ts';

/** Names in the core of a user, and what they are. Others that are texts keep their name. */
const CORE: Readonly<Record<string, string>> = { displayName: 'displayName', title: 'jobTitle', nickName: 'nickName' };
const NAME: Readonly<Record<string, string>> = { givenName: 'givenName', familyName: 'surname', formatted: 'fullName' };
const EXTENSION: Readonly<Record<string, string>> = {
  department: 'department',
  division: 'division',
  organization: 'company',
  employeeNumber: 'employeeNumber',
  costCenter: 'costCenter',
};
const ADDRESS: Readonly<Record<string, string>> = {
  streetAddress: 'street',
  locality: 'city',
  region: 'state',
  postalCode: 'postalCode',
  country: 'country',
  formatted: 'address',
};
const PHONES: Readonly<Record<string, string>> = { work: 'phone', mobile: 'mobile', fax: 'fax', home: 'homePhone' };

/** Null for who was deprovisioned. */
export function personOf(id: string, user: JsonObject): PersonRow | null {
  if (!isActive(user)) return null;
  const emails = listAt(user, 'emails');
  const userName = textAt(user, 'userName');
  const address = textAt(preferred(emails), 'value') ?? userName ?? '';
  const extension = objectAt(user, ENTERPRISE);
  const manager = attributeOf(extension, 'manager');
  const managerId = isObject(manager) ? textAt(manager, 'value') : typeof manager === 'string' ? manager : null;
  return {
    id,
    address,
    aliases: emails.flatMap((each) => textAt(each, 'value') ?? []).filter((each) => each !== address),
    attributes: {
      ...named(user, CORE),
      ...named(objectAt(user, 'name'), NAME),
      ...named(preferred(listAt(user, 'addresses')), ADDRESS),
      ...named(extension, EXTENSION),
      ...phonesOf(user),
    },
    manager: managerId,
    where: userName ?? id,
  };
}

/** Entra ID sends truth as a text at times. */
function isActive(user: JsonObject): boolean {
  return wordOf(attributeOf(user, 'active') ?? true).toLowerCase() !== 'false';
}

function named(home: JsonObject, names: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(names).flatMap(([name, ours]) => {
      const value = textAt(home, name);
      return value === null ? [] : [[ours, value] as const];
    }),
  );
}

function phonesOf(user: JsonObject): Record<string, string> {
  const phones: Record<string, string> = {};
  for (const each of listAt(user, 'phoneNumbers')) {
    const ours = PHONES[(textAt(each, 'type') ?? 'work').toLowerCase()];
    const value = textAt(each, 'value');
    if (ours !== undefined && value !== null) phones[ours] ??= value;
  }
  return phones;
}

/** The primary one, else the one of work, else the first. */
function preferred(list: readonly JsonObject[]): JsonObject {
  const isPrimary = (each: JsonObject): boolean => wordOf(attributeOf(each, 'primary')).toLowerCase() === 'true';
  const isOfWork = (each: JsonObject): boolean => textAt(each, 'type')?.toLowerCase() === 'work';
  return list.find(isPrimary) ?? list.find(isOfWork) ?? list[0] ?? {};
}

function listAt(home: JsonObject, name: string): readonly JsonObject[] {
  const found = attributeOf(home, name);
  return isList(found) ? found.filter(isObject) : [];
}

function objectAt(home: JsonObject, name: string): JsonObject {
  const found = attributeOf(home, name);
  return isObject(found) ? found : {};
}

export function textAt(home: JsonObject, name: string): string | null {
  const found: Json | undefined = attributeOf(home, name);
  if (typeof found === 'number') return String(found);
  return typeof found === 'string' && found.trim() !== '' ? found.trim() : null;
}
