/**
 * Whether a host may send for a domain (RFC 7208 §4): `check_host`, with its limits.
 *
 * What must never happen: more look-ups than the limits, whoever wrote the record; a wait beyond the caller's deadline; `pass` where the record says
 * anything else.
 */
import {
  expandDomain,
  isSpfRecord,
  type MacroValues,
  parseSpfRecord,
  type Qualifier,
  type SpfMechanism,
  usesName,
} from '#/codec/spf/index.ts';
import { type Call, type Domain, formatIp, holds, type IpAddress, parseIp, parseNetwork } from '#/model/index.ts';
import type { Resolver } from '#/ports/index.ts';
import { spfLookupsMax, spfNamesMax, spfVoidsMax } from './limits.ts';

/** Words of RFC 7208 §2.6. */
export type SpfResult = 'none' | 'neutral' | 'pass' | 'fail' | 'softfail' | 'temperror' | 'permerror';

export interface SpfQuestion {
  /** Of the peer. */
  readonly ip: string;
  readonly helo: string;
  /** The reverse-path, `local@domain`; null is `<>`, for which the greeting's name is asked (RFC 7208 §2.4). */
  readonly sender: string | null;
}

/** DNS as SPF asks it. Rejects where there is no answer. */
export interface SpfDns {
  texts(name: string): Promise<readonly string[]>;
  addresses(name: string, family: 4 | 6): Promise<readonly string[]>;
  mx(name: string): Promise<readonly string[]>;
  /** Names of an address, unconfirmed. */
  names(ip: string): Promise<readonly string[]>;
}

const RESULTS: Readonly<Record<Qualifier, SpfResult>> = { '+': 'pass', '-': 'fail', '~': 'softfail', '?': 'neutral' };

/** Never rejects: what DNS does not say is `temperror`. */
export async function checkSpf(question: SpfQuestion, dns: SpfDns): Promise<SpfResult> {
  const ip = parseIp(question.ip);
  const sender = question.sender ?? `postmaster@${question.helo}`;
  const at = sender.lastIndexOf('@');
  if (ip === null) return 'none';
  const whole = at < 1 ? `postmaster@${sender.slice(at + 1)}` : sender;
  try {
    return await new Walk(ip, whole, question.helo, dns).check(whole.slice(whole.lastIndexOf('@') + 1));
  } catch (error) {
    return error instanceof Broken ? 'permerror' : 'temperror';
  }
}

/** The resolver of this process as SPF asks it. */
function spfDns(resolver: Pick<Resolver, 'texts' | 'addresses' | 'mx' | 'reverse'>, call: Call): SpfDns {
  return {
    texts: (name) => resolver.texts(name, call),
    addresses: async (name, family) =>
      (await resolver.addresses(name, call)).filter((one) => parseIp(one)?.family === family),
    async mx(name) {
      const answer = await resolver.mx(name as Domain, call);
      return answer.kind === 'hosts' ? answer.hosts.map(({ host }) => host) : [];
    },
    async names(ip) {
      const name = await resolver.reverse(ip, call);
      return name === null ? [] : [name];
    },
  };
}

/** Whether the record of a domain lets a host send, by all its addresses; null where that can't be known now. */
export async function maySend(
  domain: Domain,
  host: string,
  resolver: Parameters<typeof spfDns>[0],
  call: Call,
): Promise<boolean | null> {
  const addresses = await resolver.addresses(host, call).catch(() => []);
  const dns = spfDns(resolver, call);
  const asked = addresses
    .slice(0, spfNamesMax)
    .map((ip) => checkSpf({ ip, helo: host, sender: `postmaster@${domain}` }, dns));
  const results = await Promise.all(asked);
  return results.length === 0 || results.includes('temperror') ? null : results.every((one) => one === 'pass');
}

/** A record that nobody can be judged by, or one that asks too much. */
class Broken extends Error {}

class Walk {
  readonly #ip: IpAddress;
  readonly #sender: string;
  readonly #helo: string;
  readonly #dns: SpfDns;
  #lookups = 0;
  #voids = 0;

  constructor(ip: IpAddress, sender: string, helo: string, dns: SpfDns) {
    this.#ip = ip;
    this.#sender = sender;
    this.#helo = helo;
    this.#dns = dns;
  }

