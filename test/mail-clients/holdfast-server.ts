/** Holdfast as the server of the journeys: the whole program, as an operator starts it. */
import { eventually, Holdfast } from '../support/holdfast.ts';
import { ImapWire } from './imap-wire.ts';
import { byLmtp } from './lmtp.ts';
import { BOB, CERTIFICATE, type MailServer } from './mail-server.ts';

const RESOURCES = `tenants:
  - id: acme
    name: Acme
    domains: [acme.test]
    users:
      - { address: ${BOB.user}, password: "${BOB.password}" }
`;

const TLS = {
  HOLDFAST_TLS_SELF_SIGNED: 'false',
  HOLDFAST_TLS_CERT: CERTIFICATE.cert,
  HOLDFAST_TLS_KEY: CERTIFICATE.key,
};
const DELIVERED_MS = 20_000;

/** Starts one. */
export async function holdfastServer(): Promise<MailServer> {
  const holdfast = await Holdfast.start({ resources: RESOURCES, env: TLS, mailboxes: true });
  const { ports } = holdfast;
  return {
    name: 'holdfast',
    ports,
    certificate: CERTIFICATE.cert,
    ...BOB,
    deliver: async (mail) => {
      const before = await messagesIn(ports.imaps);
      await byLmtp(ports.lmtp, BOB.user, mail);
      await eventually('the mail is in INBOX', async () => (await messagesIn(ports.imaps)) > before, DELIVERED_MS);
    },
    restart: async () => {
      await holdfast.stop();
      await holdfast.launch();
    },
    purge: async () => {
      const { code, stdout, stderr } = await holdfast.cli('mailbox', 'purge', BOB.user, '--now');
      if (code !== 0) throw new Error(`mailbox purge: ${stdout}${stderr}`);
    },
    log: () => holdfast.output,
    [Symbol.asyncDispose]: () => holdfast[Symbol.asyncDispose](),
  };
}

async function messagesIn(port: number): Promise<number> {
  await using wire = await ImapWire.open(port);
  await wire.login(BOB.user, BOB.password);
  const { untagged } = await wire.command('STATUS INBOX (MESSAGES)');
  const counts = untagged.find(([word]) => word === 'STATUS')?.[2];
  return Array.isArray(counts) ? Number(counts[1]) : 0;
}
