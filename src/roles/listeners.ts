/** Binds the sockets that the settings ask for, and hands their descriptors on by name. */
import { formatListenAt, isBuiltListener, type ListenAt, type Settings } from '#/config/index.ts';
import { LISTENER_KINDS, type ListenerKind } from '#/gate/index.ts';
import { Fault } from '#/model/index.ts';
import { bindSocket, systemdSockets } from '#/net/index.ts';
import type { Clock } from '#/ports/index.ts';

/** A bound socket that nobody listens on yet, with the address to print. */
export interface Bound {
  readonly kind: ListenerKind;
  readonly fd: number;
  readonly text: string;
  readonly host: string;
  readonly port: number;
}

const VARIABLE = 'HOLDFAST_SOCKETS';

/** How long a start waits for the children of a run that was killed to leave their sockets. */
export const PREVIOUS_RUN_MS = 30_000;
const LOOK_AGAIN_MS = 200;

/** All sockets of listeners that this release serves. Waits while `previousRun` says that a former run is still leaving. */
export async function bindListeners(
  settings: Settings,
  clock: Clock,
  previousRun: () => boolean,
): Promise<readonly Bound[]> {
  const bound: Bound[] = [];
  const given = systemdSockets(process.env, process.pid);
  for (const kind of LISTENER_KINDS) {
    if (!isBuiltListener(kind)) continue;
    for (const at of settings.listen[kind]) bound.push(await bindOne(kind, at, given, clock, previousRun));
  }
  return bound;
}

async function bindOne(
  kind: ListenerKind,
  at: ListenAt,
  given: ReadonlyMap<string, readonly number[]>,
  clock: Clock,
  previousRun: () => boolean,
): Promise<Bound> {
  const text = formatListenAt(at);
  if (at.kind === 'systemd') {
    const fd = given.get(at.name)?.[0];
    if (fd === undefined)
      throw new Fault('config.invalid', `systemd gave no socket named ${at.name}; name it with FileDescriptorName=.`);
    return { kind, fd, text, host: '', port: 0 };
  }
  const until = clock.monotonic() + PREVIOUS_RUN_MS;
  for (;;) {
    try {
      const { fd, port } = bindSocket(text);
      const shown = formatListenAt({ kind: 'address', host: at.host, port });
      return { kind, fd, text: shown, host: at.host, port };
    } catch (error) {
      if (!previousRun() || clock.monotonic() > until) throw error;
      await clock.sleep(LOOK_AGAIN_MS);
    }
  }
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
