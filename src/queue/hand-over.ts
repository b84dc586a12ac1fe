/** The claims that acceptance makes for its own process: token 1, body in memory, one per message and destination. Pure. */
import type { ArrivedMail, ArrivedRecipient, Body, Claim, ClaimedRecipient, DestinationKey } from '#/model/index.ts';

/** The claims of a mail's queued recipients; held ones are nobody's. */
export function claimsOf(mail: Omit<ArrivedMail, 'body'> & { readonly body?: Body }): Claim[] {
  const byDestination = new Map<DestinationKey, ClaimedRecipient[]>();
  for (const recipient of mail.recipients) {
    if (recipient.held !== null) continue;
    const there = byDestination.get(recipient.destination);
    if (there === undefined) byDestination.set(recipient.destination, [claimed(recipient)]);
    else there.push(claimed(recipient));
  }
  const claims: Claim[] = [];
  for (const [destination, recipients] of byDestination) {
    claims.push({ mail, destination, recipients, body: mail.body ?? null });
  }
  return claims;
}

function claimed(recipient: ArrivedRecipient): ClaimedRecipient {
  return {
    n: recipient.n,
    token: 1,
    address: recipient.address,
    original: recipient.original,
    orcpt: recipient.orcpt,
    notify: recipient.notify,
    direction: recipient.direction,
    state: 'queued',
    attempts: 0,
    lastAttemptAt: null,
    lastReply: null,
    delayNotified: false,
    possiblyDuplicate: false,
    releaseAt: null,
    judged: false,
    verdict: null,
  };
}
