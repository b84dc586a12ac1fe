/**
 * What is known of one caller: the state that verbs read and change. How octets become commands and replies is the dialogue's affair.
 *
 *   AUTHORIZATION ── a password is right, the maildrop is read ──▶ TRANSACTION ── QUIT ──▶ UPDATE     (RFC 1939 §3)
 *
 * What must never happen: a name that was said in the clear and counts after TLS; a place or memory that is not given back; a deletion in
 * any state but UPDATE; an identity that outlives what proved it.
 */
import type { AccountKey, Call, Directory, PeerAddress } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import { LISTENERS, type Pop3ListenerKind } from './listeners.ts';
import type { Maildrop } from './maildrop.ts';
import type { Release } from './places.ts';
import type { World } from './world.ts';

/** The world keeps its own deadlines; ours comes this much later, ms, and only for a world that forgets. */
const SLACK_MS = 2_000;

/** A maildrop that somebody has signed in to. */
export interface OpenMaildrop {
  readonly account: AccountKey;
  readonly drop: Maildrop;
}

export class Session {
  readonly world: World;
  readonly kind: Pop3ListenerKind;
  readonly peer: PeerAddress;
  tls: boolean;
  /** Who USER said it was. */
  name: string | null = null;
  /** Null in the AUTHORIZATION state. */
  open: OpenMaildrop | null = null;
  signInFailures = 0;
  /** Monotonic ms at which the verb that is being performed has taken too long. */
  busyUntil = 0;
  /** Writes what is said; whether it has left before the connection was lost. */
  flushed: () => Promise<boolean> = () => Promise.resolve(true);
  readonly #left: Release[] = [];
  #ended: AbortController | null = null;
  #isOver = false;
  /** The generation in which who has signed in was last looked for. */
  #knownIn: Directory | null = null;

  constructor(world: World, kind: Pop3ListenerKind, peer: PeerAddress) {
    this.world = world;
    this.kind = kind;
    this.peer = peer;
    this.tls = LISTENERS[kind].implicitTls;
  }

  /** RFC 2595 §2.3: passwords go over TLS, and nowhere else. */
  get maySignIn(): boolean {
    return this.tls;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** A call on the world that ends with the connection; it gives the verb this much time from now on. */
  call(ms = this.world.settings.limits.storeMs): Call {
    this.renew(ms);
    this.#ended ??= new AbortController();
    return within(ms, this.#ended.signal);
  }

  /** Gives the verb this much time from now on. */
  renew(ms: number): void {
    this.busyUntil = this.world.now + ms + SLACK_MS;
  }

  /**
   * Whether the newest directory still knows who has signed in: a session of hours is no way around a switch (C5). Looked at when there is a
   * newer one, the first time after the sign-in too, for it may have come while the password was proven.
   */
  isStillSomebody(): boolean {
    const directory = this.world.directory.current();
    if (this.open === null || directory === this.#knownIn) return true;
    const { account } = this.open;
    const found = directory.user(account.address);
    this.#knownIn = directory;
    return found !== undefined && found.tenant.id === account.tenant && !found.user.disabled;
  }

  /** TLS is on: nothing said before counts any more (RFC 2595 §4). */
  secured(): void {
    this.tls = true;
    this.name = null;
  }

  /** Something was taken that goes back when the connection is over. */
  keep(release: Release): void {
    if (this.#isOver) release();
    else this.#left.push(release);
  }

  /** The connection is over. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#ended?.abort();
    this.open = null;
    for (const release of this.#left.splice(0)) release();
  }
}
