import type { MailAddress, Notify, OriginalRecipient, TransportNeeds } from '#/model/index.ts';
import type { XclientAttributes } from './xclient.ts';

/** RFC 5321 §4.1.1.2, with the parameters of RFC 1870, 3461, 4954, 6152, 6531 and 8689. */
export interface MailCommand {
  readonly verb: 'MAIL';
  /** Null is the null reverse-path. */
  readonly sender: MailAddress | null;
  /** RFC 1870 §6: octets that the client means to send; null where it doesn't say. */
  readonly size: number | null;
  readonly needs: TransportNeeds;
  /** RFC 4954 §5: who submitted the mail, by the word of the peer; `<>` is "nobody I vouch for"; null where unsaid. */
  readonly auth: MailAddress | '<>' | null;
}

/** RFC 5321 §4.1.1.3, with the parameters of RFC 3461. */
export interface RcptCommand {
  readonly verb: 'RCPT';
  /** `postmaster` is `<Postmaster>` without a domain, which every server must take (RFC 5321 §4.5.1). */
  readonly recipient: MailAddress | 'postmaster';
  /** Null where unsaid. */
  readonly notify: Notify | null;
  readonly originalRecipient: OriginalRecipient | null;
}

/** One line from a client, its arguments read and checked. */
export type Command =
  | { readonly verb: 'HELO' | 'EHLO' | 'LHLO'; readonly name: string }
  | MailCommand
  | RcptCommand
  | { readonly verb: 'DATA' | 'RSET' | 'QUIT' | 'STARTTLS' }
  /** RFC 3030 §2: so many octets follow the line at once. */
  | { readonly verb: 'BDAT'; readonly size: number; readonly last: boolean }
  /** RFC 4954 §4: `initial` is base64 as it stands; empty where the client said `=`; null where it waits for a challenge. */
  | { readonly verb: 'AUTH'; readonly mechanism: string; readonly initial: string | null }
  | { readonly verb: 'XCLIENT'; readonly attributes: XclientAttributes }
  | { readonly verb: 'NOOP' | 'VRFY' | 'EXPN' | 'HELP'; readonly text: string };
