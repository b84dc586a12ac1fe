/** The words of held mail and approvals, in both languages. States are the contract's. */
import type { HeldVerb } from '#/model/index.ts';
import type { Language } from '../page/language.ts';
import type { Markup } from '../page/markup.ts';
import { html } from '../page/markup.ts';

export type State = 'held' | 'stopped' | 'approval';
export type Room = 'held' | 'approvals';

export interface Words {
  readonly room: Readonly<Record<Room, string>>;
  readonly tray: Readonly<Record<'mine' | 'team' | 'approve', string>>;
  readonly all: (tenant: string) => string;
  readonly empty: Readonly<Record<Room, string>>;
  readonly none: string;
  readonly filter: string;
  readonly filterHelp: string;
  readonly find: string;
  readonly state: Readonly<Record<State, string>>;
  readonly column: Readonly<Record<'mail' | 'to' | 'state', string>>;
  readonly noSubject: string;
  readonly nobody: string;
  readonly select: (subject: string) => string;
  /** What happens by itself, unless somebody acts. */
  readonly sentAt: (time: Markup) => Markup;
  readonly expiresAt: (time: Markup) => Markup;
  readonly more: (count: number) => string;
  readonly next: string;
  /** A button, alone and for so many mails. */
  readonly verb: Readonly<Record<HeldVerb, string>>;
  readonly verbMany: (verb: HeldVerb, mails: number) => string;
  /** What it does, beside the button. */
  readonly effect: Readonly<Record<HeldVerb, string>>;
  readonly comment: string;
  readonly commentMust: string;
  readonly commentForOthers: string;
  readonly commentHelp: Readonly<Record<Room, string>>;
  readonly selected: string;
  readonly sure: (verb: HeldVerb, mails: number) => string;
  readonly back: string;
  readonly fact: Readonly<
    Record<'from' | 'envelope' | 'to' | 'cc' | 'size' | 'received' | 'attachments' | 'id', string>
  >;
  readonly noAttachments: string;
  readonly unread: string;
  readonly recipients: (count: number) => string;
  readonly writtenAs: string;
  readonly asked: string;
  readonly deputies: string;
  readonly tally: (agreed: number, least: number) => string;
  readonly agreed: string;
  readonly gone: string;
  readonly goneAbout: string;
  readonly done: (verb: HeldVerb, recipients: number, mails: number) => string;
  readonly nothing: string;
  readonly late: (count: number) => string;
  readonly refused: (count: number) => string;
  readonly notAll: string;
  readonly chooseFirst: string;
}

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;
const DONE_EN: Readonly<Record<HeldVerb, string>> = {
  release: 'released',
  stop: 'stopped',
  delete: 'deleted',
  approve: 'approved',
  reject: 'rejected',
};
const VERB_EN: Readonly<Record<HeldVerb, string>> = {
  release: 'Send now',
  stop: 'Stop',
  delete: 'Delete',
  approve: 'Approve',
  reject: 'Reject',
};
const MANY_EN: Readonly<Record<HeldVerb, string>> = { ...VERB_EN, release: 'Send' };
const VERB_JA: Readonly<Record<HeldVerb, string>> = {
  release: '送信する',
  stop: '停止',
  delete: '削除',
  approve: '承認',
  reject: '却下',
};
const DONE_JA: Readonly<Record<HeldVerb, string>> = {
  release: '送信しました',
  stop: '停止しました',
  delete: '削除しました',
  approve: '承認しました',
  reject: '却下しました',
};

