/** DNS as mail needs it. Every answer has a deadline; no answer is a fault `dns.unavailable`, a name without records is an outcome. */
import type { Call, Domain } from '#/model/index.ts';

export interface Resolver {
  /** MX hosts in order of preference, equals shuffled (RFC 5321 §5.1). `null-mx` is RFC 7505; `none` has no MX: use the domain itself. */
  mx(domain: Domain, call: Call): Promise<MxAnswer>;
  /** Addresses, IPv6 and IPv4; empty when there are none. */
  addresses(host: string, call: Call): Promise<readonly string[]>;
  /** Name of an address, confirmed forward; null when there is none. */
  reverse(address: string, call: Call): Promise<string | null>;
  /** Texts of the TXT records of a name, the strings of each put together (RFC 7208 §3.3), one octet a character; empty when there are none. */
  texts(name: string, call: Call): Promise<readonly string[]>;
}

export type MxAnswer =
  | { readonly kind: 'hosts'; readonly hosts: readonly { readonly preference: number; readonly host: string }[] }
  | { readonly kind: 'null-mx' }
  | { readonly kind: 'none' }
  | { readonly kind: 'no-such-domain' };
