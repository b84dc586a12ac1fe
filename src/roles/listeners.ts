/** Binds the sockets that the settings ask for, and hands their descriptors on by name. */
import { formatListenAt, isBuiltListener, type ListenAt, type Role, type Settings } from '#/config/index.ts';
import { LISTENER_KINDS as GATE_KINDS, type ListenerKind as GateKind } from '#/gate/index.ts';
import type { ImapListenerKind } from '#/imap/index.ts';
import { Fault } from '#/model/index.ts';
import { addressOfSocket, bindSocket, systemdSockets } from '#/net/index.ts';
import type { Pop3ListenerKind } from '#/pop3/index.ts';
import type { Clock } from '#/ports/index.ts';

/** The names of `listen` that some role of this release serves. */
export type ListenerKind = GateKind | MailListenerKind | WebListenerKind;
export type MailListenerKind = ImapListenerKind | Pop3ListenerKind;
type WebListenerKind = 'http' | 'https';

/** Which role serves what. */
export const KINDS_OF_ROLE: Readonly<Partial<Record<Role, readonly ListenerKind[]>>> = {
  gate: GATE_KINDS,
  mail: ['imap', 'imaps', 'pop3', 'pop3s'],
  web: ['http', 'https'],
};

const LISTENER_KINDS = Object.values(KINDS_OF_ROLE).flat();

/** A bound socket that nobody listens on yet, with the address to print. `port` is 0 where it can't be connected to. */
export interface Bound {
  readonly kind: ListenerKind;
  readonly fd: number;
  readonly text: string;
  readonly host: string;
  readonly port: number;
}

type SystemdSockets = ReturnType<typeof systemdSockets>;

const VARIABLE = 'HOLDFAST_SOCKETS';

/** How long a start waits for the children of a run that was killed to leave their sockets. */
export const PREVIOUS_RUN_MS = 30_000;
const LOOK_AGAIN_MS = 200;

/** All sockets of listeners that roles of this host serve. Waits while `previousRun` says that a former run is still leaving. */
export async function bindListeners(
  settings: Settings,
  clock: Clock,
  previousRun: () => boolean,
): Promise<readonly Bound[]> {
  const bound: Bound[] = [];
  const given = systemdSockets(process.env, process.pid);
  const roles = settings.roles.flat();
  for (const kind of roles.flatMap((role) => KINDS_OF_ROLE[role] ?? [])) {
    if (!isBuiltListener(kind)) continue;
    for (const at of settings.listen[kind]) bound.push(...(await bindAt(kind, at, given, clock, previousRun)));
  }
  return bound;
}

/** One socket, or all that systemd has under this name: a unit may listen on IPv4 and IPv6. */
async function bindAt(
  kind: ListenerKind,
  at: ListenAt,
  given: SystemdSockets,
  clock: Clock,
  previousRun: () => boolean,
): Promise<readonly Bound[]> {
  const text = formatListenAt(at);
  if (at.kind === 'systemd') return givenBySystemd(at.name, given).map((fd) => ({ kind, ...describeGiven(fd, text) }));
  const until = clock.monotonic() + PREVIOUS_RUN_MS;
  for (;;) {
    try {
      const { fd, port } = bindSocket(text);
      const shown = formatListenAt({ kind: 'address', host: at.host, port });
      return [{ kind, fd, text: shown, host: at.host, port }];
    } catch (error) {
      if (!previousRun() || clock.monotonic() > until) throw error;
      await clock.sleep(LOOK_AGAIN_MS);
    }
  }
}

/** Descriptors of the sockets that systemd gave under a name; fault `config.invalid` where there is none. */
export function givenBySystemd(
  name: string,
  given: SystemdSockets = systemdSockets(process.env, process.pid),
): readonly number[] {
  const sockets = given.get(name) ?? [];
  if (sockets.length > 0) return sockets;
  const known = given.size === 0 ? 'It gave none at all' : `It gave ${[...given.keys()].join(', ')}`;
  throw new Fault(
    'config.invalid',
    `systemd gave no socket named ${name}. ${known}: enable the .socket unit, with FileDescriptorName=${name}, and start by it.`,
  );
}

function describeGiven(fd: number, text: string): Omit<Bound, 'kind'> {
  const at = addressOfSocket(fd);
  if (at === null) return { fd, text, host: '', port: 0 };
  const shown = formatListenAt({ kind: 'address', host: at.address, port: at.port });
  return { fd, text: `${shown} (${text})`, host: at.address, port: at.port };
}

/** For a child's environment: kinds in the order of their descriptors, which begin at 3. */
export function describeSockets(bound: readonly Bound[]): Readonly<Record<string, string>> {
  return { [VARIABLE]: bound.map(({ kind }) => kind).join(',') };
}

/** In the child: the inherited descriptors. */
export function inheritedSockets(
  env: Readonly<Record<string, string | undefined>>,
): readonly { readonly kind: ListenerKind; readonly fd: number }[] {
  const names = (env[VARIABLE] ?? '').split(',').filter((name) => name !== '');
  return names.map((name, i) => {
    const kind = LISTENER_KINDS.find((known) => known === name);
    if (kind === undefined) throw new TypeError(`There is no listener ${name}.`);
    return { kind, fd: 3 + i };
  });
}
