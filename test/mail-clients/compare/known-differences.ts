/**
 * Where Holdfast and Dovecot 2.3 may answer differently, and why. What is not here must be equal, and what is here must be seen: an entry
 * that explains nothing any more is taken out.
 */

export interface KnownDifference {
  /** Steps, by their names. */
  readonly steps: RegExp;
  /** Facts of these steps; default: all. */
  readonly about?: RegExp;
  readonly why: string;
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [];
