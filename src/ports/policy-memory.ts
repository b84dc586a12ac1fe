/** What policy remembers from mail to mail, kept in one place. */
import type { Correspondents } from './correspondents.ts';
import type { Documents } from './documents.ts';

export interface PolicyMemory extends AsyncDisposable {
  readonly correspondents: Correspondents;
  readonly documents: Documents;
}
