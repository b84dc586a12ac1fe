import type { Deed, Words } from './words.ts';

const DONE: Readonly<Record<Deed, string>> = {
  release: '送信されました',
  stop: '停止されました',
  delete: '削除されました',
  approve: '承認されました',
  expire: '期限切れ（送信されませんでした）',
};

const TELLS: Readonly<Record<Deed, (by: string) => string>> = {
  release: (by) => `保留されていたメールを ${by} が送信しました。次の宛先に配送中です。`,
  stop: (by) => `自動で送信される予定だったメールを ${by} が停止しました。送信または削除されるまで保留されます。`,
  delete: (by) => `保留されていたメールを ${by} が削除しました。次の宛先には送信されません。`,
  approve: (by) => `承認待ちのメールを ${by} が承認しました。次の宛先に配送中です。`,
  expire: () => '保留されていたメールは期限までに送信の操作がなかったため、次の宛先には送信されませんでした。',
};

export const ja: Words = {
  locale: 'ja-JP',
  from: 'メールシステム',
  subject: {
    held: (mail, until) => (until === null ? `保留中: ${mail}` : `保留中: ${mail}（${until}まで）`),
    waits: (mail) => `承認待ち: ${mail}`,
    asked: (mail) => `承認のお願い: ${mail}`,
    matched: (rule, mail) => (rule === null ? `ルールに該当: ${mail}` : `ルール「${rule}」に該当: ${mail}`),
    stillHeld: (mail, until) => `引き続き保留中: ${mail}（期限 ${until}）`,
    stillAsked: (mail, until) => `引き続き承認待ち: ${mail}（期限 ${until}）`,
    done: (deed, mail) => `${DONE[deed]}: ${mail}`,
    digest: (mails) => `保留中のメールが${mails}通あります`,
  },
  opening: {
    held: 'メールは次の宛先にまだ送信されていません。',
    asked: (from) => `${from} からのメールです。承認されると次の宛先に送信されます。承認または却下をお願いします。`,
    deputy: 'まだどなたも判断していないため、代理承認者としてお願いしています。',
    matched: (from) => `${from} のメールが、お知らせするよう設定されたルールに該当しました。`,
    stillHeld: 'メールは引き続き保留されており、次の宛先に送信されていません。',
    stillAsked: 'このメールは引き続き承認を待っています。承認または却下をお願いします。',
    done: (deed, by) => TELLS[deed](by),
    digest: (mails) => `短い時間に多くのメールが保留されたため、${mails}通をまとめてお知らせします。`,
  },
  label: {
    from: '差出人',
    to: '宛先',
    mail: '件名',
    why: '理由',
    next: '今後の扱い',
    comment: 'コメント',
    id: 'ID',
  },
  fate: {
    sentAt: (when) => `${when}まで保留され、その後自動で送信されます。`,
    expiresAt: (when) =>
      `送信の操作があるまで保留されます。${when}までに操作がない場合は送信されず、差出人にお知らせします。`,
    approval: (people, least, when) =>
      `${people} の承認を待っています${least > 1 ? `（${least}人の承認が必要です）` : ''}。${when}までに承認されない場合は送信されず、差出人にお知らせします。`,
    passed: '送信されました。',
    bounced: (text) => `却下されました: ${text}`,
    discarded: '破棄されました。',
  },
  act: {
    own: (verbs) => (verbs === 'delete' ? '送信を取りやめる場合は削除' : '今すぐ送信・停止・削除'),
    release: (admins) => (admins === '' ? '管理者が送信できます。' : `管理者が送信できます: ${admins}`),
    decide: '承認・却下',
    list: (kind) => (kind === 'held' ? '保留中のメールを見る' : '承認待ちのメールを見る'),
    signIn: '（サインインが必要です）',
    byOperator: (command) => `メールシステムの運用担当者に次の操作を依頼してください: ${command}`,
  },
  unnamed: '（件名なし）',
  operator: 'メールシステムの運用担当者',
  nothingToDo: '操作は必要ありません。',
  leftOut: (count) => `このほか短い時間に${count}通あり、個別のお知らせを省略しました。配送の履歴で確認できます。`,
  claims: (from) => `${from} を名乗る差出人`,
  more: (count) => `ほか${count}件`,
  mailOf: (id) => `メール ${id}`,
  footer: (tenant) => `${tenant} のメールシステムからの自動送信です。このメールに返信しても届きません。`,
};
