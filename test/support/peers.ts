/**
 * Foreign programs that tests and benchmarks meet: found where they are installed, else unpacked once below .cache
 * by `apt-get download` and `dpkg -x`, which needs no root. What can't be had is named with its reason.
 */
import { existsSync, globSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Unpacked } from './unpack.ts';
import { unpack } from './unpack.ts';

const PEERS = {
  swaks: { programs: ['swaks'], packages: ['swaks', 'libnet-ssleay-perl', 'libnet-dns-perl'] },
  postfix: { programs: ['master', 'postconf', 'smtp-source', 'smtp-sink'], packages: ['postfix'] },
  curl: { programs: ['curl'], packages: ['curl'] },
  gcc: { programs: ['gcc'], packages: ['gcc', 'libc6-dev'] },
  postgresql: { programs: ['initdb', 'postgres'], packages: ['postgresql-15'] },
  exim: { programs: ['exim4'], packages: ['exim4-daemon-heavy', 'exim4-base', 'exim4-config'] },
  opensmtpd: { programs: ['smtpctl'], packages: ['opensmtpd'] },
  dovecot: { programs: ['dovecot'], packages: ['dovecot-imapd', 'dovecot-pop3d', 'dovecot-lmtpd'] },
  isync: { programs: ['mbsync'], packages: ['isync'] },
  fetchmail: { programs: ['fetchmail'], packages: ['fetchmail'] },
  mpop: { programs: ['mpop'], packages: ['mpop'] },
  neomutt: { programs: ['neomutt'], packages: ['neomutt'] },
  thunderbird: { programs: ['thunderbird', 'Xvfb'], packages: ['thunderbird', 'xvfb'] },
  clamav: { programs: ['clamd'], packages: ['clamav-daemon'] },
  rspamd: { programs: ['rspamd'], packages: ['rspamd'] },
  opendkim: { programs: ['opendkim'], packages: ['opendkim'] },
  // Packages of Python's: one of their modules says that they are there.
  dkimpy: { programs: ['dkim/__init__.py', 'nacl/signing.py'], packages: ['python3-dkim', 'python3-nacl'] },
  swift: { programs: ['swift/proxy/server.py'], packages: ['python3-swift'] },
  feedparser: { programs: ['feedparser/api.py'], packages: ['python3-feedparser'] },
} as const;

/** Mail servers that Debian installs only in each other's place, or starts when it installs them: these are always unpacked. */
const EXCLUDED: ReadonlySet<PeerName> = new Set(['exim', 'opensmtpd', 'dovecot', 'clamav', 'rspamd', 'opendkim']);

/** 100 MB and more: only tests of the long form meet them. */
const LARGE: ReadonlySet<PeerName> = new Set(['thunderbird']);

/** Where packages keep programs that are not on the path. */
const ASIDE = ['usr/lib/postfix/sbin', 'usr/lib/postgresql/15/bin', 'usr/lib/python3/dist-packages'];

/** Name of a peer that tests may ask for. */
export type PeerName = keyof typeof PEERS;

/** A peer that can be run: `path` finds one of its programs, `env` is what it must be run with. */
export type Peer = { path: (program: string) => string; env: NodeJS.ProcessEnv; unpackedIn?: string };

/** Names of those that a run looks for: the short form leaves out what is too large to fetch for it. */
export function peerNames(form: 'short' | 'long'): readonly PeerName[] {
  return (Object.keys(PEERS) as PeerName[]).filter((name) => form === 'long' || !LARGE.has(name));
}

/** Debian packages that bring a peer. */
export function packagesOf(name: PeerName): readonly string[] {
  return PEERS[name].packages;
}

/** Whether a peer's packages may be installed beside those of the others. */
export function isInstallable(name: PeerName): boolean {
  return !EXCLUDED.has(name);
}

/** Finds a peer, trying once to fetch it; `missing` says why there is none. */
export async function findPeer(name: PeerName): Promise<Peer | { missing: string }> {
  const installed = installedPeer(name);
  if (installed !== undefined) return installed;
  // A compiler taken out of its place finds neither headers nor linker.
  if (name === 'gcc') return { missing: 'gcc is not installed' };
  const unpacked: Unpacked = await unpack(name, PEERS[name].packages);
  if ('missing' in unpacked) return { missing: `${name} is not installed, and ${unpacked.missing}` };
  return peerIn(unpacked.folder);
}

/** The peer as the system has it, or undefined. */
export function installedPeer(name: PeerName): Peer | undefined {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/sbin',
    '/sbin',
    ...ASIDE.map((name) => `/${name}`),
  ];
  const complete = PEERS[name].programs.every((program) => programIn(folders, program) !== undefined);
  return complete ? { path: finder(folders), env: { ...process.env } } : undefined;
}

function peerIn(folder: string): Peer {
  const folders = ['usr/bin', 'usr/sbin', 'bin', 'sbin', ...ASIDE].map((name) => join(folder, name));
  const libraries = globSync(
    ['usr/lib/*-linux-*', 'lib/*-linux-*', 'usr/lib', 'usr/lib/postfix', 'usr/lib/dovecot', 'usr/lib/rspamd'],
    {
      cwd: folder,
    },
  );
  const perl = globSync(['usr/share/perl5', 'usr/lib/*/perl5/*'], { cwd: folder });
  const env = {
    ...process.env,
    LD_LIBRARY_PATH: libraries.map((name) => join(folder, name)).join(delimiter),
    PERL5LIB: perl.map((name) => join(folder, name)).join(delimiter),
  };
  return { path: finder(folders), env, unpackedIn: folder };
}

function finder(folders: readonly string[]): (program: string) => string {
  return (program) => {
    const found = programIn(folders, program);
    if (found === undefined) throw new Error(`${program} is not among the programs of this peer`);
    return found;
  };
}

function programIn(folders: readonly string[], program: string): string | undefined {
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path) && statSync(path).isFile());
}
