/** IMAP in one process. Disposed of, it drains: commands that run end, everybody else hears BYE. */
import { type Listener, Reception } from '#/wire/index.ts';
import { Connection } from './connection.ts';
import type { ImapSettings } from './settings.ts';
import { createWorld, type ImapPorts, type ListenerKind, type World } from './world.ts';

/** A listening socket and what it serves. */
export type ImapListener = Listener<ListenerKind>;

export class ImapService {
  readonly #world: World;
  readonly #reception: Reception<ListenerKind, Connection>;

  constructor(settings: ImapSettings, ports: ImapPorts, listeners: readonly ImapListener[]) {
    const world = createWorld(settings, ports);
    const { clock, meter, admission, memory } = world;
    const connections = meter.gauge('holdfast_imap_connections', 'Connections open now.');
    const bytes = meter.gauge(
      'holdfast_imap_message_bytes',
      'Octets of messages held in memory for APPEND and BINARY.',
    );
    this.#world = world;
    this.#reception = new Reception(listeners, {
      clock,
      sweepEveryMs: settings.limits.sweepEveryMs,
      drainMs: settings.limits.drainMs,
      receive: (kind, socket, left) => new Connection(world, kind, socket, left),
      look: (now) => {
        world.now = now;
        world.searches.expire();
      },
      count: () => {
        connections.set(admission.count);
        bytes.set(memory.bytes);
      },
      isAtWork: () => false,
    });
  }

  /** Begins to take connections. */
  open(): void {
    this.#reception.open();
    this.#world.log.info('imap.open', { listeners: this.#reception.kinds });
  }

  /** Takes no more, lets running commands end, then cuts what is left. */
  async close(): Promise<void> {
    this.#world.closing = true;
    await this.#reception.close();
    this.#world.log.info('imap.closed');
  }
}
