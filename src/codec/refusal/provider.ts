/** From the name of a mail host to whose it is. */
import { isIP } from 'node:net';

export interface Provider {
  /** Stands in labels and in names of components: lower-case letters, figures, dots and hyphens. */
  readonly id: string;
  /** For people. */
  readonly name: string;
}

/** Ends of host names, by provider. Hosts that several of a provider's services share are one: they fail together. */
const KNOWN: readonly (readonly [id: string, name: string, ends: readonly string[]])[] = [
  ['microsoft-365', 'Microsoft 365', ['protection.outlook.com', 'mx.microsoft', 'outlook.com', 'hotmail.com']],
  ['google', 'Google', ['google.com', 'googlemail.com', 'gmail.com']],
  ['yahoo-japan', 'Yahoo! JAPAN', ['yahoo.co.jp']],
  ['yahoo', 'Yahoo', ['yahoodns.net', 'yahoo.com']],
  ['apple', 'Apple iCloud', ['icloud.com', 'apple.com']],
  ['proofpoint', 'Proofpoint', ['pphosted.com', 'ppe-hosted.com', 'gpphosted.com']],
  ['mimecast', 'Mimecast', ['mimecast.com', 'mimecast.co.za']],
  ['barracuda', 'Barracuda', ['barracudanetworks.com', 'cudaops.com']],
  ['cisco', 'Cisco Secure Email', ['iphmx.com']],
  ['trend-micro', 'Trend Micro', ['tmes.trendmicro.com', 'trendmicro.com', 'trendmicro.co.jp']],
  ['docomo', 'NTT DOCOMO', ['docomo.ne.jp', 'spmode.ne.jp']],
  ['au', 'au (KDDI)', ['au.com', 'ezweb.ne.jp']],
  ['softbank', 'SoftBank', ['softbank.ne.jp', 'softbank.jp', 'i.softbank.jp']],
  ['rakuten', 'Rakuten', ['rakuten.jp', 'rmail.rakuten-mobile.co.jp']],
  ['sakura', 'Sakura Internet', ['sakura.ne.jp']],
  ['xserver', 'Xserver', ['xserver.jp', 'xbiz.ne.jp']],
  ['lolipop', 'Lolipop', ['lolipop.jp', 'lolipop.lan']],
  ['kagoya', 'Kagoya', ['kagoya.net']],
  ['biglobe', 'BIGLOBE', ['biglobe.ne.jp']],
  ['nifty', 'Nifty', ['nifty.com', 'nifty.ne.jp']],
  ['ocn', 'OCN', ['ocn.ad.jp', 'ocn.ne.jp']],
  ['zoho', 'Zoho', ['zoho.com', 'zoho.eu']],
  ['fastmail', 'Fastmail', ['messagingengine.com']],
  ['proton', 'Proton', ['protonmail.ch']],
  ['gmx', 'GMX and WEB.DE', ['gmx.net', 'web.de']],
  ['ionos', 'IONOS', ['kundenserver.de', 'ionos.com', 'ionos.de']],
  ['ovh', 'OVHcloud', ['ovh.net', 'ovh.ca']],
  ['amazon', 'Amazon SES', ['amazonaws.com']],
  ['cloudflare', 'Cloudflare', ['mx.cloudflare.net']],
];

const BY_END: ReadonlyMap<string, Provider> = new Map(
  KNOWN.flatMap(([id, name, ends]) => ends.map((end) => [end, { id, name }] as const)),
);

const NAMES: ReadonlyMap<string, string> = new Map(KNOWN.map(([id, name]) => [id, name]));

/** What people call a provider that everybody knows; null for one of which we know no more than its hosts. */
export function providerName(id: string): string | null {
  return NAMES.get(id) ?? null;
}

/** Names below a country under which others register: `co.jp`, `com.au`. */
const SECOND_LEVELS = new Set(
  'ac ad co com ed edu gob go gov gr gv lg mil mod ne net nhs nom or org plc police sch web'.split(' '),
);

/** No name has more. */
const HOST_MAX = 253;

/**
 * Whose server this is. One that nobody here has heard of is called by the part of its name that somebody registered: its last two labels,
 * or three where the second last is a word of a country's own (`co.jp`). There is no list of all such words here: a host under another one
 * goes together with its neighbours, which makes one provider of several, and never several of one. A bare address stands for itself.
 */
export function providerOf(host: string): Provider {
  const name = host.slice(0, HOST_MAX).toLowerCase().replace(/\.$/, '');
  if (isIP(name) > 0) return { id: name.replaceAll(':', '-'), name };
  const labels = name.split('.').filter((label) => label !== '');
  for (let i = 0; i < labels.length - 1; i++) {
    const known = BY_END.get(labels.slice(i).join('.'));
    if (known !== undefined) return known;
  }
  const registered = registeredPart(labels);
  return { id: registered.replaceAll(/[^a-z0-9.-]/g, '-') || 'unknown', name: registered || 'unknown' };
}

function registeredPart(labels: readonly string[]): string {
  const [second = '', top = ''] = labels.slice(-2);
  const isCountrys = top.length === 2 && SECOND_LEVELS.has(second);
  return labels.slice(isCountrys ? -3 : -2).join('.');
}
