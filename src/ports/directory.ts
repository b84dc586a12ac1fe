/** The generation of tenants that serves now, and its successor's arrival. */
import type { Call, Directory } from '#/model/index.ts';

export interface DirectorySource {
  /** The newest whole generation; one transaction holds on to the one it began with (C5). */
  current(): Directory;
}

/** For who must not decide by an older one: mail is judged by the rules that held when it came, or by later ones (H1). */
export interface FreshDirectory extends DirectorySource {
  /**
   * Whether what is current was found to be the newest by a look that began at `at` (wall-clock ms) or later; `at` of a time to come asks for one that begins now. Looks now where none did;
   * false where the newest can't be had or read. Never rejects.
   */
  freshSince(at: number, call: Call): Promise<boolean>;
}
