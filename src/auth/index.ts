/**
 * Who somebody is, and how much they may send: passwords, SCRAM, networks, one-time credentials, sending limits.
 *
 * Passwords of people are argon2id, in a queue of their own; generated secrets are SHA-256; what came from another system as crypt is
 * renewed at its first use. A proven password is remembered for ten minutes. Failures are counted by address and by name.
 *
 * What must never happen: a password in a log, a cache or a reply; an answer that tells whether a name exists; sign-in that starves
 * files and DNS of threads; a limit that resets by restarting.
 *
 * Carries M1 (credentials and limits of relays), O7 (signing in keeps working), B3 (bounds), C5 (credentials follow the directory's
 * generation), design 6 (passwords).
 */
export type { GrantedCredential } from './grants.ts';
export type { SecretKeeper } from './secret-keeper.ts';
export type { Renew } from './sign-in.ts';
export { type AuthParts, type AuthSettings, makeSecretKeeper, type RunningAuth, startAuth } from './start.ts';
