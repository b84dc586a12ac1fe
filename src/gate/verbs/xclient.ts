/** XCLIENT: a trusted front says who is really calling (M1). Afterwards the dialogue begins anew, as for that caller. */
import { type Command, type Reply, replies, type XclientAttributes } from '#/codec/smtp/index.ts';
import type { Principal } from '#/ports/index.ts';
import { isTrustedFront } from '../capabilities.ts';
import type { Session } from '../session.ts';

type Xclient = Extract<Command, { verb: 'XCLIENT' }>;

export function xclient({ attributes }: Xclient, session: Session): Reply {
  if (!isTrustedFront(session)) return replies.commandNotOffered;
  if (session.transaction !== null) return replies.authDuringMail;
  const refusal = session.speaksFor({
    address: attributes.ADDR ?? session.peer.address,
    port: Number(attributes.PORT ?? (attributes.ADDR === undefined ? session.peer.port : 0)),
    name: attributes.NAME === undefined ? session.peer.name : attributes.NAME,
  });
  if (refusal !== null) return refusal;
  session.frontHello = attributes.HELO ?? session.frontHello;
  signIn(attributes, session);
  return replies.banner(session.world.settings.hostname);
}

/** The front has checked a password itself: its word is as good as its network. */
function signIn({ LOGIN: name }: XclientAttributes, session: Session): void {
  if (name === undefined || name === null) return;
  const found = session.world.directory.current().login(name);
  if (found === undefined || ('user' in found ? found.user.disabled : found.relay.disabled)) return;
  session.becomes(principalOf(found));
}

function principalOf(
  found: NonNullable<ReturnType<ReturnType<Session['world']['directory']['current']>['login']>>,
): Principal {
  const { tenant } = found;
  if ('user' in found) {
    return {
      identity: { kind: 'user', tenant: tenant.id, name: found.user.address },
      tenant,
      user: found.user,
      relay: null,
    };
  }
  return {
    identity: { kind: 'relay', tenant: tenant.id, name: found.relay.name },
    tenant,
    user: null,
    relay: found.relay,
  };
}
