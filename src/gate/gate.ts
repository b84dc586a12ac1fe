/**
 * SMTP and LMTP in one process. Disposed of, it drains: transactions finish, newcomers send their one mail, idle sessions hear 421.
 */
import { type Listener, Reception } from '#/wire/index.ts';
import { LISTENERS, type ListenerKind } from './listeners.ts';
import type { GateSettings } from './settings.ts';
import { Visit } from './visit.ts';
import { createWorld, type GatePorts, type World } from './world.ts';

/** A listening socket and what it serves. */
export type GateListener = Listener<ListenerKind>;

export class Gate {
  readonly #world: World;
  readonly #reception: Reception<ListenerKind, Visit>;

  constructor(settings: GateSettings, ports: GatePorts, listeners: readonly GateListener[]) {
    const world = createWorld(settings, ports);
    const { clock, meter, admission, budget } = world;
    const connections = meter.gauge('holdfast_gate_connections', 'Connections open now.');
    const bytes = meter.gauge('holdfast_gate_body_bytes', 'Octets of mail held in memory while they arrive.');
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
        connections.set(admission.count);
        bytes.set(budget.bytes);
      },
      isAtWork: () => false,
    });
  }

  /** Connections at this moment. */
  get connections(): number {
    return this.#reception.size;
  }

  /** Begins to take connections. */
  open(): void {
    this.#reception.open();
    this.#world.log.info('gate.open', { listeners: this.#reception.kinds });
  }

  /** Takes no more, lets running transactions end and newcomers send a mail, then cuts what is left. */
  async close(): Promise<void> {
    this.#world.closingSince = this.#world.clock.monotonic();
    await this.#reception.close();
    this.#world.log.info('gate.closed');
  }
}

/** Whether a listener's connections begin with TLS: for those who probe it. */
export function beginsWithTls(kind: ListenerKind): boolean {
  return LISTENERS[kind].implicitTls;
}
