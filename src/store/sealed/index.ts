/**
 * What blobs look like wherever they lie, files or objects: their names, and content sealed in pieces under a key of their own.
 *
 * What must never happen: content given out whose seal was not checked; a name that leads out of its tenant's folder; two blobs under
 * one key.
 */
export * from './names.ts';
export * from './opener.ts';
export * from './pieces.ts';
export * from './sealer.ts';
