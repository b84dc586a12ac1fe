/** From a refusal to its class: what kind of thing has to change before the mail can arrive. */

import type { BounceClass } from '#/model/index.ts';

/** A refusal as it was heard; `code` 0 where nobody answered, and we say why. */
export interface Said {
  readonly code: number;
  /** RFC 3463 §2, such as `5.7.1`. */
  readonly enhanced: string | null;
  readonly text: string;
}

/** The words decide nothing beyond it. */
const TEXT_MAX = 500;

/** Status codes that say enough, without their first figure (RFC 3463 §3, RFC 5248, RFC 7372, RFC 7505). */
const BY_STATUS: Readonly<Record<string, BounceClass>> = {
  '1.0': 'unknown-recipient',
  '1.1': 'unknown-recipient',
  '1.2': 'unknown-recipient',
  '1.3': 'unknown-recipient',
  '1.6': 'unknown-recipient',
  '1.10': 'unknown-recipient',
  '2.2': 'mailbox-full',
  '2.3': 'content',
  '3.4': 'content',
  '4.3': 'dns',
  '4.4': 'dns',
  '4.5': 'rate',
  '4.6': 'protocol',
  '6.1': 'content',
  '6.2': 'content',
  '6.3': 'content',
  '6.7': 'content',
  '7.10': 'tls',
  '7.11': 'tls',
  '7.20': 'authentication',
  '7.21': 'authentication',
  '7.22': 'authentication',
  '7.23': 'authentication',
  '7.24': 'authentication',
  '7.25': 'authentication',
  '7.26': 'authentication',
  '7.27': 'authentication',
  '7.29': 'authentication',
  '7.28': 'rate',
  '7.30': 'tls',
};

/** Status codes of Microsoft's own numbering, which no other server uses. */
const MICROSOFT: readonly (readonly [least: number, most: number, of: BounceClass])[] = [
  [500, 501, 'rate'],
  [505, 505, 'reputation'],
  [509, 509, 'authentication'],
  [511, 513, 'reputation'],
  [515, 515, 'authentication'],
  [520, 520, 'spam'],
  [606, 649, 'reputation'],
  [650, 659, 'reputation'],
  [700, 799, 'rate'],
  [800, 899, 'reputation'],
];

/** Words of the large providers and of common servers. The first that fits counts, so what is particular stands before what is general. */
const BY_WORDS: readonly (readonly [words: RegExp, of: BounceClass])[] = [
  [/\bdmarc\b|\bspf\b|\bdkim\b|unauthenticated|not authenticated by|reverse dns|\bptr record/, 'authentication'],
  [/\[(?:tss|ts)0?[1-9]/, 'rate'],
  [
    /receiving mail (?:at a rate|too quickly)|rate limit|too (?:many|much|fast)|throttl|unusual rate|exceeded .{0,40}(?:rate|connections)/,
    'rate',
  ],
  [
    /spamhaus|blocklist|blacklist|block list|\bdnsbl\b|\brbl\b|banned sending|poor reputation|\breputation\b|s3150|\[bl\d/,
    'reputation',
  ],
  [
    /(?:user|recipient|mailbox|address|account).{0,40}(?:unknown|does(?: not|n't) exist|not found|no longer|disabled|inactive|unavailable|invalid)/,
    'unknown-recipient',
  ],
  [
    /no such (?:user|recipient|mailbox|address)|unknown (?:user|recipient|address|mailbox)|invalid recipient|recipient address rejected: access denied/,
    'unknown-recipient',
  ],
  [
    /(?:mailbox|quota|storage).{0,40}(?:full|exceed|over|out of)|over ?quota|out of storage|insufficient system storage for/,
    'mailbox-full',
  ],
  [/gr[ae]y-?list|try again (?:later|in)|temporarily deferred|come back later/, 'rate'],
  [/\bspam\b|unsolicited|junk mail|\bcs01\b|\bhm0\d|content (?:rejected|filter)|\bvirus\b|\bmalware\b|\bphish/, 'spam'],
  [/starttls|\btls\b|certificate/, 'tls'],
  [
    /(?:message|mail|size).{0,30}(?:too (?:large|big)|exceeds)|attachment.{0,30}(?:not allowed|blocked)|maximum .{0,20}size/,
    'content',
  ],
  [/domain .{0,80}(?:does not exist|not found)|\bdns\b|no mail host|name server/, 'dns'],
  [/connect|timed? ?out|unreachable|went away|no route|did not answer/, 'network'],
];

/** The second figure, where nothing else was said. */
const BY_SUBJECT: Readonly<Record<string, BounceClass>> = {
  '1': 'unknown-recipient',
  '4': 'network',
  '5': 'protocol',
  '6': 'content',
  '7': 'spam',
};

/** The reply alone, of servers that know no status codes (RFC 5321 §4.2.3). */
const BY_CODE: Readonly<Record<number, BounceClass>> = {
  0: 'network',
  421: 'rate',
  450: 'rate',
  452: 'mailbox-full',
  500: 'protocol',
  501: 'protocol',
  502: 'protocol',
  503: 'protocol',
  504: 'protocol',
  521: 'network',
  550: 'unknown-recipient',
  552: 'mailbox-full',
  556: 'dns',
};

/**
 * The class of a refusal. A status code that means one thing goes before words; one that servers use for many things (such as 5.7.1) leaves the choice
 * to the words; what neither tells is told by what the codes have in common.
 */
export function classOf({ code, enhanced, text }: Said): BounceClass {
  const words = text.slice(0, TEXT_MAX).toLowerCase();
  const [, subject = '', detail = ''] = /^[245]\.(\d{1,3})\.(\d{1,3})$/.exec(enhanced ?? '') ?? [];
  const status = `${subject}.${detail}`;
  if (subject === '7') {
    const own = MICROSOFT.find(([least, most]) => Number(detail) >= least && Number(detail) <= most);
    if (own !== undefined) return own[2];
  }
  const certain = BY_STATUS[status];
  if (certain !== undefined) return certain;
  const worded = BY_WORDS.find(([pattern]) => pattern.test(words));
  if (worded !== undefined) return worded[1];
  // Who refuses by policy, without a word why, and not for good, wants us to come again.
  if (subject === '7' && code < 500) return 'rate';
  return BY_SUBJECT[subject] ?? BY_CODE[code] ?? 'other';
}

/** The class of a refusal as journals and rows keep it: `451 4.7.1 words`. Null where it is none. */
export function classOfText(reply: string): BounceClass | null {
  const [, code = '0', enhanced = null, text = ''] =
    /^(?:(\d{3})(?= |$) ?)?(?:(\d\.\d{1,3}\.\d{1,3})(?= |$) ?)?(.*)$/s.exec(reply) ?? [];
  if (reply === '' || code.startsWith('2') || enhanced?.startsWith('2.') === true) return null;
  return classOf({ code: Number(code), enhanced, text });
}
