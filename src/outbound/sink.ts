/** The built-in sink, the destination `try`: takes every mail, keeps none, and remembers a few facts for `holdfast try`. */
import type { Claim, MailId, PeerReply } from '#/model/index.ts';

/** What the sink remembers of a mail. */
export interface SunkMail {
  readonly id: MailId;
  /** Wall-clock ms. */
  readonly at: number;
  readonly recipients: number;
  readonly size: number;
}

const rememberedMax = 100;

export class Sink {
  readonly #mails: SunkMail[] = [];

  /** Takes a mail; the reply is what a peer would have said. */
  take({ mail, recipients }: Claim, at: number): PeerReply {
    this.#mails.push({ id: mail.id, at, recipients: recipients.length, size: mail.size });
    if (this.#mails.length > rememberedMax) this.#mails.shift();
    return { code: 250, enhanced: '2.0.0', text: 'taken by the built-in sink and thrown away', host: null };
  }

  /** Newest last. */
  get mails(): readonly SunkMail[] {
    return this.#mails;
  }
}
