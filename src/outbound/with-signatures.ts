/** The signatures that stand with a claim, put into what leaves: behind all changes of policy, and the same at each attempt. */
import type { Change } from '#/model/index.ts';
import { signMail } from '#/signature/index.ts';

export function withSignatures(chunks: readonly Buffer[], changes: readonly Change[]): readonly Buffer[] {
  const sign = changes.find((change) => change.kind === 'sign');
  if (sign === undefined || sign.signatures.length === 0) return chunks;
  const [only] = chunks;
  const signed = signMail(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks), sign.signatures);
  // A change of policy may have left nothing to sign.
  return signed.kind === 'signed' ? signed.chunks : chunks;
}
