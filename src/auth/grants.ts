/** Credentials that work once and soon expire: how `holdfast try` and test mail sign in like everybody else. */
import type { MailAddress, Relay, Tenant, User } from '#/model/index.ts';
import type { Clock, Principal } from '#/ports/index.ts';
import { BoundedMap } from './bounded-map.ts';
import { GRANTS_MAX } from './limits.ts';

interface Grant {
  readonly password: string;
  readonly principal: Principal;
  /** Monotonic ms. */
  readonly until: number;
}

/** What the holder signs in with. */
export interface GrantedCredential {
  readonly username: string;
  readonly password: string;
}

export class Grants {
  readonly #clock: Clock;
  readonly #open = new BoundedMap<string, Grant>(GRANTS_MAX);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Opens a credential for one sign-in within `validMs`. */
  open(principal: Principal, validMs: number): GrantedCredential {
    const name = `once-${crypto.randomUUID()}`;
    const password = `${crypto.randomUUID()}${crypto.randomUUID()}`;
    this.#open.set(name, { password, principal, until: this.#clock.monotonic() + validMs });
    return { username: name, password };
  }

  /** Closes and gives the credential of that name; null where there is none, or it is too late, or the password is another. */
  use(username: string, password: string): Principal | null {
    const grant = this.#open.get(username);
    if (grant === undefined) return null;
    this.#open.delete(username);
    return grant.password === password && grant.until > this.#clock.monotonic() ? grant.principal : null;
  }
}

/** Somebody of a tenant who may send as one address, as a relay may. */
export function senderOf(tenant: Tenant, sender: MailAddress): Principal {
  const identity = { kind: 'relay', tenant: tenant.id, name: 'try' } as const;
  return { identity, tenant, user: null, relay: relayFor(sender) };
}

/** Somebody who has a mailbox. */
export function readerOf(tenant: Tenant, user: User): Principal {
  return { identity: { kind: 'user', tenant: tenant.id, name: user.address }, tenant, user, relay: null };
}

function relayFor(sender: MailAddress): Relay {
  return {
    name: 'try',
    kind: 'app',
    username: null,
    secret: null,
    networks: [],
    cloudTenant: null,
    connectorSecret: null,
    formerSecret: null,
    returnsTo: null,
    senders: [sender],
    limits: { per10m: 'unlimited', perDay: 'unlimited' },
    disabled: false,
  };
}
