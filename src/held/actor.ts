/** Who acts: the operator of the installation, or a person of a tenant. */
import type { Directory, MailAddress, TenantId } from '#/model/index.ts';
import { addressKey } from '#/model/index.ts';
import { Refusal } from '#/ports/index.ts';

export type Actor = Operator | Person;

/** Acts by the command line, for nobody else. */
export interface Operator {
  readonly kind: 'operator';
  /** For the journal. */
  readonly by: string;
}

export interface Person {
  readonly kind: 'person';
  readonly by: string;
  /** Their own address, whichever alias was given. */
  readonly address: MailAddress;
  readonly tenant: TenantId;
  readonly isAdmin: boolean;
  /** Who acts in their name; null where they do themselves. */
  readonly through: string | null;
}

/** Who acts by an action link is the person that it is for; the journal says by what they did. */
export const BY_LINK = 'a link in mail';

/** The person of this address, or the operator where nobody is named. Whom an operator stands in for is told with them. */
export function actorOf(as: string | undefined, by: string, directory: Directory): Actor {
  if (as === undefined) return { kind: 'operator', by };
  const found = directory.user(addressKey(as) as MailAddress) ?? directory.user(as as MailAddress);
  if (found === undefined || found.user.disabled)
    throw new Refusal(
      1,
      `There is nobody with the address ${as} who could act here. Name a user of a tenant who is not switched off.`,
    );
  const { address, roles } = found.user;
  const isThemself = addressKey(by) === addressKey(address);
  return {
    kind: 'person',
    by: isThemself ? address : `${address} through ${by}`,
    address,
    tenant: found.tenant.id,
    isAdmin: roles.includes('admin'),
    through: isThemself || by === BY_LINK ? null : by,
  };
}

/** The same text for all addresses of one person. */
export function personKey(address: string, directory: Directory): string {
  return addressKey(directory.user(address as MailAddress)?.user.address ?? address);
}
