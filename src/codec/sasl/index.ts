/**
 * The words of signing in (RFC 4422), shared by SMTP, IMAP and POP3: what PLAIN, LOGIN and SCRAM-SHA-256 carry.
 * States: LOGIN and SCRAM have some, told in their files. Whether a password is right is judged elsewhere (`auth`);
 * a lone `*` cancels (RFC 4954 §4) and never reaches this room.
 * What must never happen: a throw for what a client said; a difference between an unknown user and a wrong password.
 * Carries RFC 4013, 4616, 5802, 7677; M1.
 */
export { decodeBase64, encodeBase64 } from './base64.ts';
export { LoginExchange, type LoginStep } from './login.ts';
export { formatPlain, type PlainCredentials, parsePlain } from './plain.ts';
export { prepareText } from './prepare.ts';
export { ScramClient, type ScramKeys, type ScramSecret, ScramServer, scramKeys } from './scram.ts';
