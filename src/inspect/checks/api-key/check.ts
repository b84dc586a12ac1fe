import { type Hit, masked } from '../../hits.ts';
import type { TextOfMail } from '../../text/index.ts';

const PRIVATE = 'private key';

/** Keys that say whose they are. Each form begins with a text that is seldom by chance, so that most mail is answered by a search for that. */
const VENDORS: readonly (readonly [vendor: string, prefixes: readonly string[], pattern: RegExp])[] = [
  ['AWS', ['AKIA', 'ASIA'], /(?<![A-Za-z0-9])A(?:KIA|SIA)[A-Z2-7]{16}(?![A-Za-z0-9])/g],
  ['GitHub', ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], /(?<![A-Za-z0-9])gh[pousr]_[A-Za-z0-9]{36,255}/g],
  ['GitHub', ['github_pat_'], /(?<![A-Za-z0-9])github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}/g],
  ['GitLab', ['glpat-'], /(?<![A-Za-z0-9])glpat-[A-Za-z0-9_-]{20,}/g],
  ['Slack', ['xox'], /(?<![A-Za-z0-9])xox[abeoprs]-\d[A-Za-z0-9-]{20,250}/g],
  ['Slack', ['hooks.slack.com'], /hooks\.slack\.com\/services\/T[A-Z0-9]{7,12}\/B[A-Z0-9]{7,12}\/[A-Za-z0-9]{20,30}/g],
  ['Google', ['AIza'], /(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/g],
  ['Google', ['GOCSPX-'], /(?<![A-Za-z0-9])GOCSPX-[A-Za-z0-9_-]{28}/g],
  ['Stripe', ['k_live_'], /(?<![A-Za-z0-9])[rs]k_live_[A-Za-z0-9]{24,255}/g],
  ['Anthropic', ['sk-ant-'], /(?<![A-Za-z0-9])sk-ant-[A-Za-z0-9_-]{40,255}/g],
  ['OpenAI', ['sk-'], /(?<![A-Za-z0-9-])sk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{40,255}/g],
  ['npm', ['npm_'], /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])/g],
  ['PyPI', ['pypi-'], /(?<![A-Za-z0-9])pypi-AgE[A-Za-z0-9_-]{50,255}/g],
  ['SendGrid', ['SG.'], /(?<![A-Za-z0-9])SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}/g],
  ['Azure', ['AccountKey='], /AccountKey=[A-Za-z0-9+/]{86}==/g],
  [PRIVATE, ['PRIVATE KEY'], /-----BEGIN (?:[A-Z]{2,10} ){0,2}PRIVATE KEY(?: BLOCK)?-----/g],
];

/** What people and programs call a secret, in front of it. */
const NAMED =
  /(?:api[_ -]?key|access[_ -]?key|secret[_ -]?key|client[_ -]?secret|auth[_ -]?token|access[_ -]?token|secret|token|passwd|password|パスワード|秘密鍵|認証キー|APIキー|シークレット)["'」]?\s{0,3}(?:[:=：＝]|は|=>)\s{0,3}["'「]?([A-Za-z0-9+/_.~!@#$%^&*-]{16,200})/gi;

/** Bits for each character: words of a language stay below it, random texts are above. */
const ENTROPY_MIN = 3.3;
/** Papers about keys use these. */
const PLACEHOLDER = /example|sample|dummy|placeholder|your|xxxx|0000|1234567|<|\*{4}|\.\.\./i;

/** Keys and passwords of programs: by the form of their vendor, and by a name in front of something random. Not what papers use as a stand-in. */
export function* apiKey(texts: readonly TextOfMail[]): Generator<Hit> {
  for (const { part, plain } of texts) {
    for (const [vendor, prefixes, pattern] of VENDORS) {
      if (!prefixes.some((prefix) => plain.includes(prefix))) continue;
      for (const { 0: key, index } of plain.matchAll(pattern)) {
        if (PLACEHOLDER.test(key)) continue;
        yield hit(part, vendor, key, {
          from: index,
          to: vendor === PRIVATE ? blockEnd(plain, index) : index + key.length,
        });
      }
    }
    for (const { 0: all, 1: value = '', index } of plain.matchAll(NAMED)) {
      const end = index + all.length;
      if (isRandom(value)) yield hit(part, '', value, { from: end - value.length, to: end });
    }
  }
}

/** Of a private key its whole block; without an end, all that is left. */
function blockEnd(text: string, from: number): number {
  const end = /-----END [A-Z ]{0,30}-----/g;
  end.lastIndex = from;
  const found = end.exec(text);
  return found === null ? text.length : found.index + found[0].length;
}

function hit(part: string, vendor: string, key: string, at: NonNullable<Hit['at']>): Hit {
  if (vendor === PRIVATE)
    return { key: `${part}:${key}`, part, at, reason: { en: 'A private key stands in it.', ja: '秘密鍵があります。' } };
  const whose = vendor === '' ? '' : `${vendor} `;
  return {
    key,
    part,
    at,
    reason: {
      en: `A key or password of a program (${whose}${masked(key)}) stands in it.`,
      ja: `プログラムの鍵またはパスワード（${whose}${masked(key)}）があります。`,
    },
  };
}

function isRandom(value: string): boolean {
  if (PLACEHOLDER.test(value) || !/\d/.test(value) || !/[A-Za-z]/.test(value)) return false;
  // A UUID names a thing; it opens none.
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(value)) return false;
  return entropyOf(value) >= ENTROPY_MIN;
}

function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  return [...counts.values()].reduce((sum, n) => sum - (n / text.length) * Math.log2(n / text.length), 0);
}
