/**
 * One mail while it is being told: from MAIL to its last reply. It holds one generation of the directory (C5) and what it has
 * taken of the sender's limits, which goes back unless the mail is accepted.
 */
import type { RcptCommand } from '#/codec/smtp/index.ts';
import {
  addressKey,
  type Directory,
  type MailAddress,
  type Notify,
  type TenantId,
  type TransportNeeds,
} from '#/model/index.ts';
import type { Principal, Usage } from '#/ports/index.ts';
import type { Content } from './content.ts';
import type { Reached } from './expand.ts';
import type { FinalRecipient, Prepared } from './prepared.ts';

/** A RCPT that was accepted: LMTP answers for each of them. */
export interface NamedRecipient {
  readonly address: MailAddress;
  readonly tenants: ReadonlySet<TenantId>;
}

/** RFC 3461 §4.1: without NOTIFY, failure and delay are reported. */
const USUAL_NOTIFY: Notify = { success: false, failure: true, delay: true };

export class Transaction {
  readonly sender: MailAddress | null;
  readonly needs: TransportNeeds;
  /** Octets that MAIL announced (RFC 1870 §6.1); null where it did not. */
  readonly announced: number | null;
  readonly directory: Directory;
  /** Whose mail it is; null for a stranger's, and for a cloud's before its header is seen. */
  principal: Principal | null;
  /** Accepted RCPT commands. */
  readonly named: NamedRecipient[] = [];
  /** RCPTs of a cloud relay wait here until the header says who sends. */
  readonly provisional: { readonly address: MailAddress; readonly command: RcptCommand }[] = [];
  readonly final = new Map<string, FinalRecipient>();
  /** The cell of a stranger's first recipient; null before, and where there is one store. */
  cell: string | null = null;
  /** RCPT commands, refused ones too. */
  asked = 0;
  content: Content | null = null;
  /** A large content's header was judged while it arrived. */
  prepared: Prepared | null = null;
  /** RFC 3030 §2: DATA may not follow BDAT. */
  chunked = false;
  #taken = 0;

  constructor(start: {
    readonly sender: MailAddress | null;
    readonly needs: TransportNeeds;
    readonly announced: number | null;
    readonly directory: Directory;
    readonly principal: Principal | null;
  }) {
    this.sender = start.sender;
    this.needs = start.needs;
    this.announced = start.announced;
    this.directory = start.directory;
    this.principal = start.principal;
  }

  /** Whether any recipient was accepted. */
  get hasRecipients(): boolean {
    return this.named.length > 0 || this.provisional.length > 0;
  }

  /** Those who are not recipients yet: two names for one mailbox are one recipient. */
  fresh(reached: readonly Reached[]): readonly Reached[] {
    return reached.filter((one) => !this.final.has(keyOf(one)));
  }

  /** Takes one accepted RCPT with those whom it newly reaches. */
  add(given: MailAddress, command: RcptCommand, reached: readonly Reached[]): void {
    for (const one of reached) {
      const changed = addressKey(one.address) !== addressKey(given);
      const key = keyOf(one);
      if (this.final.has(key)) continue;
      this.final.set(key, {
        ...one,
        original: changed ? given : null,
        orcpt: command.originalRecipient,
        notify: command.notify ?? USUAL_NOTIFY,
      });
    }
    this.named.push({ address: given, tenants: new Set(reached.map(({ tenant }) => tenant)) });
  }

  /** Counts new recipients against the sender's limits. */
  take(usage: Usage, recipients: number): 'ok' | 'over per10m' | 'over perDay' {
    if (this.principal === null || recipients === 0) return 'ok';
    const answer = usage.take(this.principal, recipients);
    if (answer === 'ok') this.#taken += recipients;
    return answer;
  }

  /** Accepted: what was taken stays taken. */
  keep(): void {
    this.#taken = 0;
  }

  /** Over without acceptance: gives back what was taken, and leaves no content behind. */
  abandon(usage: Usage): void {
    if (this.principal !== null && this.#taken > 0) usage.giveBack(this.principal, this.#taken);
    this.#taken = 0;
    this.content?.discard();
    this.content = null;
  }
}

function keyOf({ tenant, address }: Reached): string {
  return `${tenant} ${addressKey(address)}`;
}
