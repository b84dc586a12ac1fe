/**
 * A short name of the verdict by which recipients of one mail wait. Another rule, other rules (by their version), or other people who are
 * asked make another one; votes do not. It names a part of a mail, and is no secret.
 */
import { createHash } from 'node:crypto';
import type { Verdict } from '#/model/index.ts';

export type VerdictMark = string & { readonly __brand: 'VerdictMark' };

/** Twelve characters; the two verdicts of one mail that had the same one would be shown together, and no more. */
export const MARK_BYTES = 9;

/** The same for all recipients that one rule decided alike. */
export function markOf(verdict: Verdict): VerdictMark {
  const { kind, rule, version } = verdict;
  const asked = kind === 'approve' ? [verdict.by, verdict.deputies, verdict.least, verdict.selfApproval] : [];
  const text = JSON.stringify([kind, rule, version, ...asked]);
  return createHash('sha256').update(text).digest().subarray(0, MARK_BYTES).toString('base64url') as VerdictMark;
}
