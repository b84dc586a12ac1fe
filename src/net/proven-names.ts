/** Whom a client's certificate names, once its chain has been verified. */
import type { TLSSocket } from 'node:tls';

/** What `tls.Server` asks of its connections; a socket that we put over another by ourselves has `authorized` always false. */
interface Verified {
  readonly _handle: { verifyError?(): Error | null | undefined } | null;
}

/**
 * DNS names of the peer's certificate, in lower case; none where it showed none, or where its chain, its dates or its purpose
 * don't hold. For sockets that asked for one, after the handshake.
 */
export function provenNames(socket: TLSSocket): readonly string[] {
  const { _handle: handle } = socket as unknown as Verified;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined || typeof handle?.verifyError !== 'function') return [];
  // Nothing but the absence of an error proves.
  if (handle.verifyError()) return [];
  // Node quotes values with commas in them, so that a part that reads as a name is one. RFC 9525 §2: the subject's CN is no name.
  const parts = certificate.subjectAltName?.split(', ') ?? [];
  return parts.flatMap((part) => /^DNS:([\w.*-]+)$/.exec(part)?.[1]?.toLowerCase() ?? []);
}
