/** A private opendkim on a port of the loopback: a milter that signs what comes from us. It is made of the library that most milters are made of. */
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type Daemon, startDaemon } from './daemon.ts';
import { freePort } from './free-port.ts';
import { findPeer } from './peers.ts';

/** Starts one, or says why there can be none here. */
export async function startOpendkim(): Promise<(Daemon & { readonly port: number }) | { missing: string }> {
  const peer = await findPeer('opendkim');
  if ('missing' in peer) return peer;
  const port = await freePort();
  const prepare = (folder: string): readonly string[] => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = join(folder, 'key.pem');
    writeFileSync(key, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
    const lines = [
      'Mode s',
      'Domain acme.test',
      'Selector test',
      `KeyFile ${key}`,
      'RequireSafeKeys no',
      'Background no',
    ];
    writeFileSync(join(folder, 'opendkim.conf'), `${lines.join('\n')}\n`);
    return ['-f', '-x', join(folder, 'opendkim.conf'), '-p', `inet:${port}@127.0.0.1`];
  };
  const server = await startDaemon(peer, 'opendkim', prepare, () => takesConnections(port));
  return { ...server, port };
}

function takesConnections(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ port, host: '127.0.0.1' });
  socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}
