/**
 * ZIP files under a password, as octets: the form AE-2 with AES-256, which 7-Zip, WinZip, Keka and their like open. Writing alone: what mail brings
 * along is read by inspection, which trusts nothing in it.
 * No states. What must never happen: a key stream over two contents; a name that leads out of the folder that people unpack into.
 * Carries RFC 1951, RFC 8018 §5.2; H1.
 */
export { SALT_BYTES } from './encrypted.ts';
export { encryptedZip, type ZipEntry } from './encrypted-zip.ts';
