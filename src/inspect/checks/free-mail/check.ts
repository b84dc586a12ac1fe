import type { RecipientFacts } from '#/model/index.ts';
import { domainOf } from '#/model/index.ts';
import { domainKey } from '#/policy/index.ts';
import { type Hit, quoted } from '../../hits.ts';
import { FREE_MAIL } from './services.ts';

/** Recipients outside whose address is of a service that gives addresses to anyone; carriers give each person a domain below their own. */
export function* freeMail(recipients: readonly RecipientFacts[]): Generator<Hit> {
  for (const { n, address, direction } of recipients) {
    if (direction !== 'outbound' || !isFree(domainKey(domainOf(address)))) continue;
    const shown = quoted(address);
    yield {
      key: String(n),
      part: '',
      recipient: n,
      reason: { en: `${shown} is an address of a free mail service.`, ja: `${shown} はフリーメールのアドレスです。` },
    };
  }
}

function isFree(domain: string): boolean {
  if (FREE_MAIL.has(domain)) return true;
  const above = domain.slice(domain.indexOf('.') + 1);
  return CARRIERS.has(above);
}

/** `t.vodafone.ne.jp`, `willcom.com` and the like. */
const CARRIERS: ReadonlySet<string> = new Set([
  'vodafone.ne.jp',
  'ezweb.ne.jp',
  'pdx.ne.jp',
  'willcom.com',
  'jp-t.ne.jp',
]);
