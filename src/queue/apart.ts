/** Recipients of one message who are to get different content are different work: a claim each, settled each by itself (design 1, Same bytes at every retry). */
import type { Claim, ClaimedRecipient } from '#/model/index.ts';

/** Claims in which all get the same. Who waits without changes, which is nearly all mail, is not looked at twice. */
export function apart(claims: readonly Claim[]): readonly Claim[] {
  return claims.some(mayDiffer) ? claims.flatMap((claim) => (mayDiffer(claim) ? partsOf(claim) : [claim])) : claims;
}

function mayDiffer({ recipients }: Claim): boolean {
  return recipients.length > 1 && recipients.some(({ verdict }) => verdict !== null);
}

function partsOf(claim: Claim): readonly Claim[] {
  const groups = Map.groupBy(claim.recipients, contentKey);
  return [...groups.values()].map((recipients) => ({ ...claim, recipients }));
}

/** Equal for those who get the same octets by the same transport. */
function contentKey({ n, verdict }: ClaimedRecipient): string {
  const changes = verdict?.changes ?? [];
  // A link is one recipient's.
  const isAlone = changes.some(({ kind }) => kind === 'onePerRecipient' || kind === 'secureLinks');
  return isAlone ? `${n}` : JSON.stringify(changes);
}
