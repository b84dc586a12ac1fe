/** Whom an address stands for, for mail that is made here: forwards, answers, notices. */
import { expand } from '#/gate/index.ts';
import type { MailAddress, TenantId } from '#/model/index.ts';
import type { DirectorySource, ReturnPaths } from '#/ports/index.ts';

/** Recipients of one address: a group of a company, and a bound for what one rule may set off. */
const RECIPIENTS_MAX = 1_000;

/** Such mail goes to those whom the tenant's own mail would reach. */
export function reachIn(directory: DirectorySource, paths: ReturnPaths) {
  return (address: MailAddress, tenant: TenantId) => {
    const expansion = expand(address, tenant, directory.current(), RECIPIENTS_MAX, (one) => paths.original(one));
    return expansion.kind === 'reached' ? expansion.recipients : [];
  };
}
