/**
 * What is known of one caller, and of the mail that it is telling: the state that verbs read and change. How octets become commands
 * and replies is the dialogue's affair.
 *
 *   greeting ─▶ hello ─▶ (signed in) ─▶ MAIL ─▶ RCPT … ─▶ body ─▶ MAIL …
 *
 * What must never happen: an identity that outlives what proved it; a mail carried over a new greeting.
 */
import type { Reply } from '#/codec/smtp/index.ts';
import type { Directory, PeerAddress } from '#/model/index.ts';
import type { Principal } from '#/ports/index.ts';
import { type CloudKind, cloudCalled, isCloud } from './clouds.ts';
import { LISTENERS, type ListenerKind, type ListenerRules } from './listeners.ts';
import { principalNow } from './principal-now.ts';
import type { TlsFacts } from './tls-facts.ts';
import type { Transaction } from './transaction.ts';
import type { World } from './world.ts';

/** Takes a place in the name of another peer. */
export type Readmit = (peer: PeerAddress) => Reply | null;

/** Who the peer says it is. */
export interface Hello {
  readonly verb: 'HELO' | 'EHLO' | 'LHLO';
  readonly name: string;
}

export class Session {
  readonly world: World;
  readonly kind: ListenerKind;
  readonly rules: ListenerRules;
  /** For counters. */
  readonly labels: Readonly<Record<string, string>>;
  /** After PROXY and XCLIENT. */
  peer: PeerAddress;
  /** Who is really at the other end of the wire; what `trust` is asked about. */
  readonly wireAddress: string;
  hello: Hello | null = null;
  /** The name that a trusted front was greeted with. */
  frontHello: string | null = null;
  tls: TlsFacts | null = null;
  principal: Principal | null = null;
  signedIn = false;
  /** The cloud whose certificate the peer has shown; only where somebody here relays from it. */
  certified: CloudKind | null = null;
  /** A shared cloud, by network or certificate: who sends is known when the header is (design 6). */
  cloud = false;
  transaction: Transaction | null = null;
  /** No mail has begun on this connection yet: a gate that closes does not turn it away (M6). */
  newcomer = true;
  signInFailures = 0;
  refusedRecipients = 0;

  /** The generation by which it is known who this is. */
  #directory: Directory;
  /** Asks for a place for somebody whom a front speaks for; a reply where there is none. */
  readonly #readmit: Readmit;

  constructor(world: World, kind: ListenerKind, peer: PeerAddress, wireAddress: string, readmit: Readmit) {
    this.world = world;
    this.kind = kind;
    this.rules = LISTENERS[kind];
    this.labels = { listener: kind };
    this.peer = peer;
    this.wireAddress = wireAddress;
    this.#readmit = readmit;
    this.#directory = world.directory.current();
    this.identify();
  }

  /**
   * A newer generation of the directory may say otherwise of who this is and what they may. Looked at before each mail: a connection that
   * is kept for hours is no way around a switch, and does not wait for what an administrator has allowed (C5, M1).
   */
  refresh(): void {
    const [before, now] = [this.#directory, this.world.directory.current()];
    this.#directory = now;
    if (before === now) return;
    const { principal } = this;
    if (principal === null || !this.signedIn) this.identify();
    // Who is in no generation, such as the one that `try` sends as, stays who it is.
    else if (principalNow(principal, before) !== null) {
      this.principal = principalNow(principal, now);
      this.signedIn = this.principal !== null;
    }
  }

  /** Looks who is calling, by network and certificate. */
  identify(): void {
    const known = this.rules.knowsNetworks ? this.world.signIn.network(this.peer) : null;
    this.cloud = known === null ? this.certified !== null : isCloud(known.relay);
    this.principal = this.cloud ? null : known;
    this.signedIn = false;
  }

  /** Somebody has proven who they are, by themselves or by a trusted front. */
  becomes(principal: Principal): void {
    this.principal = principal;
    this.signedIn = true;
    this.cloud = false;
  }

  /** TLS is on: nothing said before counts any more (RFC 3207 §4.2). */
  secured(tls: TlsFacts): void {
    this.tls = tls;
    this.certified = this.#cloudOf(tls.clientNames);
    if (this.principal === null && this.certified !== null) this.cloud = true;
    this.startAnew();
  }

  /** Forgets hello and transaction (EHLO, STARTTLS, XCLIENT). */
  startAnew(): void {
    this.reset();
    this.hello = null;
  }

  /** Whether TLS is to ask for the client's certificate: where it could be a cloud of ours. */
  get wantsCertificate(): boolean {
    return this.rules.knowsClouds && this.world.connectors.wantsCertificates(this.world.directory.current());
  }

  /**
   * Somebody else speaks from here on, by a front's word: what the front has shown proves nothing of them, and their connection
   * counts as theirs. A reply where there is no place for them; then all stays as it was.
   */
  speaksFor(peer: PeerAddress): Reply | null {
    const refusal = this.#readmit(peer);
    if (refusal !== null) return refusal;
    this.startAnew();
    this.peer = peer;
    this.certified = null;
    this.identify();
    return null;
  }

  #cloudOf(names: readonly string[]): CloudKind | null {
    const kind = names.length === 0 ? null : cloudCalled(names);
    return kind !== null && this.world.connectors.uses(kind, this.world.directory.current()) ? kind : null;
  }

  /** RSET: the transaction is over. */
  reset(): void {
    this.transaction?.abandon(this.world.usage);
    this.transaction = null;
  }
}
