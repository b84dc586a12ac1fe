/** The servers that every journey is made on. */
import { dovecotServer } from './dovecot-server.ts';
import { holdfastServer } from './holdfast-server.ts';
import type { MailServer } from './mail-server.ts';

/** ms for one journey: on a busy machine the program alone takes half a minute to start, and some journeys start it three times. */
export const JOURNEY_MS = 300_000;

/** The long form proves each script on the reference before it judges. */
export const LONG = process.env.HOLDFAST_LONG === '1';

export const SERVERS: readonly {
  readonly name: string;
  readonly start: () => Promise<MailServer | { missing: string }>;
}[] = [...(LONG ? [{ name: 'Dovecot', start: dovecotServer }] : []), { name: 'Holdfast', start: holdfastServer }];
