/** Both ends of `ports/status-history.ts` over the local socket: for the steward, which opens no store. */
import type { Call } from '#/model/index.ts';
import type { StatusHistory } from '#/ports/index.ts';
import { checked } from './arguments.ts';
import type { RemoteCaller, RemoteMethod } from './custody.ts';

type Method = Exclude<keyof StatusHistory, symbol>;

/** How many arguments each method takes before its call: with the names, all that a caller may ask for. */
const ARITY: Readonly<Record<Method, number>> = {
  keep: 1,
  days: 1,
  figures: 2,
  changes: 2,
  thin: 2,
  tellUpstreams: 1,
  upstreams: 1,
};
const PREFIX = 'status-history.';

/** What the process that has the history serves to the steward, by method name. */
export function statusHistoryMethods(history: StatusHistory): Map<string, RemoteMethod> {
  const methods = new Map<string, RemoteMethod>();
  for (const [name, arity] of Object.entries(ARITY)) {
    const perform = Reflect.get(history, name) as (...args: unknown[]) => Promise<unknown>;
    methods.set(`${PREFIX}${name}`, (args, { call }) => perform.apply(history, [...checked(args, arity), call]));
  }
  return methods;
}

/** The history behind a local client, which is somebody else's to close. */
export function remoteStatusHistory(client: RemoteCaller): StatusHistory {
  const ask =
    <Name extends Method>(name: Name) =>
    async (...args: Parameters<StatusHistory[Name]>): Promise<Awaited<ReturnType<StatusHistory[Name]>>> => {
      const answer = await client.call(`${PREFIX}${name}`, args.slice(0, ARITY[name]), args[ARITY[name]] as Call);
      return answer as Awaited<ReturnType<StatusHistory[Name]>>;
    };
  return {
    keep: ask('keep'),
    days: ask('days'),
    figures: ask('figures'),
    changes: ask('changes'),
    thin: ask('thin'),
    tellUpstreams: ask('tellUpstreams'),
    upstreams: ask('upstreams'),
    [Symbol.asyncDispose]: async () => {},
  };
}
