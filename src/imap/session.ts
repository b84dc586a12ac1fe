/**
 * What is known of one client: who it is, what it has enabled, and which mailbox it has selected. Verbs read and change it; how octets
 * become commands and answers is the dialogue's affair.
 *
 *   not authenticated ── LOGIN, AUTHENTICATE ──▶ authenticated ── SELECT ──▶ selected ── CLOSE, UNSELECT ──▶ authenticated
 *
 * What must never happen: an identity that outlives what proved it; two mailboxes selected.
 */
import { type AccountKey, type Call, type Directory, type PeerAddress, within } from '#/model/index.ts';
import type { AccountLimits, Principal } from '#/ports/index.ts';
import type { PlaceOwner } from './admission.ts';
import type { Output } from './output.ts';
import type { Selected } from './selected.ts';
import type { ListenerKind, World } from './world.ts';

/** Somebody signed in. */
export interface Person {
  readonly principal: Principal;
  readonly account: AccountKey;
  /** Capabilities that are switched off for the account. */
  readonly off: ReadonlySet<string>;
}

export class Session {
  readonly world: World;
  readonly kind: ListenerKind;
  readonly peer: PeerAddress;
  readonly output: Output;
  tls: boolean;
  person: Person | null = null;
  selected: Selected | null = null;
  /** What the client has enabled (RFC 9051 §6.3.1). CONDSTORE also by using it (RFC 7162 §3.1). */
  condstore = false;
  qresync = false;
  utf8 = false;
  rev2 = false;
  signInFailures = 0;
  /** The connection is gone: what a command that still runs finds out is nobody's any more. */
  isOver = false;
  /** Ends the calls of the command that runs, when the peer has gone or we close. */
  signal: AbortSignal | null = null;
  /** The generation by which it is known who this is. */
  directory: Directory;

  constructor(world: World, kind: ListenerKind, peer: PeerAddress, output: Output, tls: boolean) {
    this.world = world;
    this.kind = kind;
    this.peer = peer;
    this.output = output;
    this.tls = tls;
    this.directory = world.directory.current();
  }

  /** The account of who has signed in. Verbs that need one are not run before. */
  get account(): AccountKey {
    if (this.person === null) throw new Error('A verb that needs an account ran before anybody signed in.');
    return this.person.account;
  }

  /** The mailbox that is selected. Verbs that need one are not run before. */
  get mailbox(): Selected {
    if (this.selected === null) throw new Error('A verb that needs a mailbox ran before one was selected.');
    return this.selected;
  }

  /** For one call of the store. */
  call(): Call {
    return within(this.world.settings.limits.storeMs, this.signal ?? undefined);
  }

  /** What the account may hold. */
  limits(): AccountLimits {
    return this.world.limitsOf(this.account);
  }

  /** Whether a password may be taken now: never in the clear (RFC 8314 §3.2). */
  get mayAuthenticate(): boolean {
    const { settings } = this.world;
    return this.tls || (settings.plainLoopback && /^(?:127\.|::1$)/.test(this.peer.address));
  }

  /** Names and texts are UTF-8 as they are. */
  get readsUtf8(): boolean {
    return this.utf8 || this.rev2;
  }

  /** Leaves the mailbox that is selected. */
  deselect(): void {
    this.selected?.leave();
    this.selected = null;
  }

  /** Selects a mailbox that was opened. */
  select(selected: Selected): void {
    if (this.isOver) selected.leave();
    else this.selected = selected;
  }

  /** The connection is over. */
  end(): void {
    this.isOver = true;
    this.deselect();
    if (this.person !== null) this.world.admission.userLeaves(placeOf(this.person.account));
    this.person = null;
  }
}

/** Whose place a connection takes. */
export function placeOf({ tenant, address }: AccountKey): PlaceOwner {
  return { tenant, user: `${tenant} ${address}` };
}
