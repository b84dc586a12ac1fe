/** The words of mails about incidents and planned work, in both languages. */
import type { IncidentPhase } from '#/model/index.ts';
import type { Language } from './words.ts';

interface LetterWords {
  readonly incident: string;
  readonly maintenance: string;
  readonly phase: Readonly<Record<IncidentPhase, string>>;
  readonly label: Readonly<
    Record<'state' | 'components' | 'since' | 'until' | 'from' | 'to' | 'advice' | 'tail' | 'next', string>
  >;
  readonly status: string;
  brackets(phase: string): string;
  more(count: number): string;
  footer(tenant: string, id: string): string;
  subscribed(id: string): string;
  /** Ends a subscription. */
  readonly end: string;
  readonly ask: {
    readonly subject: string;
    about(host: string): string;
    readonly act: string;
    readonly notYou: string;
  };
}

export const INCIDENT_WORDS: Readonly<Record<Language, LetterWords>> = {
  en: {
    incident: 'Incident',
    maintenance: 'Maintenance',
    phase: {
      investigating: 'investigating',
      identified: 'cause found',
      monitoring: 'being watched',
      resolved: 'resolved',
      postmortem: 'what happened',
      scheduled: 'planned',
      in_progress: 'begun',
      verifying: 'being checked',
      completed: 'over',
    },
    label: {
      state: 'State',
      components: 'Affected',
      since: 'Felt from',
      until: 'Felt until',
      from: 'From',
      to: 'Until',
      advice: 'What you can do',
      tail: 'Still to be felt',
      next: 'More by',
    },
    status: 'See the status page',
    brackets: (phase) => ` (${phase})`,
    more: (count) => `and ${count} more`,
    footer: (tenant, id) =>
      `You get this because you are a contact of ${tenant} (${id}). Nobody reads answers to this mail; whoever runs this mail system can take you off the list.`,
    subscribed: (id) => `You get this because you asked to be told of incidents (${id}).`,
    end: 'End the subscription',
    ask: {
      subject: 'Confirm: be told of incidents',
      about: (host) =>
        `Somebody, you perhaps, asked that this address be told of incidents of the mail system ${host}.`,
      act: 'Confirm it',
      notYou: 'It was not you? Then do nothing: you hear no more of it.',
    },
  },
  ja: {
    incident: '障害のお知らせ',
    maintenance: 'メンテナンスのお知らせ',
    phase: {
      investigating: '調査中',
      identified: '原因特定',
      monitoring: '経過観察中',
      resolved: '復旧',
      postmortem: '原因のご報告',
      scheduled: '予定',
      in_progress: '開始',
      verifying: '確認中',
      completed: '終了',
    },
    label: {
      state: '状況',
      components: '対象',
      since: '発生',
      until: '復旧',
      from: '開始予定',
      to: '終了予定',
      advice: 'お客様へのお願い',
      tail: '復旧後の影響',
      next: '次回のご案内',
    },
    status: 'ステータスページを開く',
    brackets: (phase) => `（${phase}）`,
    more: (count) => `ほか${count}件`,
    footer: (tenant, id) =>
      `${tenant} の連絡先として登録されているため、お送りしています（${id}）。このメールにはご返信いただけません。配信停止は、メールシステムの管理者へお申し付けください。`,
    subscribed: (id) => `障害情報の受け取りを登録されたため、お送りしています（${id}）。`,
    end: '受け取りを停止する',
    ask: {
      subject: '確認：障害情報の受け取り',
      about: (host) => `メールシステム ${host} の障害情報を、このアドレスで受け取る申し込みがありました。`,
      act: '登録を確定する',
      notYou: 'お心当たりがない場合は、何もなさらないでください。以後お送りすることはありません。',
    },
  },
};
