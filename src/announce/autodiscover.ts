/** Outlook's autodiscover answers in its old form (POX, response schema 2006a): IMAP, POP3 and submission in TLS. */
import type { MailAddress } from '#/model/index.ts';
import { type MailService, type MailServices, offeredOf, PROTOCOLS, type Protocol } from './services.ts';
import { escapeXml } from './xml.ts';

const ANSWER = 'http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006';
const OUTLOOK = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a';
const TYPE: Readonly<Record<Protocol, string>> = { imap: 'IMAP', pop3: 'POP3', submission: 'SMTP' };

/** Outlook takes one of a kind: the best. */
export function autodiscover(services: MailServices, address: MailAddress): string {
  const best = PROTOCOLS.flatMap((protocol) => offeredOf(services, protocol).slice(0, 1));
  return document(
    `<Response xmlns="${OUTLOOK}">`,
    '<Account>',
    '<AccountType>email</AccountType>',
    '<Action>settings</Action>',
    ...best.map((one) => protocolOf(services, one, address)),
    '</Account>',
    '</Response>',
  );
}

/** 600: the request can't be read; 601: it wants another schema. */
export function autodiscoverError(code: 600 | 601): string {
  const message = code === 600 ? 'The request can not be read.' : 'Settings of this kind are not given here.';
  return document(
    '<Response>',
    '<Error>',
    `<ErrorCode>${code}</ErrorCode>`,
    `<Message>${message}</Message>`,
    '<DebugData/>',
    '</Error>',
    '</Response>',
  );
}

function document(...lines: readonly string[]): string {
  const head = ['<?xml version="1.0" encoding="utf-8"?>', `<Autodiscover xmlns="${ANSWER}">`];
  return [...head, ...lines, '</Autodiscover>', ''].join('\n');
}

function protocolOf({ host }: MailServices, { protocol, port, security }: MailService, address: MailAddress): string {
  return [
    '<Protocol>',
    `<Type>${TYPE[protocol]}</Type>`,
    `<Server>${escapeXml(host)}</Server>`,
    `<Port>${port}</Port>`,
    `<LoginName>${escapeXml(address)}</LoginName>`,
    '<DomainRequired>off</DomainRequired>',
    '<SPA>off</SPA>',
    `<SSL>${security === 'tls' ? 'on' : 'off'}</SSL>`,
    `<Encryption>${security === 'tls' ? 'SSL' : 'TLS'}</Encryption>`,
    '<AuthRequired>on</AuthRequired>',
    ...(protocol === 'submission' ? ['<UsePOPAuth>on</UsePOPAuth>', '<SMTPLast>off</SMTPLast>'] : []),
    '</Protocol>',
  ].join('\n');
}
