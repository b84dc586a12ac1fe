/** What to publish in DNS for a domain: a list of makers, which grows with what we can say of ourselves. */
import type { Domain } from '#/model/index.ts';
import type { MailService, MailServices } from './services.ts';

export interface DnsRecord {
  /** The full name, without a dot at its end. */
  readonly name: string;
  readonly type: 'MX' | 'SRV' | 'CNAME' | 'TXT';
  readonly value: string;
  /** Why, in a sentence. */
  readonly about: string;
}

type Maker = (domain: Domain, services: MailServices) => readonly DnsRecord[];

const MAKERS: readonly Maker[] = [mx, spf, dmarc, mailServices, autodiscovery];

/** All records of a domain, in the order in which one would publish them. */
export function dnsRecordsOf(domain: Domain, services: MailServices): readonly DnsRecord[] {
  return MAKERS.flatMap((make) => make(domain, services));
}

const MX_PREFERENCE = 10;

function mx(domain: Domain, { mx: host }: MailServices): readonly DnsRecord[] {
  if (host === null) return [];
  return [{ name: domain, type: 'MX', value: `${MX_PREFERENCE} ${host}.`, about: 'Mail for the domain comes here.' }];
}

/** RFC 7208 §5.4: whoever takes the domain's mail may send it. Softly, for we do not know who else sends in its name. */
function spf(domain: Domain, { mx: host }: MailServices): readonly DnsRecord[] {
  if (host === null) return [];
  const about = 'Who may send in its name. Add others that do; make it -all once none is missing.';
  return [{ name: domain, type: 'TXT', value: 'v=spf1 mx ~all', about }];
}

/** RFC 9989 §4.7: without a word on failures nobody's mail is lost by it, and receivers count the domain as one that cares. */
function dmarc(domain: Domain, { mx: host }: MailServices): readonly DnsRecord[] {
  if (host === null) return [];
  const about =
    'What receivers do with mail that only claims to be from it: nothing yet. Make it p=reject once all that sends in its name is signed.';
  return [{ name: `_dmarc.${domain}`, type: 'TXT', value: 'v=DMARC1; p=none', about }];
}

interface Place {
  readonly label: string;
  readonly wanted: Pick<MailService, 'protocol' | 'security'>;
  readonly priority: number;
  readonly about: string;
}

/** RFC 6186 §3.4: a lower priority is preferred, also among different services; RFC 8314 §5.1 names those in TLS from the start. */
const PLACES: readonly Place[] = [
  place('_imaps', 'imap', 'tls', 0, 'IMAP in TLS'),
  place('_imap', 'imap', 'starttls', 10, 'IMAP with STARTTLS'),
  place('_pop3s', 'pop3', 'tls', 20, 'POP3 in TLS'),
  place('_pop3', 'pop3', 'starttls', 30, 'POP3 with STLS'),
  place('_submissions', 'submission', 'tls', 0, 'Sending in TLS'),
  place('_submission', 'submission', 'starttls', 10, 'Sending with STARTTLS'),
];

function place(
  label: string,
  protocol: MailService['protocol'],
  security: MailService['security'],
  priority: number,
  about: string,
): Place {
  return { label, wanted: { protocol, security }, priority, about };
}

function mailServices(domain: Domain, { host, offered }: MailServices): readonly DnsRecord[] {
  return PLACES.map(({ label, wanted, priority, about }) => {
    const served = offered.find(
      ({ protocol, security }) => protocol === wanted.protocol && security === wanted.security,
    );
    const name = `${label}._tcp.${domain}`;
    // RFC 6186 §3.4: a target of "." says that there is no such service.
    if (served === undefined) return { name, type: 'SRV', value: '0 0 0 .', about: `${about}: not served.` };
    return { name, type: 'SRV', value: `${priority} 1 ${served.port} ${host}.`, about: `${about}.` };
  });
}

function autodiscovery(domain: Domain, { host, httpsPort }: MailServices): readonly DnsRecord[] {
  const alias = (label: string, who: string): DnsRecord[] =>
    host === `${label}.${domain}`
      ? []
      : [{ name: `${label}.${domain}`, type: 'CNAME', value: `${host}.`, about: `${who} asks for its settings here.` }];
  const srv: DnsRecord[] =
    httpsPort === null
      ? []
      : [
          {
            name: `_autodiscover._tcp.${domain}`,
            type: 'SRV',
            value: `0 0 ${httpsPort} ${host}.`,
            about: 'Outlook asks here where the name above is missing.',
          },
        ];
  return [...alias('autoconfig', 'Thunderbird'), ...alias('autodiscover', 'Outlook'), ...srv];
}
