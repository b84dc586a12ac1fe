/** The words of mails about redelivery campaigns, in both languages. */
import type { Language } from './words.ts';

interface CampaignWords {
  readonly subject: Readonly<Record<'announced' | 'completed', string>>;
  readonly found: (messages: number, waiting: number) => string;
  /** What happens to what nobody chooses. */
  readonly unless: Readonly<Record<'send' | 'stop', string>>;
  readonly choose: string;
  readonly late: string;
  readonly done: string;
  readonly label: Readonly<
    Record<'campaign' | 'from' | 'to' | 'closes' | 'starts' | 'served' | 'refused' | 'other', string>
  >;
  footer(tenant: string): string;
}

export const CAMPAIGN_WORDS: Readonly<Record<Language, CampaignWords>> = {
  en: {
    subject: { announced: 'Mail of yours will be sent late', completed: 'Late mail of yours has been sent' },
    found: (messages, recipients) =>
      `By a fault of this mail system ${messages === 1 ? '1 message' : `${messages} messages`} of yours did not reach ${recipients === 1 ? '1 recipient' : `${recipients} recipients`}.`,
    unless: {
      send: 'They will be sent now, unless you refuse it: all of them, or single messages.',
      stop: 'They will be sent only if you order it: all of them, or single messages.',
    },
    choose:
      'To choose, ask whoever runs this mail system, and name the campaign; administrators of your company can choose by the API too (campaign.choose).',
    late: 'Who gets such a mail can see that it comes late: X-Holdfast-Redelivered says when it was accepted. Nobody who has it already gets it again.',
    done: 'All of it has come to its end.',
    label: {
      campaign: 'Campaign',
      from: 'Mail from',
      to: 'until',
      closes: 'Choose until',
      starts: 'Sent from',
      served: 'Reached',
      refused: 'Refused by you',
      other: 'Not reached',
    },
    footer: (tenant) => `You get this because you are a contact of ${tenant}. Nobody reads answers to this mail.`,
  },
  ja: {
    subject: { announced: '遅延メールの再配信のお知らせ', completed: '遅延メールの再配信が完了しました' },
    found: (messages, recipients) =>
      `メールシステムの障害により、貴社のメール${messages}通(宛先${recipients}件)が配信されていません。`,
    unless: {
      send: '停止のご指定がない限り、これらを配信します。停止は全件でも、1通ごとでもご指定いただけます。',
      stop: 'ご指定いただいたものだけを配信します。全件でも、1通ごとでもご指定いただけます。',
    },
    choose:
      'ご指定は、キャンペーン番号を添えてメールシステムの管理者へお知らせください。貴社の管理者は API(campaign.choose)からも指定できます。',
    late: '受信者は、ヘッダー X-Holdfast-Redelivered(受付日時)により遅れて届いたことを確認できます。すでに届いている宛先へ再び送ることはありません。',
    done: '対象のメールはすべて処理が終わりました。',
    label: {
      campaign: 'キャンペーン',
      from: '対象期間(開始)',
      to: '対象期間(終了)',
      closes: 'ご指定の期限',
      starts: '配信開始',
      served: '配信済み',
      refused: '停止',
      other: '未配信',
    },
    footer: (tenant) => `このメールは${tenant}の連絡先に登録されている方へお送りしています。返信は読まれません。`,
  },
};
