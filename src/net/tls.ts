/**
 * The certificates that our listeners show: the operator's files, read again when they change, or a self-signed pair that renews itself.
 * A pair that can't be used is refused and reported; the last good one goes on serving.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { SecureContext } from 'node:tls';
import { createSecureContext } from 'node:tls';
import { Fault } from '#/model/index.ts';
import type { Clock, Log } from '#/ports/index.ts';
import type { CertificatePair } from './certificate-pair.ts';
import { selfSignedPairs } from './self-signed.ts';

/** Contract `tls`: our own certificate, or the operator's files. */
export type TlsSource =
  | { readonly kind: 'selfSigned'; readonly dir: string; readonly hostname: string }
  | { readonly kind: 'files'; readonly cert: string; readonly key: string };

export interface TlsKeeper extends AsyncDisposable {
  /** For handshakes that begin now. `legacy` speaks TLS 1.0 with old devices (contract `listen.legacy`), everything else 1.2 and later. */
  context(kind: 'modern' | 'legacy'): SecureContext;
  /** What is shown now. */
  readonly certificate: { readonly names: string; readonly notAfter: number; readonly fingerprint256: string };
  /** Looks at the files at once, as on SIGHUP. Never rejects: a bad pair is logged. */
  refresh(): Promise<void>;
}

const LOOK_AGAIN_MS = 60_000;

/** Where clients are asked for certificates, OpenSSL resumes no session without a name for its kind: the connection would break. */
const SESSIONS = 'holdfast';

type Loaded = { readonly source: string; readonly modern: SecureContext; readonly legacy: SecureContext } & Pick<
  TlsKeeper,
  'certificate'
>;

/** Loads or makes certificates. Fault `config.invalid` when the first pair can't be used. */
export async function openTls(
  source: TlsSource,
  parts: { readonly clock: Clock; readonly log: Log },
): Promise<TlsKeeper> {
  let loaded = await load(source, parts.clock.now());
  const stop = new AbortController();
  const refresh = async (): Promise<void> => {
    try {
      const next = await load(source, parts.clock.now());
      if (next.source === loaded.source) return;
      loaded = next;
      parts.log.info('tls.renewed', { notAfter: new Date(next.certificate.notAfter).toISOString() });
    } catch (error) {
      parts.log.error('tls.refused', { why: (error as Error).message });
    }
  };
  const watching = watch(parts.clock, stop.signal, refresh);
  return {
    context: (kind) => loaded[kind],
    get certificate() {
      return loaded.certificate;
    },
    refresh,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await watching;
    },
  };
}

async function watch(clock: Clock, signal: AbortSignal, refresh: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(LOOK_AGAIN_MS, signal);
    if (!signal.aborted) await refresh();
  }
}

async function load(source: TlsSource, nowMs: number): Promise<Loaded> {
  const pairs = source.kind === 'files' ? [await readPair(source)] : await selfSignedPairs(source, nowMs);
  return contextsOf(pairs);
}

async function readPair({ cert, key }: { readonly cert: string; readonly key: string }): Promise<CertificatePair> {
  return { cert: await read('tls.cert', cert), key: await read('tls.key', key) };
}

async function read(setting: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new Fault('config.invalid', `${setting}: ${path} can't be read (${(cause as Error).message}).`, cause);
  }
}

function contextsOf(pairs: readonly CertificatePair[]): Loaded {
  const cert = pairs.map((pair) => pair.cert);
  const key = pairs.map((pair) => pair.key);
  try {
    for (const pair of pairs) checkPair(pair);
    return {
      source: JSON.stringify(pairs),
      modern: createSecureContext({
        cert,
        key,
        minVersion: 'TLSv1.2',
        honorCipherOrder: true,
        sessionIdContext: SESSIONS,
      }),
      // RFC 8996 retired TLS 1.0 and 1.1; the listener that uses this is for old devices in the tenant's own networks (M1).
      legacy: createSecureContext({
        cert,
        key,
        minVersion: 'TLSv1',
        ciphers: 'DEFAULT@SECLEVEL=0',
        honorCipherOrder: true,
        sessionIdContext: SESSIONS,
      }),
      certificate: describe(cert[0] ?? ''),
    };
  } catch (cause) {
    throw new Fault('config.invalid', `tls: certificate and key can't be used (${(cause as Error).message}).`, cause);
  }
}

// OpenSSL keeps keys of different kinds apart and would take a certificate of one kind with a key of another.
function checkPair({ cert, key }: CertificatePair): void {
  if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
    throw new Error('the key is not the key of this certificate');
}

function describe(pem: string): TlsKeeper['certificate'] {
  const certificate = new X509Certificate(pem);
  const names = certificate.subjectAltName ?? certificate.subject;
  return { names, notAfter: certificate.validToDate.getTime(), fingerprint256: certificate.fingerprint256 };
}
