/**
 * Self-signed certificates of a first run: one with an elliptic key, and one with an RSA key for devices that know nothing else.
 * Kept below the data directory, made anew a month before they end or when the host name changes.
 */
import { randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { CertificatePair } from './certificate-pair.ts';

const DAY_MS = 86_400_000;
const VALID_DAYS = 397;
const RENEW_DAYS = 30;

const KINDS = {
  ec: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  rsa: {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: 2048,
  },
} as const;

type Kind = keyof typeof KINDS;

/** The pairs in `dir` that are good for `hostname` at `nowMs` (wall clock); what is missing or old is made. */
export async function selfSignedPairs(
  { dir, hostname }: { readonly dir: string; readonly hostname: string },
  nowMs: number,
): Promise<readonly CertificatePair[]> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  return [await pairOf('ec', dir, hostname, nowMs), await pairOf('rsa', dir, hostname, nowMs)];
}

async function pairOf(kind: Kind, dir: string, hostname: string, nowMs: number): Promise<CertificatePair> {
  const path = join(dir, `self-signed-${kind}.pem`);
  const kept = await readKept(path);
  if (kept !== null && isGood(kept, hostname, nowMs)) return kept;
  const made = await make(kind, hostname, nowMs);
  await keep(path, made);
  return made;
}

async function readKept(path: string): Promise<CertificatePair | null> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const [key] = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/.exec(text) ?? [];
  const [cert] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(text) ?? [];
  return key === undefined || cert === undefined ? null : { cert, key };
}

function isGood({ cert }: CertificatePair, hostname: string, nowMs: number): boolean {
  const certificate = new X509Certificate(cert);
  const left = certificate.validToDate.getTime() - nowMs;
  return certificate.checkHost(hostname) !== undefined && left > RENEW_DAYS * DAY_MS;
}

async function make(kind: Kind, hostname: string, nowMs: number): Promise<CertificatePair> {
  // Loaded only when one is made: it is large, and wants the metadata library before it.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const keys = await webcrypto.subtle.generateKey(KINDS[kind], true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: `01${randomBytes(15).toString('hex')}`,
      name: `CN=${hostname}`,
      notBefore: new Date(nowMs - DAY_MS),
      notAfter: new Date(nowMs + VALID_DAYS * DAY_MS),
      signingAlgorithm: KINDS[kind],
      keys,
      extensions: [
        new x509.SubjectAlternativeNameExtension([
          { type: 'dns', value: hostname },
          { type: 'dns', value: 'localhost' },
        ]),
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      ],
    },
    webcrypto,
  );
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const lines = key.match(/.{1,64}/g) ?? [];
  return {
    cert: certificate.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----`,
  };
}

async function keep(path: string, { cert, key }: CertificatePair): Promise<void> {
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(`${key}\n${cert}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}
