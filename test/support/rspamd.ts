/** A private rspamd on a port of the loopback, without a network and without rules: it knows the test line alone. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Daemon, startDaemon } from './daemon.ts';
import { freePort } from './free-port.ts';
import { findPeer } from './peers.ts';
import { says } from './says.ts';

/** The line that every spam filter knows and that no mail has by accident. */
export const TEST_SPAM = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X';

/** `milterPort`: where it speaks as a milter. */
type Rspamd = Daemon & { readonly port: number; readonly milterPort: number };

/** Starts one, or says why there can be none here. */
export async function startRspamd(): Promise<Rspamd | { missing: string }> {
  const peer = await findPeer('rspamd');
  if ('missing' in peer) return peer;
  const port = await freePort();
  const milterPort = await freePort();
  const prepare = (folder: string): readonly string[] => {
    const places = ['CONFDIR', 'LOCAL_CONFDIR', 'RUNDIR', 'DBDIR', 'LOGDIR'].map((name) => `--var=${name}=${folder}`);
    const shared = join(peer.unpackedIn ?? '/', 'usr/share/rspamd');
    writeFileSync(join(folder, 'rspamd.conf'), configuration(folder, shared, { port, milterPort }));
    const from = [
      `--var=SHAREDIR=${shared}`,
      `--var=RULESDIR=${shared}/rules`,
      `--var=LUALIBDIR=${shared}/lualib`,
      `--var=PLUGINSDIR=${shared}/plugins`,
    ];
    return ['--no-fork', '--insecure', ...places, ...from, '-c', join(folder, 'rspamd.conf')];
  };
  const server = await startDaemon(peer, 'rspamd', prepare, () => says(port, 'GET /ping HTTP/1.0\r\n\r\n', ' 200 '));
  return { ...server, port, milterPort };
}

function configuration(
  folder: string,
  shared: string,
  { port, milterPort }: { readonly port: number; readonly milterPort: number },
): string {
  return `
options {
  pidfile = "${folder}/pid"; tempdir = "${folder}"; url_tld = "${shared}/effective_tld_names.dat";
  enable_test_patterns = true; disable_hyperscan = true; filters = ""; dns { nameserver = ["127.0.0.1:9"]; timeout = 0.1s; retransmits = 1; }
}
logging { type = "console"; level = "error"; }
actions { reject = 15; add_header = 6; greylist = 4; }
worker "normal" { bind_socket = "127.0.0.1:${port}"; count = 1; }
worker "rspamd_proxy" { bind_socket = "127.0.0.1:${milterPort}"; milter = yes; count = 1; upstream "local" { default = yes; self_scan = yes; } }
`;
}
