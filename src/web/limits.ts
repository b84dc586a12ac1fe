/** Bounds of HTTP, each with its reason. */

/** Octets of a header section: browsers send about 2 KiB to a site without cookies. */
export const headerBytesMax = 16 * 1024;

/** Octets of a body: what programs send to be set up is about 1 KiB. */
export const bodyBytesMax = 16 * 1024;

/** ms from the begin of a connection, or of a request, to the end of its header section; the TLS handshake counts. */
export const headerMs = 10_000;

/** ms to the end of its body. */
export const requestMs = 20_000;

/** ms between two requests of one connection: browsers fetch a page's parts at once. */
export const idleMs = 5_000;

/** ms in which nothing moves on a connection, such as a reader who does not read. */
export const stillMs = 30_000;

/** Requests of one connection: then it is closed, and may come again. */
export const requestsMax = 200;

/** Connections of all at once: pages are small and quick, so more is no crowd of people. */
export const connectionsMax = 1_000;

/** Connections of one address: an office behind one address has dozens of people. */
export const connectionsPerAddressMax = 100;

/** ms that running answers get when the role ends. */
export const drainMs = 5_000;

/** ms for one question to the process that has the mail: below the time in which a browser's person gives up. */
export const ASK_MS = 15_000;

/** Seconds after which it is worth asking that process again: it is back in that time after a restart. */
export const AWAY_SECONDS = 5;

/** Octets of a body for the API: a thousand queue IDs are 20 KiB, the rules of a mailbox some KiB. */
export const apiBodyBytesMax = 128 * 1024;

/** How long it counts which operations there are: a new release of that process is seen within it. */
export const CATALOG_MS = 60_000;

/** ms for asking which there are. */
export const DESCRIBE_MS = 5_000;

/** Octets of a body for SCIM: a group with 50,000 members is 3 MB. */
export const scimBodyBytesMax = 4 * 1024 * 1024;
