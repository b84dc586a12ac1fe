/** Both ends of `ports/journal.ts` over the local socket: for roles that show people where their mail is. */
import type { Call } from '#/model/index.ts';
import type { Journal } from '#/ports/index.ts';
import { checked } from './arguments.ts';
import type { RemoteCaller, RemoteMethod } from './custody.ts';

/** How many arguments each method takes before its call: with the names, all that a caller may ask for. */
const ARITY: Readonly<Record<keyof Journal, number>> = {
  trace: 2,
  queue: 3,
  firstAttempts: 1,
  affectedCounts: 1,
  affected: 3,
};
const PREFIX = 'journal.';

/** What the process that writes custody serves to the others, by method name. */
export function journalMethods(journal: Journal): Map<string, RemoteMethod> {
  const methods = new Map<string, RemoteMethod>();
  for (const [name, arity] of Object.entries(ARITY)) {
    const perform = Reflect.get(journal, name) as (...args: unknown[]) => Promise<unknown>;
    methods.set(`${PREFIX}${name}`, (args, { call }) => perform.apply(journal, [...checked(args, arity), call]));
  }
  return methods;
}

/** The journal behind a local client, which is somebody else's to close. */
export function remoteJournal(client: RemoteCaller): Journal {
  const ask =
    <Name extends keyof Journal>(name: Name) =>
    async (...args: Parameters<Journal[Name]>): Promise<Awaited<ReturnType<Journal[Name]>>> => {
      const answer = await client.call(`${PREFIX}${name}`, args.slice(0, ARITY[name]), args[ARITY[name]] as Call);
      return answer as Awaited<ReturnType<Journal[Name]>>;
    };
  return {
    trace: ask('trace'),
    queue: ask('queue'),
    firstAttempts: ask('firstAttempts'),
    affectedCounts: ask('affectedCounts'),
    affected: ask('affected'),
  };
}
