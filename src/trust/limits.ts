/** Bounds of keys and of their use, each with its reason. */

/** RFC 8301 §3.2 asks for 2048; a record with more needs answers that some resolvers still lose. */
export const rsaBits = 2048;
/** Of one domain, retired ones among them: a rotation each month, kept for a year. */
export const keysPerDomainMax = 24;
/** ms for which what is known of a tenant's keys is used without asking again. */
export const keysFreshMs = 5_000;
/** ms from a word of an operator until it counts: every host has heard it by then, however it was with the clocks. */
export const effectiveAfterMs = 15_000;
/** Tenants whose keys are kept in memory, opened. */
export const tenantsKeptMax = 10_000;
/** Asking the store for keys. */
export const keysAskedMs = 10_000;
/** Asking DNS for a record. */
export const recordAskedMs = 10_000;
/** RFC 7208 §4.6.4: terms of a record that ask DNS, those of included records among them. */
export const spfLookupsMax = 10;
/** The same: look-ups that find nothing. */
export const spfVoidsMax = 2;
/** The same: names of an MX or a PTR answer. */
export const spfNamesMax = 10;
