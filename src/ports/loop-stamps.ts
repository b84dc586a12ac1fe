/**
 * Loop stamps: what a mail carries that goes back to its tenant's cloud, so that it is known when a rule there sends it here again (design 6).
 *
 * What must never happen: a stamp counts that we did not write for this tenant and this mail, or wrote too long ago.
 */
import type { TenantId } from '#/model/index.ts';

export interface KnownStamp {
  /** As it stands in the field. */
  readonly value: string;
  /** How often the mail has gone back; from 1. */
  readonly hop: number;
}

export interface LoopStamps {
  /** The stamp of the last 15 minutes among these values that is of a mail which begins with these octets, the last one where it has several; else null. */
  known(values: readonly string[], tenant: TenantId, head: Buffer): KnownStamp | null;

  /** The value of the stamp for a mail that is to go back for the so-manieth time; null where it could not be known again. `at`: wall-clock ms, kept with the mail. */
  write(stamp: { readonly hop: number; readonly at: number }, tenant: TenantId, head: Buffer): string | null;
}
