/** Both ends of `ports/mailboxes.ts` over the local socket of the process that owns the accounts. Nobody watches from afar: sessions live where the accounts do. */
import type { Call } from '#/model/index.ts';
import type { Mailboxes } from '#/ports/index.ts';
import { checked } from './arguments.ts';
import type { RemoteCaller, RemoteMethod } from './custody.ts';

type AsyncName = Exclude<keyof Mailboxes, 'watch' | symbol>;

/** Mailboxes without their watchers. */
export type RemoteMailboxes = Pick<Mailboxes, AsyncName>;

/** How many arguments each method takes before its call: with the names, all that a caller may ask for. */
const ARITY: Readonly<Record<AsyncName, number>> = {
  deliver: 2,
  forgetDeliveries: 2,
  delivered: 2,
  deliveriesBefore: 4,
  list: 1,
  find: 2,
  create: 3,
  delete: 2,
  rename: 3,
  subscribe: 3,
  subscriptions: 1,
  view: 2,
  changes: 3,
  rows: 4,
  octets: 4,
  append: 4,
  flag: 4,
  copy: 6,
  expunge: 4,
  holding: 4,
  maildrop: 1,
  usage: 1,
  recoverable: 3,
  recover: 3,
  rules: 1,
  setRules: 2,
  mayAnswer: 2,
  hold: 2,
  purge: 3,
  retire: 4,
  accounts: 2,
};
const NAMES = Object.keys(ARITY) as readonly AsyncName[];
const PREFIX = 'mailboxes.';

/** What the process that owns the accounts serves to the others, by method name. */
export function mailboxesMethods(mailboxes: RemoteMailboxes): Map<string, RemoteMethod> {
  const methods = new Map<string, RemoteMethod>();
  for (const name of NAMES) {
    const perform = Reflect.get(mailboxes, name) as (...args: unknown[]) => Promise<unknown>;
    methods.set(`${PREFIX}${name}`, (args, { call }) =>
      perform.apply(mailboxes, [...checked(args, ARITY[name]), call]),
    );
  }
  return methods;
}

/** Mailboxes behind a local client, which is somebody else's to close. */
export function remoteMailboxes(client: RemoteCaller): RemoteMailboxes {
  const ask =
    (name: AsyncName) =>
    (...args: readonly unknown[]): Promise<unknown> =>
      client.call(`${PREFIX}${name}`, args.slice(0, ARITY[name]), args[ARITY[name]] as Call);
  return Object.fromEntries(NAMES.map((name) => [name, ask(name)])) as unknown as RemoteMailboxes;
}
