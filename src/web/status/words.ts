/** The words of the status pages, in both languages; states as the contract has them. */
import {
  type ComponentKind,
  type ComponentState,
  componentNames,
  type IncidentPhase,
  type TimedStage,
} from '#/model/index.ts';
import type { Language } from '../page/language.ts';

/** The whole of it, as the Statuspage API calls it. */
export type Indicator = 'none' | 'minor' | 'major' | 'critical' | 'maintenance';

export interface Words {
  readonly title: (name: string) => string;
  readonly indicator: Readonly<Record<Indicator, string>>;
  readonly measured: string;
  readonly stale: (minutes: number) => string;
  readonly components: string;
  readonly kind: Readonly<Record<ComponentKind, string>>;
  readonly about: Readonly<Record<ComponentKind, string>>;
  readonly state: Readonly<Record<ComponentState, string>>;
  readonly since: string;
  readonly daysAgo: (days: number) => string;
  readonly today: string;
  readonly uptime: (percent: string) => string;
  readonly unwatched: string;
  readonly bars: (name: string, uptime: string) => string;
  readonly flow: string;
  readonly waiting: string;
  readonly oldest: string;
  readonly forecast: string;
  readonly pace: (arrived: string, left: string) => string;
  readonly nothingWaits: string;
  readonly noForecast: string;
  readonly throughBy: (span: string, time: string) => string;
  readonly nothingDue: string;
  readonly unknown: string;
  readonly seconds: string;
  readonly secondsAbout: string;
  readonly stage: Readonly<Record<TimedStage, string>>;
  readonly usual: string;
  readonly slowest: string;
  readonly worst: string;
  readonly figures: string;
  readonly plot: (stage: string, p50: string, p95: string) => string;
  readonly hours: (hours: number) => string;
  readonly now: string;
  readonly recent: string;
  readonly quietDays: string;
  readonly went: (name: string, from: string, to: string) => string;
  readonly history: string;
  readonly subscribe: string;
  readonly past: string;
  readonly changes: string;
  readonly historyAbout: string;
  readonly feedAbout: string;
  readonly older: string;
  readonly back: string;
  readonly runBy: (name: string) => string;
  readonly reach: string;
  readonly away: string;
  readonly awayAbout: string;
  readonly dayTitle: (day: string, parts: string) => string;
  readonly minutes: (count: number) => string;
  readonly phase: Readonly<Record<IncidentPhase, string>>;
  readonly advice: string;
  readonly nextUpdate: string;
  readonly overdue: string;
}

