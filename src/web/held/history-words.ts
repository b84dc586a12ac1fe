/** The words of what became of held mail, in both languages. */
import type { PastMail } from '#/held/index.ts';
import type { RecipientState } from '#/model/index.ts';
import type { Language } from '../page/language.ts';

export type HistoryTray = 'mine' | 'decided' | 'all';
type Deed = PastMail['deeds'][number]['what'];

export interface HistoryWords {
  readonly title: string;
  readonly about: string;
  readonly tray: Readonly<Record<'mine' | 'decided', string>>;
  readonly all: (tenant: string) => string;
  readonly empty: string;
  readonly column: Readonly<Record<'mail' | 'to' | 'deeds', string>>;
  readonly state: Readonly<Record<RecipientState, string>>;
  readonly deed: Readonly<Record<Deed, string>>;
  readonly by: (who: string) => string;
  readonly rule: (name: string) => string;
  readonly next: string;
}

export const HISTORY_WORDS: Readonly<Record<Language, HistoryWords>> = {
  en: {
    title: 'History',
    about: 'Mail that waited in the last 30 days, and what became of it.',
    tray: { mine: 'Mine', decided: 'Decided by me' },
    all: (tenant) => `All that people of ${tenant} decided`,
    empty:
      'Nothing stands here yet. Mail that a rule held stands here when somebody has decided about it, or its time has come.',
    column: { mail: 'Mail', to: 'Who was to get it', deeds: 'What was done' },
    state: {
      queued: 'on its way',
      deferred: 'on its way, tried again',
      held: 'held',
      approval: 'waits for approval',
      delivered: 'delivered',
      bounced: 'refused',
      discarded: 'deleted',
      expired: 'expired',
    },
    deed: {
      held: 'Held',
      asked: 'Approval asked',
      stopped: 'Stopped',
      released: 'Released',
      approved: 'Approved',
      deleted: 'Deleted',
      rejected: 'Rejected',
      'went by itself': 'Sent by itself',
      expired: 'Expired',
    },
    by: (who) => `by ${who}`,
    rule: (name) => `rule “${name}”`,
    next: 'Show more',
  },
  ja: {
    title: '履歴',
    about: '過去30日間に保留または承認待ちになったメールと、その結果です。',
    tray: { mine: '自分のメール', decided: '自分が判断したメール' },
    all: (tenant) => `${tenant} のすべての判断`,
    empty: 'まだ履歴はありません。保留されたメールは、操作が行われるか期限が来ると、ここに表示されます。',
    column: { mail: 'メール', to: '実際の宛先', deeds: '経過' },
    state: {
      queued: '配送待ち',
      deferred: '再送待ち',
      held: '保留',
      approval: '承認待ち',
      delivered: '配送済',
      bounced: '不達・却下',
      discarded: '破棄',
      expired: '期限切れ',
    },
    deed: {
      held: '保留',
      asked: '承認依頼',
      stopped: '停止',
      released: '送信',
      approved: '承認',
      deleted: '削除',
      rejected: '却下',
      'went by itself': '自動送信',
      expired: '期限切れ',
    },
    by: (who) => `操作: ${who}`,
    rule: (name) => `ルール「${name}」`,
    next: '続きを表示',
  },
};
