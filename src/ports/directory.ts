/** The generation of tenants that serves now, and its successor's arrival. */
import type { Directory } from '#/model/index.ts';

export interface DirectorySource {
  /** The newest whole generation; one transaction holds on to the one it began with (C5). */
  current(): Directory;
}
