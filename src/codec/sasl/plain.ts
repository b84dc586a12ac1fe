import { decodeBase64 } from './base64.ts';

/** What SASL PLAIN carries (RFC 4616 §2). */
export interface PlainCredentials {
  /** On whose behalf; empty is the one who signs in. */
  readonly authorizeAs: string;
  readonly user: string;
  readonly password: string;
}

/** Reads the one message of PLAIN from base64; null where it is malformed (RFC 4616 §2). */
export function parsePlain(base64: string): PlainCredentials | null {
  const octets = decodeBase64(base64);
  if (octets === null) return null;
  const [authorizeAs = '', user = '', password = '', ...more] = octets.toString('utf8').split('\0');
  if (more.length > 0 || user === '' || password === '') return null;
  return { authorizeAs, user, password };
}

/** The message as base64, for the side that signs in. */
export function formatPlain(credentials: PlainCredentials): string {
  const { authorizeAs, user, password } = credentials;
  return Buffer.from(`${authorizeAs}\0${user}\0${password}`, 'utf8').toString('base64');
}
