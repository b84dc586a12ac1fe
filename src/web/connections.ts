/** Who is connected: a bound for all, and for each address that is no proxy of ours. Whoever is too much is closed without a word, before TLS. */
import type { Socket } from 'node:net';
import type { ClientAddresses } from './client-address.ts';
import { connectionsMax, connectionsPerAddressMax } from './limits.ts';

export class Connections {
  readonly #open = new Set<Socket>();
  readonly #byAddress = new Map<string, number>();

  readonly #clients: Pick<ClientAddresses, 'isProxy'>;

  constructor(clients: Pick<ClientAddresses, 'isProxy'>) {
    this.#clients = clients;
  }

  /** False where there is no place for it: it is closed then. */
  take(socket: Socket): boolean {
    const address = socket.remoteAddress ?? '';
    const beside = this.#byAddress.get(address) ?? 0;
    const isFull = beside >= connectionsPerAddressMax && !this.#clients.isProxy(address);
    if (this.#open.size >= connectionsMax || isFull) {
      socket.destroy();
      return false;
    }
    this.#open.add(socket);
    this.#byAddress.set(address, beside + 1);
    socket.once('close', () => this.#leave(socket, address));
    return true;
  }

  get size(): number {
    return this.#open.size;
  }

  destroyAll(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #leave(socket: Socket, address: string): void {
    this.#open.delete(socket);
    const left = (this.#byAddress.get(address) ?? 1) - 1;
    if (left > 0) this.#byAddress.set(address, left);
    else this.#byAddress.delete(address);
  }
}
