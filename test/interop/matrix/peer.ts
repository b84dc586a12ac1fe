/** What the matrix asks of a foreign mail server, whichever it is. */
import type { IssuedCertificate } from '#/testkit/index.ts';

/** Mail servers of others. */
export type ServerName = 'postfix' | 'exim' | 'opensmtpd';

/** Where a server finds Holdfast, and what it shows. All ports are of 127.0.0.1. */
export interface Surroundings {
  /** Before Holdfast's MX port, in clear: wires that are tapped. */
  readonly mx: number;
  /** The same, from an address that Holdfast knows as a relay with a small limit. */
  readonly slow: number;
  /** Holdfast's MX port itself, for STARTTLS. */
  readonly mxTls: number;
  readonly submission: number;
  readonly username: string;
  readonly password: string;
  /** Names `localhost`. */
  readonly certificate: IssuedCertificate;
  readonly ports: ServerPorts;
}

/** Its listeners. */
export interface ServerPorts {
  /** In clear, open to everybody near. */
  readonly plain: number;
  /** With STARTTLS. */
  readonly tls: number;
  /** With STARTTLS and sign-in, which it demands. */
  readonly auth: number;
  /** Takes only small mail, and knows no SMTPUTF8. */
  readonly old: number;
}

/** A running server. `NAME.test` and domains below it are its own; what comes for them it keeps, whoever in them it is for. */
export interface ForeignServer extends AsyncDisposable {
  readonly name: ServerName;
  readonly version: string;
  /** The contents that it kept, with what it put on top and its own line ends. */
  kept(): readonly Buffer[];
  /** From now on it takes mail for `later@` (451 before) and `busy@` (421 before). */
  recover(): Promise<void>;
  /** Lets what waits in its queue from this sender go now, where it would not by itself within seconds. */
  flush(sender: string): Promise<void>;
  log(): string;
  /** Whether it has ended by itself. */
  ended(): boolean;
}

/** The largest content that `old` takes, in octets. */
export const OLD_BYTES_MAX = 200_000;

/** The user that signs in at `auth`. */
export const SIGN_IN: { readonly username: string; readonly password: string } = {
  username: 'holdfast',
  password: 'passing through',
};
