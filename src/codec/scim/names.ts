/** Names of attributes (RFC 7644 §3.10): `userName`, `name.givenName`, `urn:…:User:department`. */

export interface AttributeName {
  /** URN of the extension in which it stands; null for the resource itself. */
  readonly schema: string | null;
  readonly name: string;
  readonly part: string | null;
}

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const CORE = [USER, GROUP].map((urn) => urn.toLowerCase());
const PLAIN = /^(\$?[A-Za-z][\w$-]*)(?:\.(\$?[A-Za-z][\w$-]*))?$/;

/** Null where it is none. The core schemas may be named, and mean nothing more. */
export function attributeName(text: string): AttributeName | null {
  const colon = text.lastIndexOf(':');
  // The version in a URN has a point and figures: `…:2.0:User`.
  const urn = colon < 0 ? null : text.slice(0, colon);
  if (urn !== null && !/^urn:[\w.:-]+$/i.test(urn)) return null;
  const [, name, part] = PLAIN.exec(text.slice(colon + 1)) ?? [];
  if (name === undefined) return null;
  const schema = urn === null || CORE.includes(urn.toLowerCase()) ? null : urn;
  return { schema, name, part: part ?? null };
}
