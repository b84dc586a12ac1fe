/** POP3 in one process. Disposed of, it drains: who is silent goes, QUITs are carried out. */
import { type Listener, Reception } from '#/wire/index.ts';
import type { Pop3ListenerKind } from './listeners.ts';
import type { Pop3Settings } from './settings.ts';
import { Visit } from './visit.ts';
import { createWorld, type Pop3Ports, type World } from './world.ts';

/** A listening socket and what it serves. */
export type Pop3Listener = Listener<Pop3ListenerKind>;

/** The service while it runs; disposing it closes it in order. */
export interface RunningPop3 extends AsyncDisposable {
  /** Connections that have a place. */
  readonly connections: number;
  /** Octets that the lists of open maildrops take. */
  readonly maildropBytes: number;
}

export class Pop3Service implements RunningPop3 {
  readonly #world: World;
  readonly #reception: Reception<Pop3ListenerKind, Visit>;

  constructor(settings: Pop3Settings, ports: Pop3Ports, listeners: readonly Pop3Listener[]) {
    const world = createWorld(settings, ports);
    const { clock, meter } = world;
    const connections = meter.gauge('holdfast_pop3_connections', 'Connections open now.');
    const bytes = meter.gauge('holdfast_pop3_maildrop_bytes', 'Octets that the lists of open maildrops take.');
    this.#world = world;
    this.#reception = new Reception(listeners, {
      clock,
      sweepEveryMs: settings.limits.sweepEveryMs,
      drainMs: settings.limits.drainMs,
      receive: (kind, socket, left) => new Visit(world, kind, socket, left),
      look: (now) => {
        world.now = now;
      },
      count: () => {
        connections.set(this.connections);
        bytes.set(this.maildropBytes);
      },
      // A QUIT goes on when its connection has gone.
      isAtWork: () => world.updating > 0,
    });
  }

  get connections(): number {
    return this.#world.connections.count;
  }

  get maildropBytes(): number {
    return this.#world.maildropBytes;
  }

  /** Begins to take connections. */
  open(): void {
    this.#reception.open();
    this.#world.log.info('pop3.open', { listeners: this.#reception.kinds });
  }

  /** Takes no more, lets sessions end that are at work, then cuts what is left: nothing of theirs is deleted. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#world.closing = true;
    await this.#reception.close();
    this.#world.log.info('pop3.closed');
  }
}
