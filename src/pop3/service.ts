/**
 * All listeners of one process: takes their connections, looks at every deadline about once a second, and closes in order.
 *
 *   open ── disposed ──▶ draining (who is silent goes, QUITs are carried out) ──▶ closed
 */
import type { Server, Socket } from 'node:net';
import type { Pop3ListenerKind } from './listeners.ts';
import type { Pop3Settings } from './settings.ts';
import { Visit } from './visit.ts';
import { createWorld, type Pop3Ports, type World } from './world.ts';

/** A listening socket and what it serves. */
export interface Pop3Listener {
  readonly kind: Pop3ListenerKind;
  /** Bound and listening already; its owner made it with `pauseOnConnect` off. */
  readonly server: Server;
}

/** The service while it runs; disposing it closes it in order. */
export interface RunningPop3 extends AsyncDisposable {
  /** Connections that have a place. */
  readonly connections: number;
  /** Octets that the lists of open maildrops take. */
  readonly maildropBytes: number;
}

export class Pop3Service implements RunningPop3 {
  readonly #world: World;
  readonly #listeners: readonly Pop3Listener[];
  readonly #visits = new Set<Visit>();
  readonly #stop = new AbortController();
  readonly #handlers: { readonly server: Server; readonly take: (socket: Socket) => void }[] = [];
  #sweeping: Promise<void> | null = null;

  constructor(settings: Pop3Settings, ports: Pop3Ports, listeners: readonly Pop3Listener[]) {
    this.#world = createWorld(settings, ports);
    this.#listeners = listeners;
  }

  get connections(): number {
    return this.#world.connections.count;
  }

  get maildropBytes(): number {
    return this.#world.maildropBytes;
  }

  /** Begins to take connections. */
  open(): void {
    for (const { kind, server } of this.#listeners) {
      const take = (socket: Socket): void => this.#take(kind, socket);
      server.on('connection', take);
      this.#handlers.push({ server, take });
    }
    this.#sweeping = this.#sweep();
    this.#world.log.info('pop3.open', { listeners: this.#listeners.map(({ kind }) => kind).join(' ') });
  }

  /** Takes no more, lets sessions end that are at work, then cuts what is left: nothing of theirs is deleted. */
  async [Symbol.asyncDispose](): Promise<void> {
    const world = this.#world;
    world.closing = true;
    for (const { server, take } of this.#handlers) {
      server.close();
      server.off('connection', take);
      // Accepted by the kernel in the last moment: better a closed connection than a silent one.
      server.on('connection', (socket: Socket) => socket.destroy());
    }
    await this.#drain(world.clock.monotonic() + world.settings.limits.drainMs);
    for (const visit of this.#visits) visit.destroy();
    this.#stop.abort();
    await this.#sweeping;
    world.log.info('pop3.closed');
  }

  #take(kind: Pop3ListenerKind, socket: Socket): void {
    const visit = new Visit(this.#world, kind, socket, () => this.#visits.delete(visit));
    this.#visits.add(visit);
    visit.start();
  }

  async #drain(until: number): Promise<void> {
    const { clock } = this.#world;
    this.#look();
    while ((this.#visits.size > 0 || this.#world.updating > 0) && clock.monotonic() < until) {
      await clock.sleep(DRAIN_LOOK_MS);
      this.#look();
    }
  }

  async #sweep(): Promise<void> {
    const { clock, settings, meter } = this.#world;
    const connections = meter.gauge('holdfast_pop3_connections', 'Connections open now.');
    const bytes = meter.gauge('holdfast_pop3_maildrop_bytes', 'Octets that the lists of open maildrops take.');
    while (!this.#stop.signal.aborted) {
      await clock.sleep(settings.limits.sweepEveryMs, this.#stop.signal);
      this.#look();
      connections.set(this.connections);
      bytes.set(this.maildropBytes);
    }
  }

  #look(): void {
    this.#world.now = this.#world.clock.monotonic();
    for (const visit of this.#visits) visit.check();
  }
}

/** How often the service looks whether it is empty while it closes, ms. */
const DRAIN_LOOK_MS = 50;
