/**
 * Who sent a mail, as far as a rule may believe it. A user is who signed in, and also the reverse-path that the gate let them use; a relay is
 * itself. The From field is believed of nobody. Of a stranger nothing is proven: no group, role or relay is theirs, and no exception for
 * addresses of ours.
 */
import type { MailAddress, MailFacts } from '#/model/index.ts';
import { addressKey, domainOf, isNeighbour, isProven } from '#/model/index.ts';
import { isOwnAddress, type PolicyDirectory } from './directory.ts';
import { domainKey } from './domain-key.ts';
import type { Selector } from './rule.ts';

/**
 * Whether a condition stands where a match makes the rule hold (`when`) or keeps it from holding (`unless`). What could not be read counts
 * against the mail in both: as found in `when`, as not found in `unless`, or encryption would be the key to every exception (design 2).
 */
export type Side = 'when' | 'unless';

/** What is known of who sent a mail. */
interface Sent {
  readonly facts: Pick<MailFacts, 'tenant' | 'identity' | 'sender'>;
  readonly directory: PolicyDirectory;
}

/** Whether the mail's sender is one of those that a selector stands for. */
export function isSender(selector: Selector, { facts, directory }: Sent, side: Side): boolean {
  const { identity, sender } = facts;
  if (!isProven(identity)) {
    if (sender === null || (side === 'unless' && isOwnAddress(directory, sender))) return false;
    return isAddressOf(selector, sender);
  }
  if (selector.kind === 'relay')
    return identity.kind === 'relay' && identity.name === selector.name && !isNeighbour(identity, facts.tenant);
  const names =
    identity.kind === 'user' ? [identity.name, ...(sender === null ? [] : [sender])] : sender === null ? [] : [sender];
  return names.some((address) => {
    if (selector.kind === 'group') return directory.isMember(selector.name, address);
    if (selector.kind === 'role') return directory.hasRole(selector.name, address);
    return isAddressOf(selector, address);
  });
}

/** Whether an address is one of those that a selector by address or domain stands for. */
export function isAddressOf(selector: Selector, address: string): boolean {
  if (selector.kind === 'address') return addressKey(address) === selector.address;
  if (selector.kind !== 'domain') return false;
  const [domain, wanted] = [domainKey(domainOf(address as MailAddress)), domainKey(selector.domain)];
  return selector.below ? domain.endsWith(`.${wanted}`) : domain === wanted;
}
