/**
 * From a connection to a dialogue: who is calling (PROXY), whether there is a place, TLS where it comes first, then the greeting.
 *
 *   (PROXY header) ─▶ admitted ─▶ (TLS handshake) ─▶ dialogue ─▶ lingering ─▶ gone
 *
 * What must never happen: a PROXY header believed from anybody but a trusted network, or a client of such a network served without one;
 * a place that is not given back.
 */
import type { Socket } from 'node:net';
import { formatReply, type Reply } from '#/codec/imap/index.ts';
import { ProxyReader } from '#/codec/proxy/index.ts';
import { formatIp, type PeerAddress, parseIp } from '#/model/index.ts';
import { Wire, type WireEvents } from '#/wire/index.ts';
import * as answers from './answers.ts';
import { Dialogue } from './dialogue.ts';
import { Output } from './output.ts';
import { Session } from './session.ts';
import type { ListenerKind, World } from './world.ts';

export class Connection implements WireEvents {
  readonly #world: World;
  readonly #kind: ListenerKind;
  readonly #wire: Wire;
  readonly #wireAddress: string;
  readonly #left: (connection: Connection) => void;
  #proxy: ProxyReader | null = null;
  /** The address that has a place. */
  #admitted: string | null = null;
  #dialogue: Dialogue | null = null;
  /** When a peer that has no dialogue yet, or has heard the last word, is cut off. Monotonic ms. */
  #cutAt: number;

  constructor(world: World, kind: ListenerKind, socket: Socket, left: (connection: Connection) => void) {
    this.#world = world;
    this.#kind = kind;
    this.#left = left;
    this.#wireAddress = canonical(socket.remoteAddress ?? '');
    this.#cutAt = world.now + world.settings.limits.proxyHeaderMs;
    this.#wire = new Wire(socket, this);
    if (world.trustProxy.find(this.#wireAddress) === undefined) {
      this.#admit({ address: this.#wireAddress, port: socket.remotePort ?? 0, name: null });
    } else this.#proxy = new ProxyReader();
  }

  /** One look at the deadlines. */
  check(): void {
    if (this.#wire.state === 'lingering' && this.#cutAt === NEVER) this.#linger();
    else if (this.#world.now > this.#cutAt) this.#wire.destroy();
    else this.#dialogue?.check();
  }

  /** The service closes. */
  leave(): void {
    if (this.#dialogue === null) this.#wire.destroy();
    else this.#dialogue.leave();
  }

  destroy(): void {
    this.#wire.destroy();
  }

  data(chunk: Buffer): void {
    if (this.#dialogue !== null) this.#dialogue.hear(chunk);
    else if (this.#proxy !== null) this.#readProxy(this.#proxy, chunk);
  }

  drained(): void {
    this.#dialogue?.drained();
  }

  ended(): void {
    if (this.#dialogue === null) this.#wire.destroy();
    else this.#dialogue.heardLast();
  }

  gone(): void {
    this.#dialogue?.dispose();
    if (this.#admitted !== null) this.#world.admission.leave(this.#admitted);
    this.#admitted = null;
    this.#left(this);
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
      this.#world.log.warn('imap.proxy-malformed', { listener: this.#kind, why: step.why });
      this.#wire.destroy();
    }
  }

  #admit(peer: PeerAddress, rest?: Buffer): void {
    const entered = this.#world.admission.enter(peer.address);
    if (entered !== 'entered') {
      this.#turnAway(entered === 'full' ? answers.overloaded : answers.tooManyFromAddress);
      return;
    }
    this.#admitted = peer.address;
    this.#world.counters.connections.add(1, { listener: this.#kind });
    this.#cutAt = this.#world.now + this.#world.settings.limits.handshakeMs;
    if (this.#kind === 'imap') this.#begin(peer, false, rest);
    else if (!this.#world.tls.ready(this.#kind)) this.#wire.destroy();
    else {
      const socket = this.#wire.secure((plain) => this.#world.tls.secure(plain, this.#kind), rest);
      socket.once('secure', () => this.#begin(peer, true));
    }
  }

  #begin(peer: PeerAddress, tls: boolean, rest?: Buffer): void {
    this.#cutAt = NEVER;
    const output = new Output(this.#world, this.#wire);
    this.#dialogue = new Dialogue(new Session(this.#world, this.#kind, peer, output, tls), this.#wire);
    this.#dialogue.greet();
    if (rest !== undefined && rest.length > 0) this.#dialogue.hear(rest);
  }

  #turnAway(reply: Reply): void {
    this.#world.counters.turnedAway.add(1, { code: reply.code ?? '' });
    this.#linger();
    // Before a handshake, plain text would only confuse.
    if (this.#kind === 'imaps') this.#wire.destroy();
    else this.#wire.close(formatReply(null, reply));
  }

  #linger(): void {
    this.#cutAt = this.#world.now + this.#world.settings.limits.lingerMs;
  }
}

const NEVER = Number.POSITIVE_INFINITY;

/** One way to write an address; IPv4 that came over an IPv6 socket is IPv4. */
function canonical(address: string): string {
  const ip = parseIp(address);
  return ip === null ? address : formatIp(ip);
}
