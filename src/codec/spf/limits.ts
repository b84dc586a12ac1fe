/** What is read of records that anyone may have written. */

/** Octets of a record: RFC 7208 §3.4 hopes for 450. */
export const recordBytesMax = 4096;
/** Terms of a record; a look-up is allowed ten times, addresses are the rest. */
export const termsMax = 300;
