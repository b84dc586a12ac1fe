/**
 * The mailboxes as services and delivery reach them: so many calls of one tenant at once, so that one company's crowd leaves room for the
 * others (O7), and writes that are known to fail refused at once (`write-breaker.ts`, O6).
 *
 * What must never happen: a place that is not given back; a call that waits longer than its deadline.
 */
import { type AccountKey, type Call, Fault, type TenantId } from '#/model/index.ts';
import type { Mailboxes } from '#/ports/index.ts';
import { callsPerTenantMax, callsWaitingPerTenantMax } from './limits.ts';
import { Room } from './room.ts';
import { WriteBreaker, type WriteBreakerParts } from './write-breaker.ts';

/** Calls that change an account for a person or a sender. */
const WRITES: ReadonlySet<unknown> = new Set<keyof Mailboxes>([
  'deliver',
  'create',
  'delete',
  'rename',
  'subscribe',
  'append',
  'flag',
  'copy',
  'expunge',
  'recover',
  'setRules',
  'hold',
]);

/** Calls that are of no account, or wait for nothing. */
const FREE: ReadonlySet<unknown> = new Set<keyof Mailboxes>(['accounts', 'watch']);

/** The same mailboxes, with these bounds. */
export function guarded(mailboxes: Mailboxes, parts: WriteBreakerParts): Mailboxes {
  const breaker = new WriteBreaker(parts);
  const rooms = new Map<TenantId, Room>();
  const roomOf = (tenant: TenantId): Room =>
    rooms.getOrInsertComputed(tenant, () => new Room(callsPerTenantMax, callsWaitingPerTenantMax));
  return new Proxy(mailboxes, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (typeof name !== 'string' || FREE.has(name)) return value.bind(target);
      const perform = (args: readonly unknown[]) => value.apply(target, args) as Promise<unknown>;
      return async (...args: unknown[]) => {
        const [account, call] = [args[0] as AccountKey, args.at(-1) as Call];
        using _place = await roomOf(account.tenant).take(1, call);
        return WRITES.has(name) ? await write(account, call, () => perform(args)) : await perform(args);
      };
    },
  });

  async function write(account: AccountKey, call: Call, perform: () => Promise<unknown>): Promise<unknown> {
    breaker.enter(account);
    try {
      const answer = await perform();
      breaker.answered(account);
      return answer;
    } catch (error) {
      if (isTrouble(error)) {
        // Who has gone did not wait for the store.
        if (call.signal?.aborted !== true) breaker.failed(account, error.code);
      } else breaker.answered(account);
      throw error;
    }
  }
}

/** The store's own, which may pass; what it says of the request itself is an answer. */
function isTrouble(error: unknown): error is Fault {
  return error instanceof Fault && error.owner === 'us' && error.retry !== 'never';
}
