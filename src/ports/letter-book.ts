/**
 * Who is still to be told of what: one letter for each contact and update, under the id that its mail will have (H8). So a letter that was handed to
 * custody and not noted is found there, and nobody is told twice.
 */
import type { Call, IncidentId, MailAddress, MailId, TenantId } from '#/model/index.ts';

export interface LetterBook {
  /** Incidents with entries of which nobody has looked whom to tell, and how many were looked at. */
  untold(limit: number, call: Call): Promise<readonly { readonly id: IncidentId; readonly looked: number }[]>;

  /** Owes these letters, each address of a tenant, and each subscriber, once for an entry. `looked`: entries that are done with by this; null: more letters follow. */
  owe(incident: IncidentId, looked: number | null, letters: readonly NewLetter[], call: Call): Promise<void>;

  /**
   * At most `limit` letters that are due by `now`; nobody else is given them before `until`, and those of subscribers ever later: the longer one was tried, the
   * more rarely it is tried again. Wall-clock ms.
   */
  take(now: number, until: number, limit: number, call: Call): Promise<readonly Letter[]>;

  /** `nobody`: its address leads to nobody. */
  done(id: MailId, as: 'sent' | 'nobody', call: Call): Promise<void>;

  /** Letters made at `since` or later, newest first. */
  letters(since: number, limit: number, call: Call): Promise<readonly Letter[]>;
}

export interface NewLetter {
  readonly id: MailId;
  /** The entry's place, from 1; of a reminder to an operator the promised time, in s: one for each promise. */
  readonly n: number;
  readonly tenant: TenantId;
  /** Whose subscription it is for; null: a contact of the tenant. */
  readonly subscriber: string | null;
  readonly address: MailAddress;
  /** Wall-clock ms. */
  readonly madeAt: number;
}

export interface Letter extends NewLetter {
  readonly incident: IncidentId;
  readonly state: 'due' | 'sent' | 'nobody';
}
