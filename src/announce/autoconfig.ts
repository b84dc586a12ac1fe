/** The settings of mail programs as Thunderbird and its like read them (config-v1.1). Their place holders stand for the address. */
import type { Domain } from '#/model/index.ts';
import { type MailService, type MailServices, offeredOf } from './services.ts';
import { escapeXml } from './xml.ts';

/** For addresses of a domain; null: of whatever domain the program has in mind. */
export function autoconfig(services: MailServices, domain: Domain | null): string {
  const name = domain === null ? '%EMAILDOMAIN%' : escapeXml(domain);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<clientConfig version="1.1">',
    `  <emailProvider id="${escapeXml(services.host)}">`,
    `    <domain>${name}</domain>`,
    `    <displayName>${name}</displayName>`,
    `    <displayShortName>${name}</displayShortName>`,
    ...offeredOf(services, 'imap').map((one) => server('incomingServer', 'imap', services, one)),
    ...offeredOf(services, 'pop3').map((one) => server('incomingServer', 'pop3', services, one)),
    ...offeredOf(services, 'submission').map((one) => server('outgoingServer', 'smtp', services, one)),
    '  </emailProvider>',
    '</clientConfig>',
    '',
  ].join('\n');
}

function server(element: string, type: string, { host }: MailServices, { port, security }: MailService): string {
  return [
    `    <${element} type="${type}">`,
    `      <hostname>${escapeXml(host)}</hostname>`,
    `      <port>${port}</port>`,
    `      <socketType>${security === 'tls' ? 'SSL' : 'STARTTLS'}</socketType>`,
    '      <authentication>password-cleartext</authentication>',
    '      <username>%EMAILADDRESS%</username>',
    `    </${element}>`,
  ].join('\n');
}
