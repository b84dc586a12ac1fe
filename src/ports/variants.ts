/**
 * What recipients get where a verdict asks for changes of the mail: a pure function of the content as accepted and of the changes that stay
 * with the recipient's row (design 1, Same bytes at every retry). Inspection makes it, to see whether it can be made; delivery makes it again at each attempt.
 *
 * What must never happen: a mail that goes on without a change that its verdict asks for; a throw for what a mail holds; a second body that has
 * to be kept.
 */
import type { Change, ChangeKind, MailAddress, RecipientNumber, Wording, ZipId } from '#/model/index.ts';

export interface Variants {
  /** The content as changed for this recipient. `changes` are as the verdict has them, those of the envelope among them; none that `takesTurns`. */
  make(content: Buffer, changes: readonly Change[], recipient: VariantRecipient): Variant;
  /** The same for any changes: other work of the process goes on in between. Never rejects. */
  makeInTurns(content: Buffer, changes: readonly Change[], recipient: VariantRecipient): Promise<Variant>;
}

/** Whether making them takes so long that nobody is to wait for it in one stretch. */
export function takesTurns(changes: readonly Change[]): boolean {
  return changes.some(({ kind }) => IN_TURNS.has(kind));
}

const IN_TURNS: ReadonlySet<ChangeKind> = new Set(['encryptZip']);

/** What opens encrypted ZIPs: the same at each attempt, and written down nowhere. */
export interface ZipSecrets {
  password(zip: ZipId): string;
  /** 16 octets for one of its files; of other content always others, or one key stream would cover two contents. */
  salt(zip: ZipId, file: number, content: Buffer): Buffer;
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
