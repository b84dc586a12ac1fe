/** A certificate authority of a test's own, for clients that prove their names. */
import { randomBytes, webcrypto } from 'node:crypto';

const HOUR_MS = 3_600_000;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

export interface IssuedCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface TestAuthority {
  /** Its own certificate, PEM. */
  readonly cert: string;
  /** A certificate with these DNS names; `past`: it has ended. */
  issue(names: readonly string[], options?: { readonly past?: boolean }): Promise<IssuedCertificate>;
}

/** Makes an authority that nobody trusts unless they are told. */
export async function makeAuthority(): Promise<TestAuthority> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const own = await newKeys();
  const name = 'CN=Authority of a test';
  const now = Date.now();
  const root = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: '01',
      name,
      notBefore: new Date(now - HOUR_MS),
      notAfter: new Date(now + HOUR_MS),
      signingAlgorithm: ALGORITHM,
      keys: own,
      extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
    },
    webcrypto,
  );
  return { cert: root.toString('pem'), issue };

  async function issue(
    names: readonly string[],
    { past = false }: { readonly past?: boolean } = {},
  ): Promise<IssuedCertificate> {
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.create(
      {
        serialNumber: `01${randomBytes(15).toString('hex')}`,
        subject: `CN=${names[0] ?? 'nobody'}`,
        issuer: name,
        notBefore: new Date(now - HOUR_MS),
        notAfter: new Date(past ? now - HOUR_MS / 2 : now + HOUR_MS),
        signingAlgorithm: ALGORITHM,
        signingKey: own.privateKey,
        publicKey: keys.publicKey,
        extensions: [new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value })))],
      },
      webcrypto,
    );
    return { cert: certificate.toString('pem'), key: await pemOf(keys.privateKey) };
  }
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  const text = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${(text.match(/.{1,64}/g) ?? []).join('\n')}\n-----END PRIVATE KEY-----\n`;
}
