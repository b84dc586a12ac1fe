/** From a destination to a session that stands: its addresses one after the other, within bounds of number and time (RFC 5321 §5.1). */
import { classOf, providerOf } from '#/codec/refusal/index.ts';
import type { PeerReply } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import { type Demand, HandshakeFailed, type HandshakeParts, shakeHands } from './handshake.ts';
import { localReply } from './local-reply.ts';
import type { Hop } from './routes.ts';
import { Session } from './session.ts';
import type { Sources } from './sources.ts';
import { findTargets, type Target, type TargetParts } from './targets.ts';

export type Reached =
  | { readonly kind: 'open'; readonly session: Session }
  /** Final for all mail to the destination: no such domain, null MX, a loop. */
  | { readonly kind: 'refused'; readonly reply: PeerReply }
  /** No host could be used now. */
  | { readonly kind: 'later'; readonly reply: PeerReply }
  /** Hosts are there, but none keeps what the mail demands (RFC 8689). */
  | { readonly kind: 'unfit'; readonly reply: PeerReply };

export type ConnectedHop = Extract<Hop, { kind: 'mx' | 'route' | 'cloud' }>;

/** Addresses remembered as bad; beyond it the oldest are forgotten. */
const badMax = 2_000;

export type ReachParts = HandshakeParts & TargetParts & { readonly sources: Sources };

export class Reach {
  readonly #parts: ReachParts;
  /** Addresses that failed, and until when they are tried last. */
  readonly #bad = new Map<string, number>();

  constructor(parts: ReachParts) {
    this.#parts = parts;
  }

  /** Never rejects. */
  async open(hop: ConnectedHop, how: { probe: boolean; requireTls: boolean }, signal: AbortSignal): Promise<Reached> {
    const found = await findTargets(hop, this.#parts, signal);
    if (found.kind !== 'found') return found;
    const demand: Demand = {
      ...how,
      lmtp: false,
      credentials: null,
      tls: hop.tls,
      ...(hop.kind === 'route' ? own(hop) : {}),
    };
    const limit = within(this.#parts.limits.openMs, signal);
    let failure: HandshakeFailed | null = null;
    for (const target of this.#ordered(found.targets)) {
      if (signal.aborted || performance.now() > limit.deadlineAt) break;
      const result = await this.#tryFrom(target, hop, demand, signal);
      if (result instanceof Session) return { kind: 'open', session: result };
      // A host that may be fit tomorrow outweighs one that is unfit.
      if (failure === null || failure.unfit || !result.unfit) failure = result;
    }
    const reply = failure?.reply ?? localReply(0, '4.4.1', 'No host was tried in time.');
    return { kind: failure?.unfit === true ? 'unfit' : 'later', reply };
  }

  /** From the next address of the hop's pool; one that the host does not trust rests. */
  async #tryFrom(
    target: Target,
    hop: ConnectedHop,
    demand: Demand,
    signal: AbortSignal,
  ): Promise<Session | HandshakeFailed> {
    const { sources } = this.#parts;
    const provider = providerOf(target.host).id;
    const pool = hop.kind === 'cloud' ? null : hop.pool;
    const source = sources.next(pool, target.address, provider);
    if (source === 'any') return this.#try(target, hop, demand, signal);
    if (source === 'none') {
      const text = `No address of ours in the pool ${pool ?? 'default'} is of the family of ${target.address}.`;
      return new HandshakeFailed(localReply(0, '4.4.4', text, target.host));
    }
    const result = await this.#try({ ...target, source }, hop, demand, signal);
    if (result instanceof HandshakeFailed && classOf(result.reply) === 'reputation') sources.rest(source, provider);
    return result;
  }

  async #try(
    target: Target,
    hop: ConnectedHop,
    demand: Demand,
    signal: AbortSignal,
  ): Promise<Session | HandshakeFailed> {
    const { limits } = this.#parts;
    try {
      const facts = await shakeHands(target, demand, this.#parts, signal);
      this.#bad.delete(target.address);
      return new Session(facts, hop.kind === 'route' ? limits.routeReuseMax : limits.mxReuseMax, limits);
    } catch (error) {
      if (!(error instanceof HandshakeFailed)) throw error;
      if (!signal.aborted) this.#remember(target.address);
      return error;
    }
  }

  #remember(address: string): void {
    const [oldest] = this.#bad.keys();
    if (this.#bad.size >= badMax && oldest !== undefined) this.#bad.delete(oldest);
    this.#bad.set(address, performance.now() + this.#parts.limits.badAddressMs);
  }

  #ordered(targets: readonly Target[]): readonly Target[] {
    const now = performance.now();
    const isBad = ({ address }: Target): boolean => (this.#bad.get(address) ?? 0) > now;
    return targets.some(isBad) ? [...targets.filter((one) => !isBad(one)), ...targets.filter(isBad)] : targets;
  }
}

function own(hop: Extract<Hop, { kind: 'route' }>): Pick<Demand, 'lmtp' | 'credentials'> {
  return { lmtp: hop.lmtp, credentials: hop.credentials };
}
