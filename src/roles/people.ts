/** What a process has that serves people and peers. */
import type { Access } from './access.ts';
import type { Claims } from './claims.ts';
import type { Core } from './core.ts';

/** The directory, claims, sign-in. */
export interface People {
  readonly core: Core;
  readonly claims: Claims;
  readonly access: Access | null;
}
