/**
 * Who is signed in, as a cookie of ours says it: a claim and a MAC over it, under a key of the installation, so that every process and host
 * that serves pages knows it, and a restart ends nobody's session.
 *
 * States: begun at a sign-in ─▶ renewed while it is used ─▶ ended by sign-out (written down, for every process and host), by time (idle, and at the latest `SESSION_MS` after the sign-in),
 * or because its person was switched off or has another password.
 *
 * What must never happen: a cookie that we did not make is believed; a form of another site acts for somebody who is signed in here.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { MailAddress, StoredSecret, Tenant, User } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import type { Clock, DirectorySource, EndedSessions } from '#/ports/index.ts';
import { ENDED_MS, IDLE_MS, RENEW_MS, SESSION_MS } from './limits.ts';

export interface Session {
  /** Names it among those of its person. */
  readonly id: string;
  readonly address: MailAddress;
  /** Mark of the password that it was begun with. */
  readonly secret: string;
  /** Wall-clock ms, as the others. */
  readonly signedInAt: number;
  readonly seenAt: number;
}

/** Somebody who is signed in. */
export interface Visitor {
  readonly session: Session;
  readonly user: User;
  readonly tenant: Tenant;
  readonly isAdmin: boolean;
}

export interface SessionParts {
  /** 32 octets, for this purpose alone. */
  readonly key: Uint8Array;
  readonly directory: DirectorySource;
  readonly ended: EndedSessions;
  readonly clock: Pick<Clock, 'now'>;
}

const MAC_BYTES = 16;
const ID_BYTES = 12;

export class SessionDesk {
  readonly #parts: SessionParts;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** A new one for somebody who has just proved themself. */
  begin({ address, secret }: User): Session {
    const now = this.#parts.clock.now();
    const id = randomBytes(ID_BYTES).toString('base64url');
    return { id, address, secret: this.#markOf(secret), signedInAt: now, seenAt: now };
  }

  /** The text of its cookie. */
  format(session: Session): string {
    const claim = Buffer.from(JSON.stringify(session)).toString('base64url');
    return `${claim}.${this.#mac('session', claim)}`;
  }

  /** Who a cookie says; null where it is none of ours, or its session has ended. Rejects where that can't be said now: then nobody comes in. */
  async visitorOf(text: string): Promise<Visitor | null> {
    const session = this.#read(text);
    if (session === null || this.#isOver(session)) return null;
    const found = this.#parts.directory.current().user(session.address);
    // An address that became another one's alias is another one's.
    if (found === undefined || found.user.address !== session.address || found.user.disabled) return null;
    const { user, tenant } = found;
    if (this.#markOf(user.secret) !== session.secret) return null;
    if (await this.#parts.ended.isEnded({ tenant: tenant.id, id: session.id }, within(ENDED_MS))) return null;
    return { session, user, tenant, isAdmin: user.roles.includes('admin') };
  }

  /** The same session, seen now; null where its cookie needs not be written anew yet. */
  renewed(session: Session): Session | null {
    const now = this.#parts.clock.now();
    return now - session.seenAt < RENEW_MS ? null : { ...session, seenAt: now };
  }

  /** Ends it everywhere; rejects where that could not be written down, and then it has not ended. */
  async end({ session, tenant }: Pick<Visitor, 'session' | 'tenant'>): Promise<void> {
    const ended = {
      tenant: tenant.id,
      id: session.id,
      at: this.#parts.clock.now(),
      until: session.signedInAt + SESSION_MS,
    };
    await this.#parts.ended.end(ended, within(ENDED_MS));
  }

  /** What a form of ours carries, so that no other site can send it. */
  formToken({ id }: Session): string {
    return this.#mac('form', id);
  }

  isFormToken(session: Session, text: string): boolean {
    return isSame(text, this.formToken(session));
  }

  /** A value for the next page of the same session, such as what an act came to; no other one can make it. */
  seal({ id }: Session, value: unknown): string {
    const text = Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${text}.${this.#mac('sealed', `${id} ${text}`)}`;
  }

  /** The value again; null for a text that `seal` did not make for this session. */
  unseal({ id }: Session, sealed: string): unknown {
    const [text = '', mac = ''] = sealed.split('.', 2);
    if (!isSame(mac, this.#mac('sealed', `${id} ${text}`))) return null;
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  }

  #read(text: string): Session | null {
    const [claim = '', mac = ''] = text.split('.', 2);
    if (!isSame(mac, this.#mac('session', claim))) return null;
    return JSON.parse(Buffer.from(claim, 'base64url').toString()) as Session;
  }

  #isOver({ signedInAt, seenAt }: Session): boolean {
    const now = this.#parts.clock.now();
    return now > signedInAt + SESSION_MS || now > seenAt + IDLE_MS;
  }

  // A hash of an older kind is renewed behind the first sign-in with it, which must not end there.
  #markOf(secret: StoredSecret | null): string {
    return secret?.kind === 'argon2id' ? this.#mac('password', secret.phc) : '';
  }

  #mac(purpose: string, text: string): string {
    const mac = createHmac('sha256', this.#parts.key).update(`${purpose}\0${text}`).digest();
    return mac.subarray(0, MAC_BYTES).toString('base64url');
  }
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
