/**
 * What the outside is told so that mail, and mail programs, find this installation: DNS records to publish, and the settings of mail
 * programs in the forms that these ask for. Values in, values out; `web/` serves them, the command line prints them.
 *
 * What must never happen: a port that is not in TLS from the start or by STARTTLS; an answer that tells whether a user exists (all addresses of
 * a domain get the same); text of a stranger that becomes markup.
 *
 * Carries O1 (mail programs set themselves up), RFC 6186, RFC 8314 §5.
 */
export { appleProfile } from './apple-profile.ts';
export { autoconfig } from './autoconfig.ts';
export { autodiscover, autodiscoverError } from './autodiscover.ts';
export { readAutodiscover } from './autodiscover-request.ts';
export { announceOperations } from './operations.ts';
export { type MailService, type MailServices, PROTOCOLS, type Protocol } from './services.ts';