export const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    title: (name) => `${name} status`,
    indicator: {
      none: 'All systems work',
      minor: 'Some things are slower than usual',
      major: 'Some things do not work',
      critical: 'The service is out',
      maintenance: 'Maintenance is under way',
    },
    measured: 'Measured at',
    stale: (minutes) => `Not measured for ${minutes} min: what is shown is of then, and may have changed.`,
    components: 'Components',
    kind: componentNames('en'),
    about: {
      gateway: 'mail from servers, devices and people',
      inspection: 'rules about mail, before it leaves',
      delivery: 'to other servers and to mailboxes',
      mailboxes: 'storing mail that arrives',
      imap: 'mail programs',
      pop3: 'mail programs',
      portal: 'held mail, downloads, set-up',
      upstreams: 'servers of others that mail goes through',
      records: 'that every mail is accounted for',
    },
    state: {
      operational: 'Works',
      degraded_performance: 'Slow',
      partial_outage: 'Partly out',
      major_outage: 'Out',
      under_maintenance: 'Maintenance',
    },
    since: 'since',
    daysAgo: (days) => `${days} days ago`,
    today: 'today',
    uptime: (percent) => `${percent} % up`,
    unwatched: 'not measured yet',
    bars: (name, uptime) => `${name}, the last 90 days: ${uptime}`,
    flow: 'Mail just now',
    waiting: 'waits',
    oldest: 'oldest',
    forecast: 'through in',
    pace: (arrived, left) => `${arrived} recipients come and ${left} go a minute, over the last minutes.`,
    nothingWaits: 'nothing waits',
    noForecast: 'not shrinking',
    throughBy: (span, time) => `${span} (${time})`,
    nothingDue: 'none is due',
    unknown: 'not known now',
    seconds: 'How long it takes',
    secondsAbout:
      'Of the last 24 hours, on a scale where each line is ten times the one below. Half of all was faster than the thin line, 95 % faster than the thick one.',
    stage: {
      submission: 'Taking in a mail',
      inspection: 'Inspecting a mail',
      delivery: 'To the first attempt',
      mailboxes: 'Into the mailbox',
      imap: 'Reading by IMAP',
      pop3: 'Fetching by POP3',
    },
    usual: 'half within',
    slowest: '95 % within',
    worst: 'slowest 15 min',
    figures: 'The figures as a table',
    plot: (stage, p50, p95) => `${stage}, the last 24 hours; now half within ${p50}, 95 % within ${p95}`,
    hours: (hours) => `${hours} h ago`,
    now: 'now',
    recent: 'What changed',
    quietDays: 'Nothing in the last 7 days.',
    went: (name, from, to) => `${name}: ${from} → ${to}`,
    history: 'History',
    subscribe: 'Be told',
    past: 'Incidents and planned work',
    changes: 'Changes of state',
    historyAbout: 'Every change of a component’s state, as it was measured, newest first.',
    feedAbout: 'Incidents, planned work, and every change of a component’s state, newest first.',
    older: 'Older',
    back: 'The status now',
    runBy: (name) => `This page is made by the mail service of ${name} itself, from what it measures.`,
    reach: 'Ask',
    away: 'The status is not known just now',
    awayAbout:
      'The part that watches over this service does not answer. Mail does not depend on it. Look again in a minute.',
    dayTitle: (day, parts) => `${day}: ${parts}`,
    minutes: (count) => (count < 60 ? `${count} min` : `${Math.floor(count / 60)} h ${count % 60} min`),
    phase: {
      investigating: 'Investigating',
      identified: 'Cause found',
      monitoring: 'Watching the remedy',
      resolved: 'Resolved',
      postmortem: 'Report',
      scheduled: 'Planned',
      in_progress: 'Under way',
      verifying: 'Being checked',
      completed: 'Done',
    },
    advice: 'What you can do:',
    nextUpdate: 'Next update by',
    overdue: 'The next update is late; it was promised for',
  },
  ja: {
    title: (name) => `${name} 稼働状況`,
    indicator: {
      none: 'すべて正常に稼働しています',
      minor: '一部で遅延が発生しています',
      major: '一部で障害が発生しています',
      critical: 'サービスが停止しています',
      maintenance: 'メンテナンス中です',
    },
    measured: '測定',
    stale: (minutes) => `${minutes}分間測定できていません。表示はその時点のもので、現在と異なることがあります。`,
    components: 'コンポーネント',
    kind: componentNames('ja'),
    about: {
      gateway: 'サーバー・機器・利用者からのメール',
      inspection: '送信前のルールによる確認',
      delivery: '他のサーバーとメールボックスへ',
      mailboxes: '届いたメールの格納',
      imap: 'メールソフト',
      pop3: 'メールソフト',
      portal: '保留メール、ダウンロード、設定',
      upstreams: 'メールが経由する他社のサーバー',
      records: 'すべてのメールの所在の確認',
    },
    state: {
      operational: '正常',
      degraded_performance: '遅延',
      partial_outage: '一部停止',
      major_outage: '停止',
      under_maintenance: 'メンテナンス',
    },
    since: '発生',
    daysAgo: (days) => `${days}日前`,
    today: '今日',
    uptime: (percent) => `稼働率 ${percent}%`,
    unwatched: '未測定',
    bars: (name, uptime) => `${name}の過去90日：${uptime}`,
    flow: '現在のメール',
    waiting: '待機中',
    oldest: '最も古いもの',
    forecast: '解消の見込み',
    pace: (arrived, left) => `直近の数分では、1分あたり${arrived}件を受け付け、${left}件を処理しています。`,
    nothingWaits: 'なし',
    noForecast: '減少していません',
    throughBy: (span, time) => `約${span}後（${time}）`,
    nothingDue: '配送待ちなし',
    unknown: '現在取得できません',
    seconds: '所要時間',
    secondsAbout:
      '過去24時間の値です。目盛りは一つ上がるごとに10倍になります。細線は半数が、太線は95%が収まった時間です。',
    stage: {
      submission: 'メールの受付',
      inspection: 'メールの検査',
      delivery: '最初の配送まで',
      mailboxes: '格納まで',
      imap: 'IMAP での閲覧',
      pop3: 'POP3 での受信',
    },
    usual: '半数',
    slowest: '95%',
    worst: '最も遅い15分間',
    figures: '数値の一覧',
    plot: (stage, p50, p95) => `${stage}の過去24時間。現在、半数が${p50}、95%が${p95}以内`,
    hours: (hours) => `${hours}時間前`,
    now: '現在',
    recent: '最近の変化',
    quietDays: '過去7日間に変化はありません。',
    went: (name, from, to) => `${name}：${from} → ${to}`,
    history: '履歴',
    subscribe: '通知を受け取る',
    past: '障害とメンテナンス',
    changes: '状態の変化',
    historyAbout: '測定によるコンポーネントの状態の変化を、新しい順に表示しています。',
    feedAbout: '障害、メンテナンス、コンポーネントの状態の変化を、新しい順にお知らせします。',
    older: '以前の記録',
    back: '現在の稼働状況',
    runBy: (name) => `このページは、${name} のメールサービスが自身の測定値から作成しています。`,
    reach: 'お問い合わせ',
    away: '現在、稼働状況を取得できません',
    awayAbout:
      '監視を行う部分が応答していません。メールの処理には影響しません。しばらくしてから、もう一度お試しください。',
    dayTitle: (day, parts) => `${day}：${parts}`,
    minutes: (count) => (count < 60 ? `${count}分` : `${Math.floor(count / 60)}時間${count % 60}分`),
    phase: {
      investigating: '調査中',
      identified: '原因特定',
      monitoring: '監視中',
      resolved: '解消',
      postmortem: '報告書',
      scheduled: '予定',
      in_progress: '実施中',
      verifying: '確認中',
      completed: '完了',
    },
    advice: 'お客様へのお願い：',
    nextUpdate: '次回更新予定',
    overdue: '更新が遅れています。予定時刻',
  },
};
