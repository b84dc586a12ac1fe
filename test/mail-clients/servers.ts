/** The servers that every journey is made on: the reference first, so that a script is proven before it judges. */
import { dovecotServer } from './dovecot-server.ts';
import { holdfastServer } from './holdfast-server.ts';
import type { MailServer } from './mail-server.ts';

export const SERVERS: readonly { readonly name: string; start(): Promise<MailServer | { missing: string }> }[] = [
  { name: 'Dovecot', start: dovecotServer },
  { name: 'Holdfast', start: holdfastServer },
];
