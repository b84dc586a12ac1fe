/**
 * From an address to a session that may carry mail: connect, greeting, EHLO, STARTTLS, EHLO again, AUTH.
 *
 * TLS policy (RFC 7435): `none` never asks; `opportunistic` takes any certificate, and goes on in clear, on a new connection, where TLS
 * fails; `require` goes on only with a certificate that proves the host's name. Mail with REQUIRETLS asks for the last
 * whatever the route says. A password leaves only inside TLS, to the loopback, or where the operator wrote `tls: none`.
 */
import type { Socket } from 'node:net';
import { type Capabilities, formatHello, parseCapabilities, type ServerReply } from '#/codec/smtp/index.ts';
import type { PeerReply } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import type { Dialer } from '#/ports/index.ts';
import { authenticate } from './authenticate.ts';
import { localReply, peerReply } from './local-reply.ts';
import type { Credentials, TlsPolicy } from './routes.ts';
import type { OutboundLimits } from './settings.ts';
import type { Target } from './targets.ts';
import type { TurnShare } from './turn-share.ts';
import type { Watch } from './watch.ts';
import { Wire, WireLost } from './wire.ts';

/** A session as it stands after the handshake. */
export interface Handshaken {
  readonly wire: Wire;
  readonly target: Target;
  readonly capabilities: Capabilities;
  readonly lmtp: boolean;
  readonly tls: 'none' | 'unverified' | 'verified';
}

/** What is asked of the session. */
export interface Demand {
  readonly lmtp: boolean;
  readonly tls: TlsPolicy;
  readonly credentials: Credentials | null;
  /** For mail with REQUIRETLS (RFC 8689 §4.2): verified TLS and a peer that announces it. */
  readonly requireTls: boolean;
  /** Short time-outs: the destination is only looked at. */
  readonly probe: boolean;
}

export interface HandshakeParts {
  readonly dialer: Dialer;
  readonly watch: Watch;
  readonly turns: TurnShare;
  readonly hostname: string;
  readonly limits: OutboundLimits;
}

/** The host can't be used now. `unfit`: it is there, but lacks what the mail demands (RFC 8689). */
export class HandshakeFailed extends Error {
  readonly reply: PeerReply;
  readonly unfit: boolean;

  constructor(reply: PeerReply, unfit = false) {
    super(reply.text);
    this.reply = reply;
    this.unfit = unfit;
  }
}

/** TLS could not be agreed on: an opportunistic caller tries again in clear. */
class TlsFailed extends HandshakeFailed {}

/** Connects and greets; rejects with HandshakeFailed. `signal` ends it early. */
export async function shakeHands(
  target: Target,
  demand: Demand,
  parts: HandshakeParts,
  signal: AbortSignal,
): Promise<Handshaken> {
  try {
    return await attempt(target, demand, parts, signal, demand.tls !== 'none' || demand.requireTls);
  } catch (error) {
    if (!(error instanceof TlsFailed) || demand.tls !== 'opportunistic' || demand.requireTls) throw error;
    return attempt(target, demand, parts, signal, false);
  }
}

