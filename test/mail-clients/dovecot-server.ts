/** Dovecot as the server of the journeys. */
import { startDovecot } from '../support/dovecot.ts';
import { ImapWire } from './imap-wire.ts';
import { byLmtp } from './lmtp.ts';
import { BOB, CERTIFICATE, type MailServer } from './mail-server.ts';

/** Starts one, or says why there is none. */
export async function dovecotServer(): Promise<MailServer | { missing: string }> {
  const dovecot = await startDovecot({ [BOB.user]: BOB.password });
  if ('missing' in dovecot) return dovecot;
  await warm(dovecot.ports.imaps);
  return {
    name: 'dovecot',
    ports: dovecot.ports,
    certificate: CERTIFICATE.cert,
    ...BOB,
    deliver: (mail) => byLmtp(dovecot.ports.lmtp, BOB.user, mail),
    restart: async () => {
      await dovecot.restart();
      await warm(dovecot.ports.imaps);
    },
    // One file a mail, which goes with its expunge.
    purge: async () => undefined,
    log: () => dovecot.log(),
    [Symbol.asyncDispose]: () => dovecot[Symbol.asyncDispose](),
  };
}

// Before its part for passwords is up, it greets twice, which not every client bears.
async function warm(port: number): Promise<void> {
  await using wire = await ImapWire.open(port);
  await wire.login(BOB.user, BOB.password);
}
