/** Proving who somebody is, and how much they may send. The gate asks; `auth/` answers. */
import type { Call, Identity, MailAddress, PeerAddress, Relay, Tenant, User } from '#/model/index.ts';

export interface SignIn {
  /**
   * Checks a user name and password. Bounded and paced: wrong passwords and unknown names take the same time and say the same;
   * too many from one address or on one name are `later` without a look at the password. Hashes wait in a bounded queue (O7).
   */
  password(username: string, password: string, peer: PeerAddress, call: Call): Promise<SignInAnswer>;

  /** SCRAM-SHA-256 keys of a generated credential; for unknown names a stable invented salt, so that the answer tells nothing. Null: SCRAM is off. */
  scramKeys(username: string, peer: PeerAddress): ScramKeys | null;

  /** The outcome of a SCRAM exchange that the gate checked itself with `scramKeys`: counted like a password. */
  scramDone(username: string, proven: boolean, peer: PeerAddress): SignInAnswer;

  /** A relay known by its network, without signing in (M1). Cloud relays are provisional until their header is seen (design 6). */
  network(peer: PeerAddress): Principal | null;
}

export type SignInAnswer =
  | { readonly kind: 'proven'; readonly principal: Principal }
  /** Wrong name or password, or switched off. */
  | { readonly kind: 'refused' }
  /** Rate limit, or the queue of hashes is full: 454 4.7.0. */
  | { readonly kind: 'later' };

/** Somebody proven: who pays, and what they may use. */
export interface Principal {
  readonly identity: Identity;
  readonly tenant: Tenant;
  readonly user: User | null;
  readonly relay: Relay | null;
}

export interface ScramKeys {
  readonly salt: Buffer;
  readonly iterations: number;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
  /** False for an invented answer: the exchange goes on and fails at its end. */
  readonly real: boolean;
}

/** Sending limits and what an administrator sees of a relay (M1). */
export interface Usage {
  /** Whether `principal` may use this reverse-path: its own address or alias, or one of the relay's `senders`; `<>` only for servers and cloud relays. */
  maySend(principal: Principal, sender: MailAddress | null): boolean;

  /** Counts recipients of one transaction against the identity's and the tenant's limits, before the 250. */
  take(principal: Principal, recipients: number): 'ok' | 'over per10m' | 'over perDay';

  /** Gives back what a refused transaction took. */
  giveBack(principal: Principal, recipients: number): void;

  /** Last seen, and last error in plain words, for the administrator's list. Never waits. */
  seen(principal: Principal, error: string | null): void;

  /** Last error of somebody who was only named, not proven: last seen stays. Never waits. */
  failed(principal: Principal, error: string): void;
}
