/** A configuration profile for Mail on Apple's systems: opened there, it asks for name and password and makes the account. */
import { createHash } from 'node:crypto';
import { domainOf, type MailAddress } from '#/model/index.ts';
import { type MailService, type MailServices, offeredOf } from './services.ts';
import { escapeXml } from './xml.ts';

/** Null where no mail can be read or none be sent. POP3 only where there is no IMAP. */
export function appleProfile(services: MailServices, address: MailAddress): string | null {
  const [incoming] = [...offeredOf(services, 'imap'), ...offeredOf(services, 'pop3')];
  const [outgoing] = offeredOf(services, 'submission');
  if (incoming === undefined || outgoing === undefined) return null;
  const name = `${address} (${domainOf(address)})`;
  const account = dictionary([
    ['PayloadType', 'com.apple.mail.managed'],
    ['PayloadVersion', 1],
    ['PayloadIdentifier', `${identifierOf(services)}.account.${uuidOf('account', address)}`],
    ['PayloadUUID', uuidOf('account', address)],
    ['PayloadDisplayName', name],
    ['EmailAccountType', incoming.protocol === 'imap' ? 'EmailTypeIMAP' : 'EmailTypePOP'],
    ['EmailAccountDescription', address],
    ['EmailAddress', address],
    ...serverOf('Incoming', services, incoming, address),
    ...serverOf('Outgoing', services, outgoing, address),
    ['OutgoingPasswordSameAsIncomingPassword', true],
  ]);
  const profile = dictionary(
    [
      ['PayloadType', 'Configuration'],
      ['PayloadVersion', 1],
      ['PayloadIdentifier', `${identifierOf(services)}.${uuidOf('profile', address)}`],
      ['PayloadUUID', uuidOf('profile', address)],
      ['PayloadDisplayName', address],
      ['PayloadOrganization', domainOf(address)],
      ['PayloadRemovalDisallowed', false],
    ],
    `<key>PayloadContent</key>\n<array>\n${account}\n</array>`,
  );
  return `${HEAD}${profile}\n</plist>\n`;
}

type Value = string | number | boolean;
type Entry = readonly [key: string, value: Value];

const HEAD = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
`;

/** STARTTLS is `UseSSL` too: Mail finds out by the port which of both it is. */
function serverOf(
  which: 'Incoming' | 'Outgoing',
  { host }: MailServices,
  { port }: MailService,
  address: MailAddress,
): readonly Entry[] {
  return [
    [`${which}MailServerHostName`, host],
    [`${which}MailServerPortNumber`, port],
    [`${which}MailServerUseSSL`, true],
    [`${which}MailServerUsername`, address],
    [`${which}MailServerAuthentication`, 'EmailAuthPassword'],
  ];
}

function dictionary(entries: readonly Entry[], ...more: readonly string[]): string {
  const lines = entries.map(([key, value]) => `<key>${key}</key>\n${formatted(value)}`);
  return ['<dict>', ...lines, ...more, '</dict>'].join('\n');
}

function formatted(value: Value): string {
  if (typeof value === 'string') return `<string>${escapeXml(value)}</string>`;
  return typeof value === 'number' ? `<integer>${value}</integer>` : `<${value}/>`;
}

/** `org.example.mail` from `mail.example.org`. */
function identifierOf({ host }: MailServices): string {
  return host.split('.').reverse().join('.');
}

/** The same for the same address (RFC 9562 §5.8), so that a newer profile takes the place of an older one. */
function uuidOf(what: string, address: MailAddress): string {
  const hex = createHash('sha256').update(`${what} ${address}`).digest('hex');
  const variant = '89ab'[Number.parseInt(hex[16] ?? '0', 16) % 4];
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ]
    .join('-')
    .toUpperCase();
}
