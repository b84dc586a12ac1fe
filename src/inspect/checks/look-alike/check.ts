import { domainToUnicode } from 'node:url';
import type { RecipientFacts } from '#/model/index.ts';
import { domainOf } from '#/model/index.ts';
import { domainKey } from '#/policy/index.ts';
import { type Hit, quoted } from '../../hits.ts';
import { FREE_MAIL } from '../free-mail/index.ts';
import { lookOf } from './confusables.ts';
import { type DomainParts, partsOf } from './domain-parts.ts';
import { isNear } from './near.ts';

/** Where most mistyped mail goes: names one letter beside these belong to people who collect it. */
const MUCH_USED = [
  'gmail.com',
  'yahoo.co.jp',
  'yahoo.com',
  'outlook.com',
  'outlook.jp',
  'hotmail.com',
  'icloud.com',
  'docomo.ne.jp',
  'softbank.ne.jp',
  'ezweb.ne.jp',
];

/** Shorter names are near to half of all others. */
const NAME_CHARS_MIN = 4;
/** So long a name stands in another one by intent. */
const INSIDE_CHARS_MIN = 6;

interface Known {
  readonly domain: string;
  readonly registered: string;
  readonly name: string;
  readonly look: string;
  /** One of ours or of a partner: any likeness counts. Of much-used ones a slip of the fingers does. */
  readonly isClose: boolean;
}

/** Recipients outside whose domain looks like one that is known: the tenant's own, those that it deals with, and much-used ones. */
export function* lookAlike(recipients: readonly RecipientFacts[], close: Iterable<string>): Generator<Hit> {
  const known = [...Array.from(close, (domain) => knownAs(domain, true)), ...MUCH_USED_KNOWN];
  const registered = new Set(known.map((one) => one.registered));
  const seen = new Map<string, string | null>();
  for (const { n, address, direction } of recipients) {
    if (direction !== 'outbound') continue;
    const key = domainKey(domainOf(address));
    const like = seen.getOrInsertComputed(key, () => likenessOf(domainToUnicode(key) || key, known, registered));
    if (like === null) continue;
    const shown = quoted(address);
    yield {
      key: String(n),
      part: '',
      recipient: n,
      reason: {
        en: `The domain of ${shown} looks like ${like} and is another.`,
        ja: `${shown} のドメインは ${like} に似ていますが、別のドメインです。`,
      },
    };
  }
}

function knownAs(domain: string, isClose: boolean): Known {
  const unicode = domainToUnicode(domainKey(domain)) || domain;
  const { name, registered } = partsOf(unicode);
  return { domain: unicode, registered, name, look: lookOf(name), isClose };
}

const MUCH_USED_KNOWN = MUCH_USED.map((domain) => knownAs(domain, false));

// The domain itself, and all below what is known, is known.
function likenessOf(domain: string, known: readonly Known[], registered: ReadonlySet<string>): string | null {
  const parts = partsOf(domain);
  if (registered.has(parts.registered) || FREE_MAIL.has(parts.registered)) return null;
  const look = lookOf(parts.name);
  return known.find((one) => isLike(domain, parts, look, one))?.domain ?? null;
}

function isLike(domain: string, { name, registered }: DomainParts, look: string, known: Known): boolean {
  // Of much-used names only slips count: many honest names are made of them.
  if (!known.isClose) return isNear(registered, known.registered) || (look === known.look && name !== known.name);
  // The known domain in front of somebody's: acme.test.example.com.
  if (domain.startsWith(`${known.domain}.`)) return true;
  // The same letters to the eye, or the same name under another top-level domain.
  if (look === known.look) return true;
  if (known.name.length < NAME_CHARS_MIN) return false;
  // acme-billing, secureacme: words around the name.
  const isAround =
    look.split('-').includes(known.look) || (known.look.length >= INSIDE_CHARS_MIN && look.includes(known.look));
  return isAround || isNear(look, known.look);
}
