/** TLS for tests: the key in `fixtures/tls` that everybody knows. */
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';

const folder = new URL('../../fixtures/tls/', import.meta.url);

/** A context with the test certificate; `old` speaks TLS 1.0 and later; clients' certificates are good when `authority` issued them. */
export function testCertificate(options: { readonly old?: boolean; readonly authority?: string } = {}): SecureContext {
  return createSecureContext({
    cert: readFileSync(new URL('cert.pem', folder)),
    key: readFileSync(new URL('key.pem', folder)),
    sessionIdContext: 'test',
    ...(options.authority === undefined ? {} : { ca: options.authority }),
    ...(options.old === true ? { minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' } : {}),
  });
}
