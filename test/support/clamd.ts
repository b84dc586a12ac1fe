/** A private clamd on a port of the loopback, with one signature of its own and none that must be fetched. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Daemon, startDaemon } from './daemon.ts';
import { freePort } from './free-port.ts';
import { findPeer } from './peers.ts';
import { says } from './says.ts';

/** Whatever holds this is found as `Holdfast.Test`. */
export const TEST_VIRUS = 'HOLDFAST-TEST-SIGNATURE-7f3a';

/** What it reads of one stream. */
export const STREAM_BYTES_MAX = 1_048_576;

/** Starts one, or says why there can be none here. */
export async function startClamd(): Promise<(Daemon & { readonly port: number }) | { missing: string }> {
  const peer = await findPeer('clamav');
  if ('missing' in peer) return peer;
  const port = await freePort();
  const prepare = (folder: string): readonly string[] => {
    mkdirSync(join(folder, 'signatures'));
    writeFileSync(join(folder, 'signatures/own.ndb'), `Holdfast.Test:0:*:${Buffer.from(TEST_VIRUS).toString('hex')}\n`);
    const lines = [
      'Foreground yes',
      'TCPAddr 127.0.0.1',
      `TCPSocket ${port}`,
      `DatabaseDirectory ${join(folder, 'signatures')}`,
      `TemporaryDirectory ${folder}`,
      `StreamMaxLength ${STREAM_BYTES_MAX}`,
      'AlertEncrypted yes',
      'MaxThreads 4',
    ];
    writeFileSync(join(folder, 'clamd.conf'), `${lines.join('\n')}\n`);
    return ['-c', join(folder, 'clamd.conf')];
  };
  const server = await startDaemon(peer, 'clamd', prepare, () => says(port, 'zPING\0', 'PONG\0'));
  return { ...server, port };
}
