import type { Settings } from './declared.ts';

/** Where our certificate comes from. */
export type TlsSource =
  | { readonly kind: 'files'; readonly cert: string; readonly key: string }
  | { readonly kind: 'selfSigned' };

/** The certificate that the settings ask for. ACME comes with a later release; until then our own serves. */
export function tlsSource({ tls }: Pick<Settings, 'tls'>): TlsSource {
  if (tls.cert !== null && tls.key !== null) return { kind: 'files', cert: tls.cert, key: tls.key };
  return { kind: 'selfSigned' };
}
