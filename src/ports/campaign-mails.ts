/** Mails to the contacts of tenants about redelivery campaigns, in the language of their tenant (H7, H8). Made by `notice/`. */
import type { ArrivedMail, MailAddress, MailId } from '#/model/index.ts';
import type { Campaign, CampaignFigures } from './campaigns.ts';

export interface CampaignMails {
  /** What one contact is told, under the id given. Null where the address leads to nobody, or the tenant is gone. */
  telling(letter: CampaignTelling): ArrivedMail | null;
}

/** That it was announced, and what they can choose; or what came of it. */
export type CampaignNews = 'announced' | 'completed';

export interface CampaignTelling {
  readonly id: MailId;
  /** Wall-clock ms. */
  readonly at: number;
  readonly to: MailAddress;
  readonly news: CampaignNews;
  readonly campaign: Campaign;
  /** Of their tenant alone. */
  readonly own: CampaignFigures;
}