export const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    room: { held: 'Held mail', approvals: 'Approvals' },
    tray: { mine: 'Mine', team: 'My teams’', approve: 'For me to decide' },
    all: (tenant) => `All of ${tenant}`,
    empty: {
      held: 'No mail is held here. What a rule of your company holds stands here until it is sent, stopped or deleted.',
      approvals: 'Nothing waits for approval here. When a rule asks you to decide about a mail, it stands here.',
    },
    none: 'No mail here fits these words.',
    filter: 'Search',
    filterHelp: 'Words such as from:alice@example.com, to:*@example.com, subject:quotation, since:2d',
    find: 'Search',
    state: { held: 'Held', stopped: 'Stopped', approval: 'Waits for approval' },
    column: { mail: 'Mail', to: 'Who gets it', state: 'State' },
    noSubject: '(no subject)',
    nobody: 'no sender',
    select: (subject) => `Select: ${subject}`,
    sentAt: (time) => html`Sent by itself at ${time}`,
    expiresAt: (time) => html`Expires ${time}, unless somebody acts`,
    more: (count) => `and ${count} more`,
    next: 'Show more',
    verb: VERB_EN,
    verbMany: (verb, mails) => (mails === 1 ? `${MANY_EN[verb]} this mail` : `${MANY_EN[verb]} ${mails} mails`),
    effect: {
      release: 'It goes to its recipients now.',
      stop: 'It does not go by itself any more, and waits for you.',
      delete: 'It is sent to nobody. That can’t be undone.',
      approve: 'It goes on, as soon as all who must have approved it.',
      reject: 'It is sent to nobody, and its sender is told. That can’t be undone.',
    },
    comment: 'Comment',
    commentMust: 'Comment (needed: it is other people’s mail)',
    commentForOthers: 'Needed for other people’s mail.',
    commentHelp: {
      held: 'Kept with what you do.',
      approvals: 'Kept with what you do; of a rejection its sender is told.',
    },
    selected: 'With the selected mail:',
    sure: (verb, mails) => `${VERB_EN[verb]} ${plural(mails, 'mail')}?`,
    back: 'Back, and change nothing',
    fact: {
      from: 'From',
      envelope: 'Sender',
      to: 'To',
      cc: 'Cc',
      size: 'Size',
      received: 'Received',
      attachments: 'Attachments',
      id: 'Queue ID',
    },
    noAttachments: 'none',
    unread: 'could not be read',
    recipients: (count) => `Goes to ${plural(count, 'recipient')}`,
    writtenAs: 'written as',
    asked: 'Asked to decide',
    deputies: 'deputies',
    tally: (agreed, least) => `${agreed} of ${least} have approved it.`,
    agreed: 'Approved by',
    gone: 'It does not wait here any more',
    goneAbout:
      'It was sent, deleted or decided, its time came, or it is not for you to see. Your administrator can trace it.',
    done: (verb, recipients, mails) =>
      `${plural(mails, 'mail')} ${DONE_EN[verb]} (${plural(recipients, 'recipient')}).`,
    nothing: 'Nothing was changed.',
    late: (count) => `Somebody else, or the end of its time, was first at ${plural(count, 'recipient')}.`,
    refused: (count) => `${plural(count, 'recipient')} may not be changed by you that way.`,
    notAll: 'There was no time for all: do it again for the rest.',
    chooseFirst: 'No mail was selected. Tick the mail that you mean first.',
  },
  ja: {
    room: { held: '保留メール', approvals: '承認' },
    tray: { mine: '自分のメール', team: 'チームのメール', approve: '承認の依頼' },
    all: (tenant) => `${tenant} のすべて`,
    empty: {
      held: '保留中のメールはありません。会社のルールで保留されたメールは、送信・停止・削除されるまでここに表示されます。',
      approvals: '承認待ちのメールはありません。承認を依頼されると、ここに表示されます。',
    },
    none: '条件に合うメールはありません。',
    filter: '検索',
    filterHelp: '例: from:alice@example.com、to:*@example.com、subject:見積、since:2d',
    find: '検索',
    state: { held: '保留', stopped: '停止', approval: '承認待ち' },
    column: { mail: 'メール', to: '実際の宛先', state: '状態' },
    noSubject: '（件名なし）',
    nobody: '差出人なし',
    select: (subject) => `選択: ${subject}`,
    sentAt: (time) => html`${time} に自動で送信されます`,
    expiresAt: (time) => html`操作がなければ ${time} に期限切れになります`,
    more: (count) => `ほか${count}件`,
    next: '続きを表示',
    verb: VERB_JA,
    verbMany: (verb, mails) => (mails === 1 ? VERB_JA[verb] : `${mails}通を${VERB_JA[verb]}`),
    effect: {
      release: '今すぐ宛先に送信します。',
      stop: '自動では送信されなくなり、操作を待ちます。',
      delete: 'どこにも送信されません。元に戻せません。',
      approve: '必要な承認がそろうと送信されます。',
      reject: 'どこにも送信されず、差出人に通知されます。元に戻せません。',
    },
    comment: 'コメント',
    commentMust: 'コメント（他の人のメールのため必須です）',
    commentForOthers: '他の人のメールの場合は必須です。',
    commentHelp: {
      held: '操作とともに記録されます。',
      approvals: '操作とともに記録されます。却下のときは差出人に伝わります。',
    },
    selected: '選択したメールを:',
    sure: (verb, mails) => `${mails}通を${VERB_JA[verb]}しますか？`.replace('するしますか', 'しますか'),
    back: '何もせずに戻る',
    fact: {
      from: '差出人',
      envelope: '送信者',
      to: '宛先 (To)',
      cc: 'Cc',
      size: 'サイズ',
      received: '受付',
      attachments: '添付ファイル',
      id: 'キュー ID',
    },
    noAttachments: 'なし',
    unread: '読み取れませんでした',
    recipients: (count) => `実際の宛先（${count}件）`,
    writtenAs: '指定された宛先',
    asked: '承認者',
    deputies: '代理承認者',
    tally: (agreed, least) => `${least}名中${agreed}名が承認しました。`,
    agreed: '承認済み',
    gone: 'このメールは保留されていません',
    goneAbout:
      '送信・削除・判断が済んだか、期限が過ぎたか、表示する権限がありません。詳しくは管理者がメールの経路を確認できます。',
    done: (verb, recipients, mails) => `${mails}通（宛先${recipients}件）を${DONE_JA[verb]}。`,
    nothing: '何も変更されませんでした。',
    late: (count) => `宛先${count}件は、先に別の操作が行われたか、期限が来ていました。`,
    refused: (count) => `宛先${count}件は、その操作が許可されていません。`,
    notAll: '時間内に終わらなかったメールがあります。残りをもう一度操作してください。',
    chooseFirst: 'メールが選択されていません。先に対象のメールを選んでください。',
  },
};
