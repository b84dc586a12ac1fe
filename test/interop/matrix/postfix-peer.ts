/** Postfix for the matrix. */

import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findPeer } from '../../support/peers.ts';
import { startPostfix } from '../../support/postfix.ts';
import { maildirOf } from './maildir.ts';
import { type ForeignServer, OLD_BYTES_MAX, type Surroundings } from './peer.ts';
import { startPolicy, startSignIn } from './postfix-services.ts';

const DOMAINS = ['postfix.test', 'tls.postfix.test', 'auth.postfix.test', 'old.postfix.test', '例え.postfix.test'];

/** Starts it, or says why there is none. */
export async function startPostfixPeer(around: Surroundings): Promise<ForeignServer | { missing: string }> {
  const peer = await findPeer('postfix');
  if ('missing' in peer) return peer;
  await using parts = new AsyncDisposableStack();
  let recovered = false;
  const policy = parts.use(await startPolicy((recipient) => action(recipient, recovered)));
  const signIn = parts.use(await startSignIn());
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-postfix-matrix-'));
  parts.defer(() => rmSync(folder, { recursive: true, force: true }));
  layOut(folder, around);
  const server = await startPostfix({
    port: around.ports.plain,
    acceptFor: DOMAINS,
    settings: settings(folder, around, policy.port),
    services: services(folder, around.ports, signIn.port),
  });
  if ('missing' in server) return server;
  parts.use(server);
  const said = await promisify(execFile)(peer.path('postconf'), ['-h', '-d', 'mail_version'], { env: peer.env });
  const all = parts.move();
  return {
    name: 'postfix',
    version: `Postfix ${said.stdout.trim()}`,
    kept: maildirOf(server.maildir),
    recover: async () => {
      recovered = true;
    },
    flush: async () => undefined,
    log: () => server.log(),
    ended: () => false,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

function action(recipient: string, recovered: boolean): string {
  const [name = ''] = recipient.split('@');
  if (name === 'nobody' && recipient.endsWith('postfix.test')) return '550 5.1.1 nobody here by that name';
  if (recovered) return 'DUNNO';
  if (name === 'later') return '451 4.7.1 come again';
  return name === 'busy' ? '421 4.3.2 too much to do' : 'DUNNO';
}

function layOut(folder: string, around: Surroundings): void {
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'cert.pem'), around.certificate.cert);
  writeFileSync(join(folder, 'key.pem'), around.certificate.key);
  const ways: readonly (readonly [string, string])[] = [
    ['acme.test', `hf:[127.0.0.1]:${around.mx}`],
    ['back.test', `hf:[127.0.0.1]:${around.mx}`],
    ['xn--r8jz45g.test', `hf:[127.0.0.1]:${around.mx}`],
    ['例え.test', `hf:[127.0.0.1]:${around.mx}`],
    ['slow.world.test', `hf:[127.0.0.1]:${around.slow}`],
    ['tls.acme.test', `hf-tls:[127.0.0.1]:${around.mxTls}`],
    ['plain.world.test', `hf-plain:[127.0.0.1]:${around.submission}`],
    ['login.world.test', `hf-login:[127.0.0.1]:${around.submission}`],
  ];
  writeFileSync(join(folder, 'ways'), ways.map(([domain, way]) => `${domain} ${way}\n`).join(''));
  const secret = `[127.0.0.1]:${around.submission} ${around.username}:${around.password}\n`;
  writeFileSync(join(folder, 'secrets'), secret);
}

function settings(folder: string, around: Surroundings, policy: number): string[] {
  return [
    'smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination',
    `smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:${policy}`,
    `transport_maps = texthash:${folder}/ways`,
    'default_transport = error:nowhere',
    'queue_run_delay = 1s',
    'minimal_backoff_time = 1s',
    'maximal_backoff_time = 1s',
    'smtpd_error_sleep_time = 0',
    `smtpd_tls_cert_file = ${folder}/cert.pem`,
    `smtpd_tls_key_file = ${folder}/key.pem`,
    'smtpd_tls_received_header = yes',
    'smtpd_sasl_authenticated_header = yes',
    `smtp_connection_cache_destinations = [127.0.0.1]:${around.mx}`,
    'smtp_connection_cache_time_limit = 60s',
  ];
}

function services(folder: string, { tls, auth, old }: Surroundings['ports'], signIn: number): string[] {
  const sasl = '-o smtp_sasl_auth_enable=yes -o smtp_sasl_security_options=noanonymous';
  const secured = '-o smtp_tls_security_level=encrypt';
  const secret = `-o smtp_sasl_password_maps=texthash:${folder}/secrets`;
  const demand = `-o smtpd_sasl_auth_enable=yes -o smtpd_sasl_type=dovecot -o smtpd_sasl_path=inet:127.0.0.1:${signIn}`;
  return [
    `127.0.0.1:${tls} inet n - n - - smtpd -o smtpd_tls_security_level=may`,
    `127.0.0.1:${auth} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt ${demand} -o smtpd_client_restrictions=permit_sasl_authenticated,reject`,
    `127.0.0.1:${old} inet n - n - - smtpd -o message_size_limit=${OLD_BYTES_MAX} -o smtputf8_enable=no`,
    'hf unix - - n - - smtp',
    `hf-tls unix - - n - - smtp ${secured}`,
    `hf-plain unix - - n - - smtp ${secured} ${sasl} ${secret} -o smtp_sasl_mechanism_filter=plain`,
    `hf-login unix - - n - - smtp ${secured} ${sasl} ${secret} -o smtp_sasl_mechanism_filter=login`,
  ];
}
