/** The configuration of a private OpenSMTPD. */
import { OLD_BYTES_MAX, SIGN_IN, type Surroundings } from './peer.ts';

/** SIGN_IN's password as crypt(3) keeps it. */
const SIGN_IN_HASH =
  '$6$interoprun$Zmc9nXtME74ZaM3/LzhrHyTwtn8.nmECEDbCxTTlboZG7HVVEzdrHyuLjT/Gnr.OKcr9vdqEUgg6wpSxlBqEP1';

const OWN = [
  'opensmtpd.test',
  'tls.opensmtpd.test',
  'auth.opensmtpd.test',
  'old.opensmtpd.test',
  'xn--r8jz45g.opensmtpd.test',
];

/** Text of the configuration file: of the usual instance, or of the one that takes small mail only. */
export function opensmtpdConfiguration(base: string, around: Surroundings, part: 'main' | 'old'): string {
  const sections = [
    `pki own cert "${base}/cert.pem"`,
    `pki own key "${base}/key.pem"`,
    `table people { ${SIGN_IN.username} = "${SIGN_IN_HASH}" }`,
    `table moody file:${base}/moody`,
    `table rude file:${base}/rude`,
    `table secrets { holdfast = "${around.username}:${around.password}" }`,
    `smtp max-message-size ${part === 'main' ? 50_000_000 : OLD_BYTES_MAX}`,
    ...(part === 'main' ? moods() : []),
    ...listeners(around, part),
    ...ways(base, around),
  ];
  return `${sections.join('\n')}\n`;
}

function moods(): string[] {
  return [
    'filter later phase rcpt-to match rcpt-to <moody> reject "451 4.7.1 come again"',
    'filter busy phase rcpt-to match rcpt-to <rude> disconnect "421 4.3.2 too much to do"',
    'filter moods chain { later, busy }',
  ];
}

function listeners({ ports }: Surroundings, part: 'main' | 'old'): string[] {
  const name = 'hostname opensmtpd.test';
  if (part === 'old') return [`listen on 127.0.0.1 port ${ports.old} ${name}`];
  return [
    `listen on 127.0.0.1 port ${ports.plain} filter moods ${name}`,
    `listen on 127.0.0.1 port ${ports.tls} tls pki own ${name}`,
    `listen on 127.0.0.1 port ${ports.auth} tls-require pki own auth <people> ${name}`,
  ];
}

function ways(base: string, around: Surroundings): string[] {
  const domains = OWN.map((domain) => `"${domain}"`).join(', ');
  const catching = OWN.map((domain) => `"@${domain}" = keeper`).join(', ');
  return [
    `action keep maildir "${base}/keep" virtual { ${catching} }`,
    `action unsecured relay host "smtp+notls://127.0.0.1:${around.mx}"`,
    `action slow relay host "smtp+notls://127.0.0.1:${around.slow}"`,
    `action secured relay host "smtp+tls://127.0.0.1:${around.mxTls}" tls no-verify`,
    `action submit relay host "smtp+tls://holdfast@127.0.0.1:${around.submission}" auth <secrets> tls no-verify`,
    'match from any for rcpt-to "nobody@opensmtpd.test" reject',
    `match from any for domain { ${domains} } action keep`,
    'match from any for domain { "acme.test", "back.test", "xn--r8jz45g.test" } action unsecured',
    'match from any for domain "slow.world.test" action slow',
    'match from any for domain "tls.acme.test" action secured',
    'match from any for domain { "plain.world.test", "login.world.test" } action submit',
  ];
}