async function attempt(
  target: Target,
  demand: Demand,
  parts: HandshakeParts,
  signal: AbortSignal,
  withTls: boolean,
): Promise<Handshaken> {
  const shaker = new Shaker(await connect(target, demand, parts, signal), target, demand, parts);
  const abort = (): void => shaker.abort('was given up: this server is stopping');
  signal.addEventListener('abort', abort);
  try {
    return await shaker.shake(withTls, signal);
  } catch (error) {
    shaker.abort('was given up');
    throw error instanceof WireLost ? new HandshakeFailed(lostReply(target, error.message)) : error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function connect(
  target: Target,
  demand: Demand,
  { dialer, limits }: HandshakeParts,
  signal: AbortSignal,
): Promise<Socket> {
  const ms = demand.probe ? Math.min(limits.probeMs, limits.connectMs) : limits.connectMs;
  try {
    return await dialer.connect({ ...target, from: target.source?.address ?? null }, within(ms, signal));
  } catch (error) {
    throw new HandshakeFailed(lostReply(target, `can't be reached: ${messageOf(error)}`));
  }
}

class Shaker {
  #wire: Wire;
  #tls: Handshaken['tls'] = 'none';
  #capabilities: Capabilities = noCapabilities;
  readonly #target: Target;
  readonly #demand: Demand;
  readonly #parts: HandshakeParts;

  constructor(socket: Socket, target: Target, demand: Demand, parts: HandshakeParts) {
    this.#wire = new Wire(socket, target, parts);
    this.#target = target;
    this.#demand = demand;
    this.#parts = parts;
  }

  async shake(withTls: boolean, signal: AbortSignal): Promise<Handshaken> {
    const { limits } = this.#parts;
    const greeting = await this.#wire.ask(null, 'the connection', this.#patience(limits.greetingMs));
    // RFC 7504 §3: 521 is a host that takes no mail; 4xx and 5xx both send us to the next host.
    if (greeting.code !== 220) throw new HandshakeFailed(peerReply(greeting, this.#target.host));
    await this.#hello();
    if (withTls) await this.#startTls(signal);
    this.#checkRequireTls();
    await this.#signIn();
    const { target, lmtp } = { target: this.#target, lmtp: this.#demand.lmtp };
    return { wire: this.#wire, target, capabilities: this.#capabilities, lmtp, tls: this.#tls };
  }

  abort(why: string): void {
    this.#wire.abort(why);
  }

  // RFC 5321 §3.2: a server that knows no EHLO is greeted with HELO. LMTP has only LHLO (RFC 2033 §4.1).
  async #hello(): Promise<void> {
    const verb = this.#demand.lmtp ? 'LHLO' : 'EHLO';
    const reply = await this.#say(formatHello(verb, this.#ownName()), verb);
    if (reply.code === 250) this.#capabilities = parseCapabilities(reply);
    else if (this.#demand.lmtp || reply.code < 500) throw new HandshakeFailed(peerReply(reply, this.#target.host));
    else await this.#oldHello();
  }

  /** Of the address that we come from: peers compare it with its reverse name. */
  #ownName(): string {
    return this.#target.source?.hostname ?? this.#parts.hostname;
  }

  async #oldHello(): Promise<void> {
    const reply = await this.#say(formatHello('HELO', this.#ownName()), 'HELO');
    if (reply.code !== 250) throw new HandshakeFailed(peerReply(reply, this.#target.host));
    this.#capabilities = noCapabilities;
  }

  async #startTls(signal: AbortSignal): Promise<void> {
    const strict = this.#demand.tls === 'require' || this.#demand.requireTls;
    if (!this.#capabilities.startTls) return this.#withoutTls(strict, 'does not offer TLS');
    const reply = await this.#say('STARTTLS\r\n', 'STARTTLS');
    if (reply.code !== 220) return this.#withoutTls(strict, `refused TLS (${reply.code} ${reply.lines.join(' ')})`);
    // RFC 3207 §4: what came in clear behind the answer was put there by somebody else.
    if (this.#wire.buffered > 0) throw new TlsFailed(this.#tlsReply('sent more than its answer before TLS'));
    await this.#secure(strict, signal);
    await this.#hello();
  }

  #withoutTls(strict: boolean, why: string): void {
    if (strict) throw new HandshakeFailed(this.#tlsReply(why), this.#demand.requireTls);
  }

  async #secure(strict: boolean, signal: AbortSignal): Promise<void> {
    const socket = this.#wire.detach();
    socket.on('error', () => {});
    const options = { servername: this.#target.host, verify: strict ? 'name' : null } as const;
    try {
      const secured = await this.#parts.dialer.secure(socket, options, within(this.#parts.limits.tlsMs, signal));
      this.#wire = new Wire(secured, this.#target, this.#parts);
      this.#tls = strict ? 'verified' : 'unverified';
    } catch (error) {
      socket.destroy();
      const why = strict ? 'could not prove by TLS who it is' : 'failed in TLS';
      throw new TlsFailed(this.#tlsReply(`${why}: ${messageOf(error)}`), this.#demand.requireTls);
    }
  }

  #checkRequireTls(): void {
    if (!this.#demand.requireTls || this.#capabilities.requireTls) return;
    throw new HandshakeFailed(this.#tlsReply('does not offer REQUIRETLS'), true);
  }

  async #signIn(): Promise<void> {
    const { credentials, tls } = this.#demand;
    if (credentials === null) return;
    // A password in clear needs the operator's own word, or the loopback. A fallback is no such word.
    if (this.#tls === 'none' && tls !== 'none' && !isLoopback(this.#target.address))
      throw new HandshakeFailed(this.#tlsReply('offers no TLS, and a password is not sent in clear'));
    const refusal = await authenticate(credentials, this.#capabilities.auth, (line, what) => this.#say(line, what));
    if (refusal !== null) throw new HandshakeFailed({ ...refusal, host: this.#target.host });
  }

  #say(command: string, what: string): Promise<ServerReply> {
    return this.#wire.ask(command, what, this.#patience(this.#parts.limits.commandMs));
  }

  #patience(ms: number): number {
    return this.#demand.probe ? Math.min(ms, this.#parts.limits.probeMs) : ms;
  }

  // RFC 8689 §5: 5.7.30 where REQUIRETLS can't be kept; RFC 3207 §4 has no code of its own for the rest.
  #tlsReply(why: string): PeerReply {
    const enhanced = this.#demand.requireTls ? '5.7.30' : '4.7.0';
    return localReply(0, enhanced, `${this.#target.host} ${why}.`, this.#target.host);
  }
}

/** Why a host could not be used or went away, as a reply. */
export function lostReply(target: Target, why: string): PeerReply {
  return localReply(0, '4.4.2', `${target.host}[${target.address}]:${target.port} ${why}.`, target.host);
}

const noCapabilities: Capabilities = {
  pipelining: false,
  size: null,
  eightBitMime: false,
  smtpUtf8: false,
  chunking: false,
  dsn: false,
  startTls: false,
  enhancedStatusCodes: false,
  requireTls: false,
  auth: [],
  limits: {},
};

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
