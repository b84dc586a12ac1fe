/**
 * Clients that load mail and leave it on the server: how each is run, and what it has loaded. Each keeps its own memory of what it knows,
 * by UIDL, by UID or by `\Seen`.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPeer, type Peer } from '../support/peers.ts';
import { idsIn } from './letters.ts';
import type { MailServer } from './mail-server.ts';
import { runClient } from './run-client.ts';

export interface Downloader extends AsyncDisposable {
  /** One visit; resolves with the ids of the mails that it loaded, in the order of their names. */
  fetch(): Promise<readonly string[]>;
}

export interface DownloaderKind {
  readonly name: string;
  make(server: MailServer): Promise<Downloader | { missing: string }>;
}

export const DOWNLOADERS: readonly DownloaderKind[] = [
  { name: 'fetchmail by POP3 with STLS', make: (server) => fetchmail(server, 'pop3', 'starttls') },
  { name: 'fetchmail by POP3 in TLS', make: (server) => fetchmail(server, 'pop3', 'tls') },
  { name: 'fetchmail by IMAP in TLS', make: (server) => fetchmail(server, 'imap', 'tls') },
  { name: 'mpop with STLS', make: (server) => mpop(server, 'starttls') },
  { name: 'mpop in TLS', make: (server) => mpop(server, 'tls') },
];

type Security = 'starttls' | 'tls';

// fetchmail ends with 1 where there was nothing new.
async function fetchmail(
  server: MailServer,
  protocol: 'pop3' | 'imap',
  security: Security,
): Promise<Downloader | { missing: string }> {
  const peer = await findPeer('fetchmail');
  if ('missing' in peer) return peer;
  const port = server.ports[security === 'tls' ? (`${protocol}s` as const) : protocol];
  const tls = security === 'tls' ? 'ssl' : 'sslproto TLS1.2+';
  return downloader(peer, {
    program: 'fetchmail',
    file: 'fetchmailrc',
    words: (folder) => ['-f', join(folder, 'fetchmailrc'), '--pidfile', join(folder, 'pid'), '-v'],
    fine: [0, 1],
    settings: (folder) => `
set no syslog
set idfile "${folder}/ids"
poll localhost protocol ${protocol} port ${port} auth password ${protocol === 'pop3' ? 'uidl' : ''}
  username "${server.user}" password "${server.password}"
  keep no rewrite ${tls} sslcertck sslcertfile "${server.certificate}"
  mda "cat > $(mktemp '${folder}/mail/new/XXXXXXXX')"
`,
  });
}

async function mpop(server: MailServer, security: Security): Promise<Downloader | { missing: string }> {
  const peer = await findPeer('mpop');
  if ('missing' in peer) return peer;
  return downloader(peer, {
    program: 'mpop',
    file: 'mpoprc',
    words: (folder) => ['-C', join(folder, 'mpoprc'), '-d'],
    fine: [0],
    settings: (folder) => `
account default
host localhost
port ${security === 'tls' ? server.ports.pop3s : server.ports.pop3}
user ${server.user}
password "${server.password}"
tls on
tls_starttls ${security === 'tls' ? 'off' : 'on'}
tls_trust_file ${server.certificate}
auth user
keep on
received_header off
uidls_file ${folder}/ids
delivery maildir ${folder}/mail
`,
  });
}

interface Manner {
  readonly program: string;
  readonly file: string;
  readonly fine: readonly number[];
  readonly words: (folder: string) => readonly string[];
  readonly settings: (folder: string) => string;
}

async function downloader(peer: Peer, { program, file, fine, words, settings }: Manner): Promise<Downloader> {
  const folder = await mkdtemp(join(tmpdir(), `holdfast-${program}-`));
  for (const name of ['mail', 'mail/cur', 'mail/new', 'mail/tmp']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, file), settings(folder), { mode: 0o600 });
  const env = { ...peer.env, HOME: folder, FETCHMAILHOME: folder };
  const known = new Set<string>();
  return {
    fetch: async () => {
      await runClient(peer.path(program), words(folder), { env, fine });
      const fresh = readdirSync(join(folder, 'mail', 'new')).filter((name) => !known.has(name));
      for (const name of fresh) known.add(name);
      return fresh.flatMap((name) => idsIn(readFileSync(join(folder, 'mail', 'new', name), 'latin1'))).sort();
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
