/** What mail programs may connect to. */
import type { Domain } from '#/model/index.ts';

export type Protocol = 'imap' | 'pop3' | 'submission';
export const PROTOCOLS: readonly Protocol[] = ['imap', 'pop3', 'submission'];

export interface MailService {
  readonly protocol: Protocol;
  /** TLS from the start, or by STARTTLS (STLS) before anything else. */
  readonly security: 'tls' | 'starttls';
  readonly port: number;
}

export interface MailServices {
  /** The name that mail programs connect to; its certificate has it. */
  readonly host: Domain;
  /** The name that mail servers connect to, where mail from them is taken. */
  readonly mx: Domain | null;
  /** The port of pages in TLS, where there are some. */
  readonly httpsPort: number | null;
  /** RFC 8314 §3: TLS from the start comes first. */
  readonly offered: readonly MailService[];
}

/** The services of a protocol, the best one first. */
export function offeredOf({ offered }: MailServices, protocol: Protocol): readonly MailService[] {
  return offered.filter((one) => one.protocol === protocol);
}
