/**
 * Sessions that their people have ended before their time, so that a sign-out counts in every process and on every host that serves pages, and after
 * a restart. Who is signed in stands in the cookie alone (`web/session/session.ts`); what has to be kept is who is not any more.
 *
 * What must never happen: a session that was ended and opens a page again; rows that nobody needs any more and that stay.
 *
 * Keepers: `store/sql/sessions/`, over SQLite, PostgreSQL and memory; one suite: `store/contract/ended-sessions.ts`. Every method may be called again.
 */
import type { Call, TenantId } from '#/model/index.ts';

export interface EndedSessions {
  /** Durable when it resolves, and known to whoever asks behind it. */
  end(session: EndedSession, call: Call): Promise<void>;
  isEnded(session: Pick<EndedSession, 'tenant' | 'id'>, call: Call): Promise<boolean>;
}

export interface EndedSession {
  readonly tenant: TenantId;
  /** No secret: what opens a page is the MAC in its cookie. */
  readonly id: string;
  /** Wall-clock ms at which it was ended; what has ended by itself by then is forgotten. */
  readonly at: number;
  /** Wall-clock ms at which it would have ended by itself: it is kept until then. */
  readonly until: number;
}
