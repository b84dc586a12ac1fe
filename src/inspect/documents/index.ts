/** Registered documents: read into numbers, listed, removed, and ready for the check (H1). */

export { DocumentReader } from './document-reader.ts';
export { type DocumentOperationParts, documentOperations } from './operations.ts';
