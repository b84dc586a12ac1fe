/** The servers that every journey is made on. */
import { dovecotServer } from './dovecot-server.ts';
import { holdfastServer } from './holdfast-server.ts';
import type { MailServer } from './mail-server.ts';

/** ms for one journey: on a busy machine the program alone takes half a minute to start, and some journeys start it three times. */
export const JOURNEY_MS = 300_000;

/** The reference first, so that a script is proven before it judges. */
export const SERVERS: readonly {
  readonly name: string;
  readonly start: () => Promise<MailServer | { missing: string }>;
}[] = [
  { name: 'Dovecot', start: dovecotServer },
  { name: 'Holdfast', start: holdfastServer },
];
