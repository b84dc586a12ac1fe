/** The door of custody as the gate sees it: room, and acceptance with hand-over to delivery in memory. */
import type { ArrivedMail, Call, TenantId } from '#/model/index.ts';

export interface Intake {
  /**
   * Whether mail may come in now; asked at MAIL and again before the final reply. Of one tenant where it is known whose mail it is: stores
   * may be away one by one (design 4, Cells).
   */
  room(tenant?: TenantId): IntakeRoom;
  /** Durable when it resolves (H3). The mails are committed together; queued recipients may already be on their way out when it resolves. */
  accept(mails: readonly ArrivedMail[], call: Call): Promise<void>;
}

/** `disk`: the reserve is reached (452 4.3.1). `closing`: the process drains (421). `clock`, `store`: not now (451 4.3.x). */
export type IntakeRoom = { readonly open: true } | { readonly open: false; readonly why: 'disk' | 'store' | 'closing' };
