/** A way to a server that may break where tests want it: connections pass through, until the next answer is swallowed and its connection cut. */
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

/** Above what a question sends. */
const GROUP_BYTES = 1_500;

export class MoodyWire implements AsyncDisposable {
  readonly #server = createServer((socket) => this.#pass(socket));
  readonly #sockets = new Set<Socket>();
  readonly #silences = new Set<() => void>();
  readonly #port: number;
  #toSwallow = 0;
  /** Answers that never came. */
  swallowed = 0;

  private constructor(port: number) {
    this.#port = port;
  }

  static async to(port: number): Promise<MoodyWire> {
    const wire = new MoodyWire(port);
    wire.#server.listen(0, '127.0.0.1');
    await once(wire.#server, 'listening');
    return wire;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The next answers to groups never come, so many, though the server has done what was asked. */
  swallow(times: number): void {
    this.#toSwallow = times;
  }

  /** As when the server's host has lost its power: what is open goes silent for ever, and nobody is told. New connections pass. */
  mute(): void {
    for (const silence of [...this.#silences]) silence();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  // A group is told by the size of what it sends: nothing else is as large as content.
  #pass(client: Socket): void {
    const server = connect(this.#port, '127.0.0.1');
    let sent = 0;
    let isSilent = false;
    const silence = (): void => {
      isSilent = true;
      server.destroy();
    };
    this.#silences.add(silence);
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        this.#silences.delete(silence);
        if (!isSilent) client.destroy();
        server.destroy();
      });
    }
    client.on('data', (bytes) => {
      sent += bytes.length;
      server.write(bytes);
    });
    server.on('data', (bytes) => {
      const swallow = this.#toSwallow > 0 && sent > GROUP_BYTES;
      sent = 0;
      if (!swallow) {
        client.write(bytes);
        return;
      }
      this.#toSwallow -= 1;
      this.swallowed += 1;
      client.destroy();
    });
  }
}
