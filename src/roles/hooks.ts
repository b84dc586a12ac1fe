/**
 * Connections to the servers that `checks` names. Addresses and servers beside ours were listed by the operator, so they may be in networks of their own; the
 * name of a program by HTTP may be somebody else's, and leads to public addresses and to those that were listed with it (design 6).
 */
import type { CheckSetting, Settings } from '#/config/index.ts';
import { type HookSetting, Hooks } from '#/inspect/index.ts';
import { type Call, parseIp } from '#/model/index.ts';
import { createDialer, createResolver, RESOLVER_DEFAULTS } from '#/net/index.ts';
import { type AllTerms, NO_TERMS, withTerms } from '#/policy/index.ts';
import type { Clock, Dialer, Log, Resolver } from '#/ports/index.ts';

/** What holds for checks, ours and those beside ours, unless a tenant or a rule says otherwise. Servers beside ours keep their deadlines themselves. */
export function checkTermsOf({ checks, inspect }: Settings): AllTerms {
  const { absences, deadlines } = withTerms(NO_TERMS, inspect.checks);
  const beside = Object.fromEntries(checks.map(({ name, absence }) => [`hook:${name}`, absence]));
  return { absences: { ...absences, ...beside }, deadlines };
}

export interface OpenHooks extends Disposable {
  /** Null where the settings name none. */
  readonly hooks: Hooks | null;
}

/** The servers of the settings; disposed, no name is looked up any more. */
export function openHooks(settings: Settings, parts: { readonly clock: Clock; readonly log: Log }): OpenHooks {
  if (settings.checks.length === 0) return { hooks: null, [Symbol.dispose]: () => {} };
  const resolver = createResolver({ ...RESOLVER_DEFAULTS, servers: settings.dns.servers }, parts);
  const named = settings.checks.map((check) => hookOf(check, resolver));
  return { hooks: new Hooks(named, parts), [Symbol.dispose]: () => resolver[Symbol.dispose]() };
}

function hookOf(
  { name, kind, deadlineMs, host, port, acceptsEarly, http }: CheckSetting,
  resolver: Resolver,
): HookSetting {
  const dialer = createDialer({ allow: http?.networks ?? [], authorities: [] });
  const trusted = http === null || isLocal(host);
  const plain = (call: Call) => dial({ host, port, trusted }, { resolver, dialer }, call);
  const about = { name, deadlineMs, acceptsEarly };
  if (kind !== 'http' || http === null) return { ...about, kind: kind === 'http' ? 'milter' : kind, connect: plain };
  const secure = async (call: Call) => {
    const socket = await plain(call);
    return await dialer.secure(socket, { servername: host, verify: 'name' }, call);
  };
  const { tls, path, send, secret } = http;
  const usual = tls ? 443 : 80;
  const written = host.includes(':') ? `[${host}]` : host;
  const target = { host: port === usual ? written : `${written}:${port}`, path, send, secret };
  return { ...about, kind, connect: tls ? secure : plain, http: target };
}

/** Who writes an address, and not a name, knows where it leads. */
function isLocal(host: string): boolean {
  return parseIp(host) !== null || host === 'localhost';
}

/** The first of its addresses that takes a connection. */
async function dial(
  { host, port, trusted }: { readonly host: string; readonly port: number; readonly trusted: boolean },
  { resolver, dialer }: { readonly resolver: Resolver; readonly dialer: Dialer },
  call: Call,
) {
  const addresses = parseIp(host) === null ? await resolver.addresses(host, call) : [host];
  let failure = new Error(`${host} has no address`);
  for (const address of addresses) {
    try {
      return await dialer.connect({ address, port, trusted }, call);
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
    }
  }
  throw failure;
}
