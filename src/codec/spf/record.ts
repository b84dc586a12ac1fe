/** SPF records as values (RFC 7208 §4.6, §5, §6). */
import { type Network, parseNetwork } from '#/model/index.ts';
import { recordBytesMax, termsMax } from './limits.ts';
import { isDomainSpec, isMacroString } from './macro.ts';

export type Qualifier = '+' | '-' | '~' | '?';

export type SpfMechanism = { readonly qualifier: Qualifier } & (
  | { readonly kind: 'all' }
  | { readonly kind: 'include' | 'exists'; readonly spec: string }
  /** `spec` null: the domain itself. */
  | { readonly kind: 'ptr'; readonly spec: string | null }
  | { readonly kind: 'a' | 'mx'; readonly spec: string | null; readonly bits4: number; readonly bits6: number }
  | { readonly kind: 'ip'; readonly network: Network }
);

export interface SpfRecord {
  readonly mechanisms: readonly SpfMechanism[];
  readonly redirect: string | null;
}

/** Whether a TXT record is one of SPF, right or wrong (RFC 7208 §4.5). */
export function isSpfRecord(text: string): boolean {
  return /^v=spf1(?: |$)/i.test(text);
}

/** Null where it is no right one: then nobody's mail can be judged by it. */
export function parseSpfRecord(text: string): SpfRecord | null {
  const terms = text.length > recordBytesMax ? [] : text.split(' ').filter((term) => term !== '');
  if (!isSpfRecord(text) || terms.length === 0 || terms.length > termsMax) return null;
  const mechanisms: SpfMechanism[] = [];
  const modifiers = new Map<string, string>();
  for (const term of terms.slice(1)) {
    const [, name, value] = /^([a-z][a-z0-9._-]*)=(.*)$/i.exec(term) ?? [];
    if (name === undefined || value === undefined) {
      const mechanism = mechanismOf(term);
      if (mechanism === null) return null;
      mechanisms.push(mechanism);
    } else if (!takeModifier(modifiers, name.toLowerCase(), value)) return null;
  }
  return { mechanisms, redirect: modifiers.get('redirect') ?? null };
}

/** RFC 7208 §6: the two that we know come once and name a domain; others say nothing to us, but in the right form. */
function takeModifier(modifiers: Map<string, string>, name: string, value: string): boolean {
  if (name !== 'redirect' && name !== 'exp') return isMacroString(value);
  if (modifiers.has(name) || !isDomainSpec(value)) return false;
  modifiers.set(name, value);
  return true;
}

function mechanismOf(term: string): SpfMechanism | null {
  const [, sign = '', name = '', mark = '', rest = ''] = /^([-+~?]?)([a-z0-9]+)([:/]?)(.*)$/i.exec(term) ?? [];
  const qualifier = (sign === '' ? '+' : sign) as Qualifier;
  const value = mark === ':' ? rest : '';
  // A colon names something.
  if (mark === ':' && value === '') return null;
  switch (name.toLowerCase()) {
    case 'all':
      return mark === '' && rest === '' ? { qualifier, kind: 'all' } : null;
    case 'include':
      return isDomainSpec(value) ? { qualifier, kind: 'include', spec: value } : null;
    case 'exists':
      return isDomainSpec(value) ? { qualifier, kind: 'exists', spec: value } : null;
    case 'ptr':
      if (mark === '' && rest === '') return { qualifier, kind: 'ptr', spec: null };
      return isDomainSpec(value) ? { qualifier, kind: 'ptr', spec: value } : null;
    case 'a':
      return hostsOf('a', qualifier, mark + rest);
    case 'mx':
      return hostsOf('mx', qualifier, mark + rest);
    case 'ip4':
    case 'ip6':
      return addressesOf(name.toLowerCase() === 'ip4' ? 4 : 6, qualifier, value);
    default:
      return null;
  }
}

function hostsOf(kind: 'a' | 'mx', qualifier: Qualifier, text: string): SpfMechanism | null {
  const [, spec, four, six] = /^(?::(.+?))?(?:\/(0|[1-9]\d?))?(?:\/\/(0|[1-9]\d{0,2}))?$/.exec(text) ?? [];
  if (spec === undefined && four === undefined && six === undefined && text !== '') return null;
  const [bits4, bits6] = [Number(four ?? 32), Number(six ?? 128)];
  if ((spec !== undefined && !isDomainSpec(spec)) || bits4 > 32 || bits6 > 128) return null;
  return { qualifier, kind, spec: spec ?? null, bits4, bits6 };
}

function addressesOf(family: 4 | 6, qualifier: Qualifier, text: string): SpfMechanism | null {
  const found = /^([0-9a-f:.]+)(?:\/(0|[1-9]\d{0,2}))?$/i.exec(text);
  if (found === null || found[1]?.includes(':') !== (family === 6)) return null;
  if (Number(found[2] ?? 0) > (family === 4 ? 32 : 128)) return null;
  const network = parseNetwork(text);
  return network === null ? null : { qualifier, kind: 'ip', network };
}
