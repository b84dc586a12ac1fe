/** Where a recipient's mail goes next: a pure function of configuration and directory, asked at acceptance and again at each claim. */
import type { DestinationKey, HeldReason, MailAddress, Purpose } from '#/model/index.ts';

export interface Routing {
  /** The destination of an address now, and whether its mail has to be held instead of sent. */
  plan(
    address: MailAddress,
    purpose: Purpose,
  ): { readonly destination: DestinationKey; readonly held: HeldReason | null };
}
