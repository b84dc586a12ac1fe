/** Both ends of `ports/incidents.ts` over the local socket: for the steward, who shows them and says when a component changes its state. */
import type { Call } from '#/model/index.ts';
import type { Incidents } from '#/ports/index.ts';
import { checked } from './arguments.ts';
import type { RemoteCaller, RemoteMethod } from './custody.ts';

/** How many arguments each method takes before its call: with the names, all that a caller may ask for. */
const ARITY: Readonly<Record<keyof Incidents, number>> = { list: 2, show: 1, file: 2, changed: 1 };
const PREFIX = 'incidents.';

/** What the process that has them serves to the others, by method name. */
export function incidentsMethods(incidents: Incidents): Map<string, RemoteMethod> {
  const methods = new Map<string, RemoteMethod>();
  for (const [name, arity] of Object.entries(ARITY)) {
    const perform = Reflect.get(incidents, name) as (...args: unknown[]) => Promise<unknown>;
    methods.set(`${PREFIX}${name}`, (args, { call }) => perform.apply(incidents, [...checked(args, arity), call]));
  }
  return methods;
}

/** Incidents behind a local client, which is somebody else's to close. */
export function remoteIncidents(client: RemoteCaller): Incidents {
  const ask =
    <Name extends keyof Incidents>(name: Name) =>
    async (...args: Parameters<Incidents[Name]>): Promise<Awaited<ReturnType<Incidents[Name]>>> => {
      const answer = await client.call(`${PREFIX}${name}`, args.slice(0, ARITY[name]), args[ARITY[name]] as Call);
      return answer as Awaited<ReturnType<Incidents[Name]>>;
    };
  return { list: ask('list'), show: ask('show'), file: ask('file'), changed: ask('changed') };
}
