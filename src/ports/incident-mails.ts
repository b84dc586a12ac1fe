/** Mails to people about incidents and planned work, in the language of their tenant (H8). Made by `notice/`. */
import type { ArrivedMail, Incident, IncidentUpdate, MailAddress, MailId, TenantId } from '#/model/index.ts';
import type { SubscriberWish } from './subscribers.ts';

export interface IncidentMails {
  /** One update for one contact, under the id given: made again it is the same mail. Null where the address leads to nobody. */
  telling(letter: IncidentTelling): ArrivedMail | null;

  /** Reminds an operator of an update that was promised, under the id given. Null where the address leads to nobody. */
  reminding(letter: IncidentReminding): ArrivedMail | null;

  /** Asks somebody whether they want to be told; `token` is what their link is for. */
  asking(wish: SubscriberWish, token: string, at: number): ArrivedMail | null;
}

export interface IncidentTelling {
  readonly id: MailId;
  /** Wall-clock ms. */
  readonly at: number;
  readonly tenant: TenantId;
  /** Of a subscriber: what the link is for that ends it. Null for a contact. */
  readonly subscriber: { readonly language: 'en' | 'ja'; readonly token: string } | null;
  readonly to: MailAddress;
  readonly incident: Incident;
  readonly update: IncidentUpdate;
}

export interface IncidentReminding extends Pick<IncidentTelling, 'id' | 'at' | 'to' | 'incident'> {
  /** Wall-clock ms. */
  readonly promisedAt: number;
}
