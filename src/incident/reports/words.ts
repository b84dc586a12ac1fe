/** The words of incident reports, in both languages; headings as companies here are used to them (products.md 1.5). */
import type { Attribution, ComponentState, Impact, IncidentPhase, ReportVersion } from '#/model/index.ts';

export interface ReportWords {
  readonly title: Readonly<Record<ReportVersion, string>>;
  readonly number: string;
  readonly issued: string;
  readonly by: string;
  readonly heading: Readonly<Record<'incident' | 'area' | 'cause' | 'timeline' | 'measures' | 'changes', string>>;
  readonly fact: Readonly<
    Record<'what' | 'began' | 'ended' | 'noticed' | 'impact' | 'whose' | 'components' | 'advice' | 'tail', string>
  >;
  readonly still: string;
  readonly figures: { readonly messages: string; readonly recipients: string; readonly unserved: string };
  readonly own: string;
  readonly everybody: string;
  readonly notCounted: string;
  readonly investigating: string;
  readonly toFollow: string;
  readonly provider: string;
  readonly time: string;
  readonly event: string;
  readonly began: string;
  readonly noticedEvent: string;
  readonly endedEvent: string;
  readonly closing: string;
  readonly phase: Readonly<Record<IncidentPhase, string>>;
  readonly impact: Readonly<Record<Impact, string>>;
  readonly attribution: Readonly<Record<Attribution, string>>;
  readonly state: Readonly<Record<ComponentState, string>>;
  written(when: string): string;
}

const en: ReportWords = {
  title: { first: 'Incident report (first)', interim: 'Incident report (interim)', final: 'Incident report (final)' },
  number: 'Number',
  issued: 'Issued',
  by: 'By',
  heading: {
    incident: 'Incident',
    area: 'Affected area',
    cause: 'Cause',
    timeline: 'Timeline',
    measures: 'Permanent measures',
    changes: 'Changes around that time',
  },
  fact: {
    what: 'What',
    began: 'Felt from',
    ended: 'Felt until',
    noticed: 'Noticed',
    impact: 'Impact',
    whose: 'Attribution',
    components: 'Components',
    advice: 'Advice to users',
    tail: 'Still felt afterwards',
  },
  still: 'not over yet',
  figures: { messages: 'Messages', recipients: 'Recipients', unserved: 'Recipients not served so far' },
  own: 'Your mail in this time',
  everybody: 'All mail in this time',
  notCounted: 'The figures are not counted yet.',
  investigating: 'Under investigation. We will report on it in the next version.',
  toFollow: 'They follow from the cause, and will stand in the next version.',
  provider: 'The provider’s own report is attached',
  time: 'Time',
  event: 'Event',
  began: 'Users began to feel it.',
  noticedEvent: 'It was noticed.',
  endedEvent: 'Users ceased to feel it.',
  closing: 'We apologise for the trouble that this has caused you.',
  phase: {
    investigating: 'Investigating',
    identified: 'Identified',
    monitoring: 'Monitoring',
    resolved: 'Resolved',
    postmortem: 'Postmortem',
    scheduled: 'Scheduled',
    in_progress: 'In progress',
    verifying: 'Verifying',
    completed: 'Completed',
  },
  impact: { none: 'none', minor: 'minor', major: 'major', critical: 'critical' },
  attribution: {
    ours: 'our own',
    upstream: 'a provider that we depend on',
    shared_layer: 'a layer that several components share',
  },
  state: {
    operational: 'operational',
    degraded_performance: 'degraded performance',
    partial_outage: 'partial outage',
    major_outage: 'major outage',
    under_maintenance: 'under maintenance',
  },
  written: (when) => `written ${when}`,
};

const ja: ReportWords = {
  title: { first: '障害報告書（速報）', interim: '障害報告書（中間報告）', final: '障害報告書（最終報告）' },
  number: '管理番号',
  issued: '発行日時',
  by: '発行元',
  heading: {
    incident: '障害内容',
    area: '影響範囲',
    cause: '原因',
    timeline: '経緯',
    measures: '恒久対策',
    changes: '前後の変更',
  },
  fact: {
    what: '事象',
    began: '発生日時',
    ended: '復旧日時',
    noticed: '検知日時',
    impact: '影響度',
    whose: '発生箇所',
    components: '対象',
    advice: 'お客様へのお願い',
    tail: '復旧後の影響',
  },
  still: '継続中',
  figures: { messages: 'メール通数', recipients: '宛先数', unserved: '未配送の宛先数' },
  own: '期間中のお客様のメール',
  everybody: '期間中の全メール',
  notCounted: '件数は集計中です。',
  investigating: '調査中です。判明次第、次の版でご報告いたします。',
  toFollow: '原因の判明後、次の版でご報告いたします。',
  provider: '外部事業者の報告書を添付いたします',
  time: '日時',
  event: '内容',
  began: '影響が始まりました。',
  noticedEvent: '障害を検知しました。',
  endedEvent: '影響が解消しました。',
  closing: 'ご迷惑をおかけしましたことを、深くお詫び申し上げます。',
  phase: {
    investigating: '調査中',
    identified: '原因特定',
    monitoring: '経過観察',
    resolved: '復旧',
    postmortem: '事後報告',
    scheduled: '予定',
    in_progress: '作業中',
    verifying: '確認中',
    completed: '完了',
  },
  impact: { none: 'なし', minor: '軽微', major: '重大', critical: '深刻' },
  attribution: { ours: '当サービス', upstream: '外部事業者', shared_layer: '複数の機能が共有する基盤' },
  state: {
    operational: '正常',
    degraded_performance: '性能低下',
    partial_outage: '一部停止',
    major_outage: '停止',
    under_maintenance: 'メンテナンス中',
  },
  written: (when) => `${when}記載`,
};

export const REPORT_WORDS: Readonly<Record<'en' | 'ja', ReportWords>> = { en, ja };
