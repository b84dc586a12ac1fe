/** Where a recipient's mail goes next: a pure function of configuration and directory, asked at acceptance and again at each claim. */
import type { DestinationKey, Direction, HeldReason, Identity, MailAddress, Purpose, TenantId } from '#/model/index.ts';

/** A destination, and whether mail for it has to be held instead of sent. */
export interface NextHop {
  readonly destination: DestinationKey;
  readonly held: HeldReason | null;
}

export interface Routing {
  /**
   * The destination of an address now, for mail of a tenant; null where it does not matter whose it is. `by` is who sent it: mail of a cloud's connector
   * may have to go back there.
   */
  plan(address: MailAddress, purpose: Purpose, from: TenantId | null, by?: Identity): NextHop;

  /** Where a new recipient of a tenant's mail begins: before inspection where a rule may concern it, else at its next hop. */
  enter(recipient: NewRecipient, tenant: TenantId, purpose: Purpose, by?: Identity): NextHop;
}

export interface NewRecipient {
  readonly address: MailAddress;
  readonly direction: Direction;
}
