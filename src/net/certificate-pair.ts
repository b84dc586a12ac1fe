/** PEM of a certificate, with its chain, and of its key. */
export interface CertificatePair {
  readonly cert: string;
  readonly key: string;
}
