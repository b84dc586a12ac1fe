/**
 * All listeners of one process: takes their connections, looks at every deadline about once a second, and closes in order.
 *
 *   open ── close() ──▶ draining (transactions finish, newcomers send their one mail, idle sessions hear 421) ──▶ closed
 */
import type { Server, Socket } from 'node:net';
import { LISTENERS, type ListenerKind } from './listeners.ts';
import type { GateSettings } from './settings.ts';
import { Visit } from './visit.ts';
import { createWorld, type GatePorts, type World } from './world.ts';

/** A listening socket and what it serves. */
export interface GateListener {
  readonly kind: ListenerKind;
  /** Bound and listening already; its owner made it with `pauseOnConnect` off. */
  readonly server: Server;
}

export class Gate {
  readonly #world: World;
  readonly #listeners: readonly GateListener[];
  readonly #visits = new Set<Visit>();
  readonly #stop = new AbortController();
  readonly #handlers: { readonly server: Server; readonly take: (socket: Socket) => void }[] = [];
  #sweeping: Promise<void> | null = null;

  constructor(settings: GateSettings, ports: GatePorts, listeners: readonly GateListener[]) {
    this.#world = createWorld(settings, ports);
    this.#listeners = listeners;
  }

  /** Connections at this moment. */
  get connections(): number {
    return this.#visits.size;
  }

  /** Begins to take connections. */
  open(): void {
    for (const { kind, server } of this.#listeners) {
      const take = (socket: Socket): void => this.#take(kind, socket);
      server.on('connection', take);
      this.#handlers.push({ server, take });
    }
    this.#sweeping = this.#sweep();
    this.#world.log.info('gate.open', { listeners: this.#listeners.map(({ kind }) => kind).join(' ') });
  }

  /** Takes no more, lets running transactions end and newcomers send a mail, then cuts what is left. */
  async close(): Promise<void> {
    const world = this.#world;
    world.closingSince = world.clock.monotonic();
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
    world.log.info('gate.closed');
  }

  #take(kind: ListenerKind, socket: Socket): void {
    const visit = new Visit(this.#world, kind, socket, () => this.#visits.delete(visit));
    this.#visits.add(visit);
    visit.start();
  }

  async #drain(until: number): Promise<void> {
    const { clock } = this.#world;
    this.#look();
    while (this.#visits.size > 0 && clock.monotonic() < until) {
      await clock.sleep(DRAIN_LOOK_MS);
      this.#look();
    }
  }

  async #sweep(): Promise<void> {
    const { clock, settings, meter, admission, budget } = this.#world;
    const connections = meter.gauge('holdfast_gate_connections', 'Connections open now.');
    const bytes = meter.gauge('holdfast_gate_body_bytes', 'Octets of mail held in memory while they arrive.');
    while (!this.#stop.signal.aborted) {
      await clock.sleep(settings.limits.sweepEveryMs, this.#stop.signal);
      this.#look();
      connections.set(admission.count);
      bytes.set(budget.bytes);
    }
  }

  #look(): void {
    this.#world.now = this.#world.clock.monotonic();
    for (const visit of this.#visits) visit.check();
  }
}

/** How often the gate looks whether it is empty while it closes, ms. */
const DRAIN_LOOK_MS = 50;

/** Whether a listener's connections begin with TLS: for those who probe it. */
export function beginsWithTls(kind: ListenerKind): boolean {
  return LISTENERS[kind].implicitTls;
}