  /** RFC 7208 §4. */
  async check(domain: string): Promise<SpfResult> {
    if (!isName(domain) || !domain.replace(/\.$/, '').includes('.')) return 'none';
    const texts = (await this.#dns.texts(domain)).filter(isSpfRecord);
    const [text] = texts;
    if (text === undefined) return 'none';
    const record = texts.length > 1 ? null : parseSpfRecord(text);
    if (record === null) throw new Broken();
    for (const mechanism of record.mechanisms)
      if (await this.#matches(mechanism, domain)) return RESULTS[mechanism.qualifier];
    if (record.redirect === null) return 'neutral';
    this.#count();
    const result = await this.check(await this.#expanded(record.redirect, domain));
    if (result === 'none') throw new Broken();
    return result;
  }

  async #matches(mechanism: SpfMechanism, domain: string): Promise<boolean> {
    switch (mechanism.kind) {
      case 'all':
        return true;
      case 'ip':
        return holds(mechanism.network, this.#ip);
      case 'include':
        return this.#includes(await this.#target(mechanism.spec, domain));
      case 'a':
        return this.#isAmong([await this.#target(mechanism.spec, domain)], mechanism, true);
      case 'mx':
        return this.#isAmong(await this.#mailHosts(await this.#target(mechanism.spec, domain)), mechanism, false);
      case 'exists': {
        const name = await this.#target(mechanism.spec, domain);
        // RFC 7208 §5.7: for IPv4 whatever the peer has.
        const found = isName(name) ? await this.#dns.addresses(name, 4) : [];
        this.#look(found);
        return found.length > 0;
      }
      case 'ptr': {
        const name = await this.#target(mechanism.spec, domain);
        return (await this.#confirmedNames()).some((one) => isWithin(one, name));
      }
    }
  }

  /** RFC 7208 §4.6.4: each of these terms is counted before anything is asked. */
  async #target(spec: string | null, domain: string): Promise<string> {
    this.#count();
    return spec === null ? domain : await this.#expanded(spec, domain);
  }

  /** RFC 7208 §5.2: another domain's `fail` is no match; one without a record breaks this one. */
  async #includes(name: string): Promise<boolean> {
    const result = await this.check(name);
    if (result === 'none') throw new Broken();
    return result === 'pass';
  }

  async #mailHosts(name: string): Promise<readonly string[]> {
    const hosts = isName(name) ? await this.#dns.mx(name) : [];
    this.#look(hosts);
    if (hosts.length > spfNamesMax) throw new Broken();
    return hosts;
  }

  async #isAmong(
    hosts: readonly string[],
    { bits4, bits6 }: { readonly bits4: number; readonly bits6: number },
    counts: boolean,
  ): Promise<boolean> {
    const { family } = this.#ip;
    const bits = family === 4 ? bits4 : bits6;
    for (const host of hosts) {
      const found = isName(host) ? await this.#dns.addresses(host, family) : [];
      if (counts) this.#look(found);
      for (const address of found) {
        const network = parseNetwork(`${address}/${bits}`);
        if (network !== null && holds(network, this.#ip)) return true;
      }
    }
    return false;
  }

  /** RFC 7208 §5.5: names that lead back to the address. DNS that fails here matches nothing. */
  async #confirmedNames(): Promise<readonly string[]> {
    const { family } = this.#ip;
    const own = formatIp(this.#ip);
    const names = await this.#dns.names(own).catch(() => []);
    this.#look(names);
    const confirmed: string[] = [];
    for (const name of names.slice(0, spfNamesMax)) {
      const found = await this.#dns.addresses(name, family).catch(() => []);
      if (found.some((one) => sameAddress(one, this.#ip))) confirmed.push(name.toLowerCase());
    }
    return confirmed;
  }

  async #expanded(spec: string, domain: string): Promise<string> {
    return expandDomain(spec, await this.#values(spec, domain));
  }

  async #values(spec: string, domain: string): Promise<MacroValues> {
    const { family } = this.#ip;
    const facts = { sender: this.#sender, domain, helo: this.#helo, ip: dotted(this.#ip), family };
    if (!usesName(spec)) return { ...facts, name: '' };
    const names = await this.#confirmedNames();
    const name =
      names.find((one) => one === domain) ?? names.find((one) => isWithin(one, domain)) ?? names[0] ?? 'unknown';
    return { ...facts, name };
  }

  #count(): void {
    this.#lookups += 1;
    if (this.#lookups > spfLookupsMax) throw new Broken();
  }

  #look(found: readonly unknown[]): void {
    if (found.length === 0) this.#voids += 1;
    if (this.#voids > spfVoidsMax) throw new Broken();
  }
}

function isWithin(name: string, domain: string): boolean {
  const [one, other] = [name.replace(/\.$/, '').toLowerCase(), domain.replace(/\.$/, '').toLowerCase()];
  return one === other || one.endsWith(`.${other}`);
}

function sameAddress(text: string, ip: IpAddress): boolean {
  const other = parseIp(text);
  return other !== null && other.family === ip.family && other.value === ip.value;
}

/** Whether it can be asked for in DNS: labels of 1 to 63 octets (RFC 1035 §2.3.4). */
function isName(text: string): boolean {
  const name = text.replace(/\.$/, '');
  return (
    name.length > 0 &&
    name.length <= 253 &&
    !/[[\]]/.test(name) &&
    name.split('.').every((label) => label.length > 0 && label.length <= 63)
  );
}

/** RFC 7208 §7.3: IPv6 nibble by nibble. */
function dotted(ip: IpAddress): string {
  return ip.family === 4 ? formatIp(ip) : ip.value.toString(16).padStart(32, '0').split('').join('.');
}
