/**
 * All listeners of one process: takes their connections, looks at every deadline about once a second, and closes in order.
 *
 *   open ── close() ──▶ draining (commands that run end, everybody else hears BYE) ──▶ closed
 */
import type { Server, Socket } from 'node:net';
import { Connection } from './connection.ts';
import type { ImapSettings } from './settings.ts';
import { createWorld, type ImapPorts, type ListenerKind, type World } from './world.ts';

/** A listening socket and what it serves. */
export interface ImapListener {
  readonly kind: ListenerKind;
  /** Bound and listening already; its owner made it with `pauseOnConnect` off. */
  readonly server: Server;
}

/** How often the service looks whether it is empty while it closes, ms. */
const DRAIN_LOOK_MS = 50;

export class ImapService {
  readonly #world: World;
  readonly #listeners: readonly ImapListener[];
  readonly #connections = new Set<Connection>();
  readonly #stop = new AbortController();
  readonly #handlers: { readonly server: Server; readonly take: (socket: Socket) => void }[] = [];
  #sweeping: Promise<void> | null = null;

  constructor(settings: ImapSettings, ports: ImapPorts, listeners: readonly ImapListener[]) {
    this.#world = createWorld(settings, ports);
    this.#listeners = listeners;
  }

  /** Begins to take connections. */
  open(): void {
    for (const { kind, server } of this.#listeners) {
      const take = (socket: Socket): void => this.#take(kind, socket);
      server.on('connection', take);
      this.#handlers.push({ server, take });
    }
    this.#sweeping = this.#sweep();
    this.#world.log.info('imap.open', { listeners: this.#listeners.map(({ kind }) => kind).join(' ') });
  }

  /** Takes no more, lets running commands end, then cuts what is left. */
  async close(): Promise<void> {
    const { clock, settings } = this.#world;
    this.#world.closing = true;
    for (const { server, take } of this.#handlers) {
      server.close();
      server.off('connection', take);
      // Accepted by the kernel in the last moment: better a closed connection than a silent one.
      server.on('connection', (socket: Socket) => socket.destroy());
    }
    for (const connection of this.#connections) connection.leave();
    await this.#drain(clock.monotonic() + settings.limits.drainMs);
    for (const connection of this.#connections) connection.destroy();
    this.#stop.abort();
    await this.#sweeping;
    this.#world.log.info('imap.closed');
  }

  #take(kind: ListenerKind, socket: Socket): void {
    // One function for all connections: a hundred thousand idle ones are the rule here.
    const connection = new Connection(this.#world, kind, socket, this.#forget);
    this.#connections.add(connection);
  }

  readonly #forget = (connection: Connection): void => {
    this.#connections.delete(connection);
  };

  async #drain(until: number): Promise<void> {
    const { clock } = this.#world;
    while (this.#connections.size > 0 && clock.monotonic() < until) {
      await clock.sleep(DRAIN_LOOK_MS);
      this.#look();
    }
  }

  async #sweep(): Promise<void> {
    const { clock, settings, meter, admission, memory } = this.#world;
    const connections = meter.gauge('holdfast_imap_connections', 'Connections open now.');
    const bytes = meter.gauge(
      'holdfast_imap_message_bytes',
      'Octets of messages held in memory for APPEND and BINARY.',
    );
    while (!this.#stop.signal.aborted) {
      await clock.sleep(settings.limits.sweepEveryMs, this.#stop.signal);
      this.#look();
      connections.set(admission.count);
      bytes.set(memory.bytes);
    }
  }

  #look(): void {
    this.#world.now = this.#world.clock.monotonic();
    for (const connection of this.#connections) connection.check();
    this.#world.searches.expire();
  }
}
