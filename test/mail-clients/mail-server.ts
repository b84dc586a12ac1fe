/** A server with one user's mailboxes, as mail clients see it: Holdfast, or a peer that the same journeys are proven with. */
import { fileURLToPath } from 'node:url';

export interface MailServer extends AsyncDisposable {
  readonly name: 'dovecot' | 'holdfast';
  /** Ports of 127.0.0.1; the first of each pair offers STARTTLS or STLS. */
  readonly ports: { readonly imap: number; readonly imaps: number; readonly pop3: number; readonly pop3s: number };
  /** File with the certificate that it shows, which names `localhost`. */
  readonly certificate: string;
  readonly user: string;
  readonly password: string;
  /** Brings a mail to INBOX by LMTP; it can be read when this resolves. Lines end with CR and LF. */
  deliver(mail: string): Promise<void>;
  /** Ends all of it and starts it again on the same data and ports. */
  restart(): Promise<void>;
  /** Lets go for good of what was expunged, as the nightly purge would. */
  purge(): Promise<void>;
  /** What it logged, for a test that fails. */
  log(): string;
}

const TLS = new URL('../../fixtures/tls/', import.meta.url);

/** The certificate and key of all servers here. */
export const CERTIFICATE = {
  cert: fileURLToPath(new URL('cert.pem', TLS)),
  key: fileURLToPath(new URL('key.pem', TLS)),
};

/** The user of all journeys. */
export const BOB = { user: 'bob@acme.test', password: 'battery staple' } as const;
