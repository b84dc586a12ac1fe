/** Bounds of registered documents, each with its reason. */

/** Octets of a file: contracts and price lists are smaller, and what comes by the local socket is held in memory. */
export const FILE_BYTES_MAX = 10_000_000;
/** Characters of a name: it stands in reasons that people read. */
export const NAME_CHARS_MAX = 120;
/** Documents of one tenant: the index counts up to 65,535. */
export const DOCUMENTS_MAX = 1_000;
/** Numbers of all documents of one tenant: 250 contracts of twenty pages. In a worker they take some 30 MiB while rules ask for them. */
export const NUMBERS_MAX = 1_000_000;
/** Numbers of one document: a book of 200,000 characters has so many. What is longer is known by its beginning. */
export const DOCUMENT_NUMBERS_MAX = 50_000;
/** Numbers that a worker keeps ready, of all tenants: four full ones. */
export const READY_NUMBERS_MAX = 4_000_000;

/** ms for reading one file; a PDF of 500 pages takes some seconds on a busy core. */
export const READ_MS = 60_000;
/** MiB of the thread that does. */
export const READ_MEMORY_MB = 1_024;
/** Files that wait to be read; the next one is told to come again. */
export const READ_WAITING_MAX = 8;

/** ms for one look at what is registered: a mail waits for it. */
export const LOOK_MS = 5_000;
