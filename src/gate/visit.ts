/**
 * From a connection to a session: who is calling (PROXY), whether there is a place, TLS where it comes first, then the banner.
 *
 *   (PROXY header) ─▶ admitted ─▶ (TLS handshake) ─▶ session ─▶ lingering ─▶ gone
 *
 * What must never happen: a PROXY header believed from anybody but a trusted network, or a client of such a network served without one;
 * a place that is not given back.
 */
import type { Socket } from 'node:net';
import { ProxyReader } from '#/codec/proxy/index.ts';
import { formatReply, type Reply, replies } from '#/codec/smtp/index.ts';
import { formatIp, type PeerAddress, parseIp } from '#/model/index.ts';
import { Wire } from '#/wire/index.ts';
import type { Place } from './admission.ts';
import { isCloud } from './clouds.ts';
import { Dialogue } from './dialogue.ts';
import { LISTENERS, type ListenerKind, type ListenerRules } from './listeners.ts';
import { Session } from './session.ts';
import { type TlsFacts, tlsFactsOf } from './tls-facts.ts';
import type { World } from './world.ts';

export class Visit {
  readonly #world: World;
  readonly #kind: ListenerKind;
  readonly #rules: ListenerRules;
  readonly #wire: Wire;
  readonly #wireAddress: string;
  readonly #left: (visit: Visit) => void;
  #proxy: ProxyReader | null = null;
  #place: Place | null = null;
  #dialogue: Dialogue | null = null;
  /** When a peer that has no session yet, or has been refused, is cut off. Monotonic ms. */
  #cutAt: number;
  readonly #port: number;

  constructor(world: World, kind: ListenerKind, socket: Socket, left: (visit: Visit) => void) {
    this.#world = world;
    this.#kind = kind;
    this.#rules = LISTENERS[kind];
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
    if (this.#world.trustProxy.find(this.#wireAddress) === undefined) {
      this.#admit({ address: this.#wireAddress, port: this.#port, name: null });
    } else this.#proxy = new ProxyReader();
  }

  /** One look at the deadlines. */
  check(): void {
    if (this.#dialogue !== null && this.#wire.state === 'open') this.#dialogue.check();
    else if (this.#world.now > this.#cutAt) this.#wire.destroy();
    if (this.#wire.state === 'lingering' && this.#cutAt === NEVER) this.#linger();
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
      this.#world.log.warn('gate.proxy-malformed', { listener: this.#kind, why: step.why });
      this.#wire.destroy();
    }
  }

  #admit(peer: PeerAddress, rest: Buffer = NOTHING): void {
    const place = this.#askForPlace(peer);
    if ('code' in place) {
      this.#turnAway(place);
      return;
    }
    this.#place = place;
    this.#world.counters.connections.add(1, { listener: this.#kind });
    this.#cutAt = this.#world.now + this.#world.settings.limits.handshakeMs;
    if (this.#rules.implicitTls) this.#secure(peer, rest);
    else this.#begin(peer, rest);
  }

  #askForPlace(peer: PeerAddress): Place | Reply {
    const known = this.#isKnown(peer);
    const { serves, reserved } = this.#rules;
    if (serves === 'own networks' && !known && this.#world.ownNetworks.find(peer.address) === undefined) {
      return replies.ownNetworksOnly;
    }
    const place = this.#world.admission.enter(peer.address, { reserved: reserved || known, known });
    if (typeof place === 'object') return place;
    return place === 'full' ? replies.overloaded : replies.tooManyConnections;
  }

  /** A front speaks for somebody else: the place is taken in their name, so that nobody gets more by coming through it. */
  #readmit(peer: PeerAddress): Reply | null {
    const place = this.#askForPlace(peer);
    if ('code' in place) {
      this.#world.counters.turnedAway.add(1, { code: String(place.code) });
      return place;
    }
    this.#place?.release();
    this.#place = place;
    return null;
  }

  /** Relay networks, and fronts that stand for many callers, have no bound of their own by address. */
  #isKnown(peer: PeerAddress): boolean {
    const relay = this.#rules.knowsNetworks ? this.#world.signIn.network(peer) : null;
    const isFront = peer.address === this.#wireAddress && this.#world.trustXclient.find(peer.address) !== undefined;
    return isFront || (relay !== null && !isCloud(relay.relay));
  }

  #secure(peer: PeerAddress, rest: Buffer): void {
    if (!this.#world.tls.ready(this.#kind)) {
      this.#wire.destroy();
      return;
    }
    const socket = this.#wire.secure((plain) => this.#world.tls.secure(plain, this.#kind, false), rest);
    socket.once('secure', () => this.#begin(peer, NOTHING, tlsFactsOf(socket)));
  }

  #begin(peer: PeerAddress, rest: Buffer, tls: TlsFacts | null = null): void {
    this.#cutAt = NEVER;
    const session = new Session(this.#world, this.#kind, peer, this.#wireAddress, (other) => this.#readmit(other));
    if (tls !== null) session.secured(tls);
    this.#dialogue = new Dialogue(session, this.#wire);
    this.#dialogue.greet();
    if (rest.length > 0) this.#dialogue.hear(rest);
  }

  #turnAway(reply: Reply): void {
    this.#world.counters.turnedAway.add(1, { code: String(reply.code) });
    this.#linger();
    // Before a handshake, plain text would only confuse.
    if (this.#rules.implicitTls) this.#wire.destroy();
    else this.#wire.close(formatReply(reply));
  }

  #linger(): void {
    this.#cutAt = this.#world.now + this.#world.settings.limits.lingerMs;
  }

  #ended(): void {
    if (this.#dialogue === null) this.#wire.destroy();
    else this.#dialogue.heardLast();
  }

  #leave(): void {
    this.#dialogue?.dispose();
    this.#place?.release();
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
