/**
 * From a connection to a session: who is calling (PROXY), whether there is a place, TLS where it comes first, then the banner.
 *
 *   (PROXY header) ─▶ admitted ─▶ (TLS handshake) ─▶ dialogue ─▶ lingering ─▶ gone
 *
 * What must never happen: a PROXY header believed from anybody but a trusted network, or a client of such a network served without one;
 * a place that is not given back.
 */
import type { Socket } from 'node:net';
import { formatReply, type Reply, replies } from '#/codec/pop3/index.ts';
import { ProxyReader } from '#/codec/proxy/index.ts';
import { addressGroup, formatIp, type PeerAddress, parseIp } from '#/model/index.ts';
import { Wire } from '#/wire/index.ts';
import { Dialogue } from './dialogue.ts';
import { LISTENERS, type Pop3ListenerKind } from './listeners.ts';
import type { Release } from './places.ts';
import { Session } from './session.ts';
import type { World } from './world.ts';

export class Visit {
  readonly #world: World;
  readonly #kind: Pop3ListenerKind;
  readonly #wire: Wire;
  readonly #wireAddress: string;
  readonly #port: number;
  readonly #left: (visit: Visit) => void;
  #proxy: ProxyReader | null = null;
  #release: Release | null = null;
  #dialogue: Dialogue | null = null;
  /** When a peer that has no dialogue yet, or whose dialogue is over, is cut off. Monotonic ms. */
  #cutAt: number;
  /** Of a connection that lingers, when it was last looked at. */
  #unsentBytes = 0;

  constructor(world: World, kind: Pop3ListenerKind, socket: Socket, left: (visit: Visit) => void) {
    this.#world = world;
    this.#kind = kind;
    this.#port = socket.remotePort ?? 0;
    this.#left = left;
    this.#wireAddress = canonical(socket.remoteAddress ?? '');
    this.#cutAt = world.now + world.settings.limits.proxyHeaderMs;
    this.#wire = new Wire(socket, {
      data: (chunk) => this.#heard(chunk),
      drained: () => this.#dialogue?.drained(),
      ended: () => this.#ended(),
      gone: () => this.#leave(),
    });
  }

  /** Begins. */
  start(): void {
    if (this.#world.trustProxy.find(this.#wireAddress) !== undefined) this.#proxy = new ProxyReader();
    else this.#admit({ address: this.#wireAddress, port: this.#port, name: null }, NOTHING);
  }

  /** One look at the deadlines. */
  check(): void {
    if (this.#dialogue !== null && this.#wire.state === 'open') this.#dialogue.check();
    else if (this.#world.now > this.#cutAt) this.#wire.destroy();
    if (this.#wire.state === 'lingering') this.#lookAtLast();
  }

  /** Cuts the connection. */
  destroy(): void {
    this.#wire.destroy();
  }

  #heard(chunk: Buffer): void {
    if (this.#dialogue !== null) this.#dialogue.hear(chunk);
    else if (this.#proxy !== null) this.#readProxy(this.#proxy, chunk);
  }

  #readProxy(reader: ProxyReader, chunk: Buffer): void {
    const step = reader.feed(chunk);
    if (step.kind === 'hungry') return;
    this.#proxy = null;
    if (step.kind === 'ready') {
      // The balancer speaks for itself when it only looks whether we live.
      const { address, port } = step.source ?? { address: this.#wireAddress, port: 0 };
      this.#admit({ address: canonical(address), port, name: null }, step.rest);
    } else {
      this.#world.log.warn('pop3.proxy-malformed', { listener: this.#kind, why: step.why });
      this.#wire.destroy();
    }
  }

  #admit(peer: PeerAddress, rest: Buffer): void {
    const { connections, settings, counters } = this.#world;
    const isFull = connections.count >= settings.connectionsMax;
    const release = isFull ? null : connections.take(addressGroup(peer.address));
    if (release === null) {
      counters.turnedAway.add(1, { why: isFull ? 'full' : 'address' });
      this.#turnAway(isFull ? replies.overloaded : replies.tooManyConnections);
      return;
    }
    this.#release = release;
    counters.connections.add(1, { listener: this.#kind });
    this.#cutAt = this.#world.now + settings.limits.handshakeMs;
    if (LISTENERS[this.#kind].implicitTls) this.#secure(peer, rest);
    else this.#begin(peer, rest);
  }

  #secure(peer: PeerAddress, rest: Buffer): void {
    if (!this.#world.tls.ready(this.#kind)) {
      this.#wire.destroy();
      return;
    }
    const socket = this.#wire.secure((plain) => this.#world.tls.secure(plain, this.#kind), rest);
    socket.once('secure', () => this.#begin(peer, NOTHING));
  }

  #begin(peer: PeerAddress, rest: Buffer): void {
    this.#cutAt = NEVER;
    this.#dialogue = new Dialogue(new Session(this.#world, this.#kind, peer), this.#wire);
    this.#dialogue.greet();
    if (rest.length > 0) this.#dialogue.hear(rest);
  }

  #turnAway(reply: Reply): void {
    this.#linger();
    // Before a handshake, plain text would only confuse.
    if (LISTENERS[this.#kind].implicitTls) this.#wire.destroy();
    else this.#wire.close(formatReply(reply));
  }

  #linger(): void {
    const { lingerMs, unreadMs } = this.#world.settings.limits;
    this.#unsentBytes = this.#wire.unsentBytes;
    this.#cutAt = this.#world.now + (this.#unsentBytes > 0 ? unreadMs : lingerMs);
  }

  /** The last message may still be on its way to a slow peer. */
  #lookAtLast(): void {
    if (this.#cutAt === NEVER || this.#wire.unsentBytes !== this.#unsentBytes) this.#linger();
  }

  #ended(): void {
    if (this.#dialogue === null) this.#wire.destroy();
    else this.#dialogue.heardLast();
  }

  #leave(): void {
    this.#dialogue?.dispose();
    this.#release?.();
    this.#left(this);
  }
}

const NEVER = Number.POSITIVE_INFINITY;
const NOTHING: Buffer = Buffer.alloc(0);

/** One way to write an address; IPv4 that came over an IPv6 socket is IPv4. */
function canonical(address: string): string {
  const ip = parseIp(address);
  return ip === null ? address : formatIp(ip);
}
