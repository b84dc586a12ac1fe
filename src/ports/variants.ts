/**
 * What recipients get where a verdict asks for changes of the mail: a pure function of the content as accepted and of the changes that stay
 * with the recipient's row (design 1, Same bytes at every retry). Inspection makes it, to see whether it can be made; delivery makes it again at each attempt.
 *
 * What must never happen: a mail that goes on without a change that its verdict asks for; a throw for what a mail holds; a second body that has
 * to be kept.
 */
import type { Change, MailAddress, RecipientNumber, Wording } from '#/model/index.ts';

export interface Variants {
  /** The content as changed for this recipient. `changes` are as the verdict has them, those of the envelope among them. */
  make(content: Buffer, changes: readonly Change[], recipient: VariantRecipient): Variant;
}

export interface VariantRecipient {
  readonly n: RecipientNumber;
  readonly address: MailAddress;
  /** As the sender gave it, where an alias or a group changed it. */
  readonly original: MailAddress | null;
}

/** `impossible`: nothing of it can be made, and why, as the end of a sentence. */
export type Variant =
  | { readonly kind: 'made'; readonly chunks: readonly Buffer[] }
  | { readonly kind: 'impossible'; readonly why: Wording };
