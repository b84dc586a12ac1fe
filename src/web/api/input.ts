/**
 * The input of an operation as this caller may give it: their tenant, and for what people do themselves, their own address. What must never
 * happen: an input that names another tenant, or somebody in whose name the caller may not act.
 */
import type { Directory, MailAddress, Tenant, User } from '#/model/index.ts';
import { addressKey } from '#/model/index.ts';
import { type OperationDescription, Refusal } from '#/ports/index.ts';
import { plainTypeOf, propertiesOf } from './paths.ts';

/** Somebody who has proved who they are. */
export interface Caller {
  readonly user: User;
  readonly tenant: Tenant;
}

export type Fields = Readonly<Record<string, unknown>>;

/** Throws a `Forbidden` for what this caller may not ask at all. */
export function heldToCaller(
  { scope }: Pick<OperationDescription, 'scope'>,
  given: Fields,
  { user, tenant }: Caller,
  directory: Directory,
): Fields {
  const isAdmin = user.roles.includes('admin');
  if (scope === 'tenant' && !isAdmin) throw new Forbidden('This is for administrators of your tenant.');
  const { as, tenant: named, ...rest } = given;
  if (named !== undefined && named !== tenant.id) throw new Forbidden(`You may act in the tenant ${tenant.id} alone.`);
  if (scope === 'tenant') return { ...given, tenant: tenant.id };
  const person = as === undefined ? user.address : proxied(as, { user, tenant }, isAdmin, directory);
  return { ...rest, tenant: tenant.id, as: person };
}

/** The caller may not; the same words whether or not there is somebody of that name elsewhere. */
export class Forbidden extends Error {
  override name = 'Forbidden';
}

function proxied(as: unknown, { user, tenant }: Caller, isAdmin: boolean, directory: Directory): MailAddress {
  const key = typeof as === 'string' ? addressKey(as) : '';
  const found = directory.user(key as MailAddress);
  if (found !== undefined && found.user.address === user.address) return user.address;
  if (!isAdmin)
    throw new Forbidden('You may act in your own name alone. Administrators may act for others of their tenant.');
  if (found === undefined || found.tenant.id !== tenant.id)
    throw new Forbidden(`There is nobody of the tenant ${tenant.id} with the address that "as" names.`);
  return found.user.address;
}

/** A query as the fields that it means: figures and truths as the schema has them. What it can't mean is left as text, for the schema to refuse. */
export function fieldsOfQuery(query: Fields, { input }: Pick<OperationDescription, 'input'>): Fields {
  const properties = propertiesOf(input);
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => {
      const schema = properties[name];
      return [name, schema === undefined || typeof value !== 'string' ? value : readValue(value, plainTypeOf(schema))];
    }),
  );
}

function readValue(text: string, type: ReturnType<typeof plainTypeOf>): unknown {
  if (type === 'number' && /^-?\d+(?:\.\d+)?$/.test(text)) return Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

/** The fields of a JSON body. */
export function fieldsOfBody(body: unknown): Fields {
  const value: unknown = typeof body === 'string' && body !== '' ? parsed(body) : {};
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Refusal(2, 'The body must be a JSON object with the input of the operation.');
  return value as Fields;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new Refusal(2, 'The body is not JSON.');
  }
}
