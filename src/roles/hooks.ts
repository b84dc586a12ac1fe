/** Connections to the servers that `checks` names. The operator listed them, so they may be in networks of their own (design 6). */
import type { Settings } from '#/config/index.ts';
import { Hooks } from '#/inspect/index.ts';
import { type Call, parseIp } from '#/model/index.ts';
import { createDialer, createResolver, RESOLVER_DEFAULTS } from '#/net/index.ts';
import type { AbsencePolicies } from '#/policy/index.ts';
import type { Clock, Dialer, Log, Resolver } from '#/ports/index.ts';

/** What the checks beside ours being away does to mail, unless a rule says otherwise. */
export function absencesOf({ checks }: Settings): AbsencePolicies {
  return Object.fromEntries(checks.map(({ name, absence }) => [`hook:${name}`, absence]));
}

export interface OpenHooks extends Disposable {
  /** Null where the settings name none. */
  readonly hooks: Hooks | null;
}

/** The servers of the settings; disposed, no name is looked up any more. */
export function openHooks(settings: Settings, parts: { readonly clock: Clock; readonly log: Log }): OpenHooks {
  if (settings.checks.length === 0) return { hooks: null, [Symbol.dispose]: () => {} };
  const resolver = createResolver({ ...RESOLVER_DEFAULTS, servers: settings.dns.servers }, parts);
  const dialer = createDialer({ allow: [], authorities: [] });
  const named = settings.checks.map(({ host, port, ...check }) => ({
    ...check,
    connect: (call: Call) => dial({ host, port }, { resolver, dialer }, call),
  }));
  return { hooks: new Hooks(named, parts), [Symbol.dispose]: () => resolver[Symbol.dispose]() };
}

/** The first of its addresses that takes a connection. */
async function dial(
  { host, port }: { readonly host: string; readonly port: number },
  { resolver, dialer }: { readonly resolver: Resolver; readonly dialer: Dialer },
  call: Call,
) {
  const addresses = parseIp(host) === null ? await resolver.addresses(host, call) : [host];
  let failure = new Error(`${host} has no address`);
  for (const address of addresses) {
    try {
      return await dialer.connect({ address, port, trusted: true }, call);
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
    }
  }
  throw failure;
}
