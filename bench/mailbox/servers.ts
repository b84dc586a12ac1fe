/** The servers that meet: Holdfast as shipped, and Dovecot in each of its formats. */
import { startDovecot } from '../../test/support/dovecot.ts';
import type { DovecotMail } from '../../test/support/dovecot-settings.ts';
import { Holdfast } from '../../test/support/holdfast.ts';

export interface MailServer extends AsyncDisposable {
  readonly name: string;
  readonly ports: { readonly imaps: number; readonly pop3s: number; readonly lmtp: number };
  /** Roots of its trees of processes. */
  roots(): readonly number[];
  /** Ends it and starts it again on the same mail. */
  restart(): Promise<void>;
  /** What it logged, for a row that fails. */
  log(): string;
}

export const PASSWORD = 'battery staple';
const HOST = 'bench.test';
/** People with empty mailboxes. */
export const OTHERS: readonly string[] = Array.from({ length: 8 }, (_, i) => `other${i}`);

const USERS = ['one', 'four0', 'four1', 'four2', 'four3', 'append', 'big', ...OTHERS];

/** The address of one of the users that both have. */
export function addressOf(name: string): string {
  return `${name}@${HOST}`;
}

const LIMITS = 'limits: { messageBytes: 50MB, recipients: 1000, connections: 12000, reservedForSignedIn: 400 }';

/** With trace, journal, tenants, limits and audit. */
export async function startHoldfast(more: readonly string[] = []): Promise<MailServer> {
  const users = [...USERS, ...more].map((name) => `      - { address: ${addressOf(name)}, password: "${PASSWORD}" }`);
  const installation = await Holdfast.start({
    mailboxes: true,
    settings: `outbound: off\n${LIMITS}`,
    resources: `tenants:\n  - id: bench\n    name: Bench\n    domains: [${HOST}]\n    users:\n${users.join('\n')}\n`,
  });
  return {
    name: 'Holdfast',
    ports: installation.ports,
    roots: () => [installation.pid],
    restart: async () => {
      await installation.stop();
      await installation.launch();
    },
    log: () => installation.output,
    [Symbol.asyncDispose]: () => installation[Symbol.asyncDispose](),
  };
}

export async function startDovecotIn(format: DovecotMail): Promise<MailServer | { readonly missing: string }> {
  const users = Object.fromEntries(USERS.map((name) => [addressOf(name), PASSWORD]));
  const dovecot = await startDovecot(users, format);
  if ('missing' in dovecot) return dovecot;
  return {
    name: `Dovecot ${format}`,
    ports: dovecot.ports,
    roots: () => [dovecot.pid()],
    restart: () => dovecot.restart(),
    log: () => dovecot.log(),
    [Symbol.asyncDispose]: () => dovecot[Symbol.asyncDispose](),
  };
}
