/** One claim on its way through connections: which recipients are still without an answer, and what was answered for the others. */
import type {
  Body,
  Claim,
  ClaimedRecipient,
  MailInCustody,
  Outcome,
  PeerReply,
  RecipientNumber,
} from '#/model/index.ts';
import type { Birth } from '#/ports/index.ts';
import { localReply } from './local-reply.ts';
import type { Source } from './sources.ts';

/** What became of one recipient, before it is decided what that means. */
export type Verdict =
  /** The peer has taken the responsibility. `reports`: it promised to send the success DSN itself (RFC 3461 §5.2.2). */
  | { readonly kind: 'taken'; readonly reply: PeerReply; readonly reports: boolean; readonly final: boolean }
  /** `mayHaveArrived`: the peer went away with the whole message, and nobody can know whether it took it. */
  | { readonly kind: 'later'; readonly reply: PeerReply; readonly mayHaveArrived?: boolean }
  | { readonly kind: 'refused'; readonly reply: PeerReply }
  /** Nothing was tried: we may not go on (`soon`: again as soon as somebody may), or could not read our own copy. */
  | { readonly kind: 'untried'; readonly soon: boolean }
  /** Decided without an attempt: it belongs elsewhere by now. */
  | { readonly kind: 'decided'; readonly outcome: Outcome };

const HANDED_ON = localReply(250, '2.1.5', 'Handed to the company of its recipient, on this server');

export class Job {
  readonly claim: Claim;
  /** As it is to leave: other than the claim's where a rule changes it. */
  mail: MailInCustody;
  /** Monotonic ms. */
  readonly begunAt: number;
  /** Recipients that no transaction has been begun for. */
  waiting: readonly ClaimedRecipient[];
  readonly verdicts = new Map<RecipientNumber, Verdict>();
  /** What recipients' rules make of the mail, to be born with their outcomes. */
  readonly births = new Map<RecipientNumber, readonly Birth[]>();
  /** Read from custody where the claim came without it. */
  body: Body | null;
  /** Octets that stand in front of large content as it leaves. */
  front: Buffer | null = null;
  /** How often it was begun again on a fresh connection without an attempt. */
  restarts = 0;
  /** `host[address]:port` of the peer, for the journal. */
  peer: string | null = null;
  /** The address of ours that it left from, where a pool says so. */
  source: Source | null = null;
  /** It goes to the door of another tenant of ours. */
  crosses = false;
  readonly #room: (() => void)[] = [];
  #isEnded = false;

  constructor(claim: Claim, begunAt: number) {
    this.claim = claim;
    this.mail = claim.mail;
    this.begunAt = begunAt;
    this.waiting = claim.recipients;
    this.body = claim.body;
  }

  /** Memory that its content has by itself is given back by this when the job ends. */
  keepRoom(give: () => void): void {
    if (this.#isEnded) give();
    else this.#room.push(give);
  }

  giveRoom(): void {
    this.#isEnded = true;
    for (const give of this.#room.splice(0)) give();
  }

  /** Whether what leaves is other than what was accepted. */
  get isChanged(): boolean {
    return this.mail !== this.claim.mail;
  }

  /** Takes up to `max` recipients for one transaction. */
  take(max: number): readonly ClaimedRecipient[] {
    const batch = this.waiting;
    if (batch.length <= max) {
      this.waiting = [];
      return batch;
    }
    this.waiting = batch.slice(max);
    return batch.slice(0, max);
  }

  /** Recipients without an answer wait again. */
  putBack(batch: readonly ClaimedRecipient[]): void {
    const open = batch.filter(({ n }) => !this.verdicts.has(n));
    if (open.length > 0) this.waiting = [...open, ...this.waiting];
  }

  /** The same verdict for each of these that has none yet. */
  judge(recipients: readonly ClaimedRecipient[], verdict: Verdict): void {
    for (const { n } of recipients) if (!this.verdicts.has(n)) this.verdicts.set(n, verdict);
  }

  /** The same verdict for everyone who has none yet. */
  judgeRest(verdict: Verdict): void {
    this.waiting = [];
    this.judge(this.claim.recipients, verdict);
  }

  /** Everyone who has no answer yet gets it by the door of their tenant, whose reports are then told by it (RFC 3461 §5.2.2). */
  cross(): void {
    this.crosses = true;
    this.peer = 'neighbour';
    this.judgeRest({ kind: 'taken', reply: HANDED_ON, reports: true, final: false });
  }

  /** Everyone has an answer. */
  get over(): boolean {
    return this.verdicts.size === this.claim.recipients.length;
  }
}
