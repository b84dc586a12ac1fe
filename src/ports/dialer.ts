/** Connections out. The only way to open one to a place that a tenant or a mail can name: resolves once, pins, refuses non-public addresses unless the operator lists them (design 6). */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Call } from '#/model/index.ts';

export interface Dialer {
  /**
   * A connected TCP socket to a literal address. `trusted` is for hosts that the operator configured: no check of the address range.
   * `from` is an address of ours, of the target's family; the system chooses where it is absent or null.
   * Rejects with a plain Error whose message is fit for a trace ("connection refused").
   */
  connect(
    target: {
      readonly address: string;
      readonly port: number;
      readonly trusted: boolean;
      readonly from?: string | null;
    },
    call: Call,
  ): Promise<Socket>;

  /** TLS over a connected socket. `verify` null is opportunistic: any certificate will do. */
  secure(
    socket: Socket,
    options: { readonly servername: string; readonly verify: 'name' | null },
    call: Call,
  ): Promise<TLSSocket>;
}
