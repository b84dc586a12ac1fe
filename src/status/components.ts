/** Which components an installation has: those that it serves, and no others. */
import { COMPONENT_KINDS, type ComponentKind } from '#/model/index.ts';

export interface Serves {
  readonly roles: readonly string[];
  readonly imap: boolean;
  readonly pop3: boolean;
  /** Whether mail goes out to other servers: those that the operator chose, or those of the world. */
  readonly sendsOut: boolean;
}

/** In the order in which they are shown. */
export function kindsOf({ roles, imap, pop3, sendsOut }: Serves): readonly ComponentKind[] {
  const has = (role: string): boolean => roles.includes(role);
  const serves: Readonly<Record<ComponentKind, boolean>> = {
    gateway: has('gate'),
    inspection: has('inspect'),
    delivery: has('deliver'),
    mailboxes: has('mail'),
    imap: has('mail') && imap,
    pop3: has('mail') && pop3,
    portal: has('web'),
    upstreams: has('deliver') && sendsOut,
    records: has('janitor'),
  };
  return COMPONENT_KINDS.filter((kind) => serves[kind]);
}
