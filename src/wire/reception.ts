/**
 * The listeners of one service in one process: takes their connections, looks at every deadline about once a second, and closes in order.
 *
 *   open ── close() ──▶ draining (visitors end in their own way) ──▶ closed
 *
 * What must never happen: a connection that nobody looks at; one that was accepted in the last moment and hears nothing; a close without an end.
 */
import type { Server, Socket } from 'node:net';
import type { Clock } from '#/ports/index.ts';

/** A listening socket and what it serves. */
export interface Listener<Kind> {
  readonly kind: Kind;
  /** Bound and listening already; its owner made it with `pauseOnConnect` off. */
  readonly server: Server;
}

/** One connection, until it has gone. */
export interface Visitor {
  /** Begins; it is counted by then. Absent where it has begun. */
  start?(): void;
  /** One look at the deadlines. */
  check(): void;
  /** The service closes: whoever has nothing at work goes. Absent where a look sees it. */
  leave?(): void;
  /** Cuts the connection. */
  destroy(): void;
}

export interface ReceptionRules<Kind, Guest extends Visitor> {
  readonly clock: Clock;
  /** Between two looks at the deadlines, ms. */
  readonly sweepEveryMs: number;
  /** For visitors to end in order when the service closes, ms. */
  readonly drainMs: number;
  /** A connection has come; `left` is to be called once, when it has gone. May wait for nothing. */
  readonly receive: (kind: Kind, socket: Socket, left: (guest: Guest) => void) => Guest;
  /** Before each look: what all visitors take for the time, monotonic ms. */
  readonly look: (now: number) => void;
  /** Behind each look while it is open: what is counted. */
  readonly count: () => void;
  /** Whether there is work at the end that has no connection any more. */
  readonly isAtWork: () => boolean;
}

/** How often it looks whether it is empty while it closes, ms. */
const DRAIN_LOOK_MS = 50;

export class Reception<Kind, Guest extends Visitor> {
  readonly #listeners: readonly Listener<Kind>[];
  readonly #rules: ReceptionRules<Kind, Guest>;
  readonly #guests = new Set<Guest>();
  readonly #stop = new AbortController();
  readonly #handlers: { readonly server: Server; readonly take: (socket: Socket) => void }[] = [];
  #sweeping: Promise<void> | null = null;

  constructor(listeners: readonly Listener<Kind>[], rules: ReceptionRules<Kind, Guest>) {
    this.#listeners = listeners;
    this.#rules = rules;
  }

  /** Connections at this moment. */
  get size(): number {
    return this.#guests.size;
  }

  /** What it listens for, for a line in the log. */
  get kinds(): string {
    return this.#listeners.map(({ kind }) => kind).join(' ');
  }

  /** Begins to take connections. */
  open(): void {
    for (const { kind, server } of this.#listeners) {
      const take = (socket: Socket): void => {
        const guest = this.#rules.receive(kind, socket, this.#forget);
        this.#guests.add(guest);
        guest.start?.();
      };
      server.on('connection', take);
      this.#handlers.push({ server, take });
    }
    this.#sweeping = this.#sweep();
  }

  /** Takes no more, gives visitors their time to end, then cuts what is left. */
  async close(): Promise<void> {
    const { clock, drainMs } = this.#rules;
    for (const { server, take } of this.#handlers) {
      server.close();
      server.off('connection', take);
      // Accepted by the kernel in the last moment: better a closed connection than a silent one.
      server.on('connection', (socket: Socket) => socket.destroy());
    }
    for (const guest of this.#guests) guest.leave?.();
    await this.#drain(clock.monotonic() + drainMs);
    for (const guest of this.#guests) guest.destroy();
    this.#stop.abort();
    await this.#sweeping;
  }

  // One function for all connections: a hundred thousand idle ones are the rule for some services.
  readonly #forget = (guest: Guest): void => {
    this.#guests.delete(guest);
  };

  async #drain(until: number): Promise<void> {
    const { clock, isAtWork } = this.#rules;
    this.#look();
    while ((this.#guests.size > 0 || isAtWork()) && clock.monotonic() < until) {
      await clock.sleep(DRAIN_LOOK_MS);
      this.#look();
    }
  }

  async #sweep(): Promise<void> {
    const { clock, sweepEveryMs, count } = this.#rules;
    while (!this.#stop.signal.aborted) {
      await clock.sleep(sweepEveryMs, this.#stop.signal);
      this.#look();
      count();
    }
  }

  #look(): void {
    this.#rules.look(this.#rules.clock.monotonic());
    for (const guest of this.#guests) guest.check();
  }
}
