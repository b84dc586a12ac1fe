/** The gate as a running part: what it needs is named here, and what is not in `GateParts` can't be reached from it. */
import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import { Gate, type GateListener, type GatePorts, type GateSettings, type ListenerKind } from '#/gate/index.ts';
import { provenNames } from '#/net/index.ts';

export interface GateParts extends Omit<GatePorts, 'tls'> {
  /** Bound and listening; closed with the gate. */
  readonly listeners: readonly GateListener[];
  /** The certificate that a listener shows now; null where there is none. Asked for each handshake, so that a renewed one counts at once. */
  readonly tls: (kind: ListenerKind) => SecureContext | null;
}

/** Takes connections until it is disposed; then running transactions get time to end. */
export async function startGate(settings: GateSettings, parts: GateParts): Promise<AsyncDisposable> {
  const { listeners, tls, ...ports } = parts;
  const service = { ready: (kind: ListenerKind) => tls(kind) !== null, secure, clientNames: provenNames };
  const gate = new Gate(settings, { ...ports, tls: service }, listeners);
  gate.open();
  return { [Symbol.asyncDispose]: () => gate.close() };

  function secure(socket: Socket, kind: ListenerKind, asks: boolean): TLSSocket {
    const secureContext = tls(kind);
    const asking = { requestCert: asks, rejectUnauthorized: false };
    return new TLSSocket(socket, { isServer: true, ...asking, ...(secureContext === null ? {} : { secureContext }) });
  }
}
