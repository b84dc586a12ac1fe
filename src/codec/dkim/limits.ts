/** What is read of signatures that anyone may have written. */

/** RSA keys below this prove nothing any more (RFC 8301 §3.2). */
export const rsaBitsMin = 1024;
/** Beyond this a verification costs more than a mail is worth. */
export const rsaBitsMax = 4096;
/** Usual exponents are 3 and 65537; the time of a verification grows with their length. */
export const rsaExponentMax = 0xff_ff_ff_ffn;
/** Octets of a signature field; its list of names is the largest part of it. */
export const signatureFieldBytesMax = 16_384;
/** Names in `h=`. */
export const signedNamesMax = 200;
/** Octets of a key record: a key of 4096 bits takes 750. */
export const keyRecordBytesMax = 4096;
