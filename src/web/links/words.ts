/** The words of a link's page, in both languages. */
import type { HeldVerb } from '#/model/index.ts';
import type { Language } from '../page/language.ts';

export interface Words {
  readonly ask: Readonly<Record<HeldVerb, string>>;
  readonly askWhich: string;
  readonly you: (address: string) => string;
  readonly done: Readonly<Record<HeldVerb, string>>;
  readonly doneVote: string;
  readonly expired: string;
  readonly expiredAbout: string;
  readonly unknown: string;
  readonly unknownAbout: string;
  readonly gone: string;
  readonly goneAbout: string;
  readonly nothing: string;
  readonly signIn: string;
  readonly from: (tenant: string) => string;
}

export const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    ask: {
      release: 'Send this mail now?',
      stop: 'Stop this mail?',
      delete: 'Delete this mail?',
      approve: 'Approve this mail?',
      reject: 'Reject this mail?',
    },
    askWhich: 'What is to be done with this mail?',
    you: (address) => `You act as ${address}. This link is yours alone: do not pass it on.`,
    done: {
      release: 'It is on its way to its recipients.',
      stop: 'It does not go by itself any more. The link in your mail, or the page of held mail, sends or deletes it.',
      delete: 'It was deleted, and was sent to nobody.',
      approve: 'You approved it.',
      reject: 'You rejected it. Its sender is told, with your comment.',
    },
    doneVote: 'It goes as soon as all who must have approved it.',
    expired: 'This link has expired',
    expiredAbout: 'Its time is over. What still waits stands on the page of held mail.',
    unknown: 'This link is not known here',
    unknownAbout:
      'It may have been cut when the mail was shown: copy the whole of it, to its last letter. What waits for you stands on the page of held mail too.',
    gone: 'There is nothing left to do here',
    goneAbout:
      'The mail was sent, deleted or decided meanwhile, its time came, or you are not asked any more. Nothing was changed by this link.',
    nothing: 'Nothing was changed.',
    signIn: 'Sign in and look at held mail',
    from: (tenant) => `The mail system of ${tenant}. Questions? Ask your administrator.`,
  },
  ja: {
    ask: {
      release: 'このメールを今すぐ送信しますか？',
      stop: 'このメールを停止しますか？',
      delete: 'このメールを削除しますか？',
      approve: 'このメールを承認しますか？',
      reject: 'このメールを却下しますか？',
    },
    askWhich: 'このメールをどうしますか？',
    you: (address) => `${address} として操作します。このリンクはご本人専用です。他の人に渡さないでください。`,
    done: {
      release: '宛先への送信を始めました。',
      stop: '自動では送信されなくなりました。お知らせメールのリンクか保留メールの画面から、送信または削除できます。',
      delete: '削除しました。どこにも送信されていません。',
      approve: '承認しました。',
      reject: '却下しました。コメントとともに差出人に通知されます。',
    },
    doneVote: '必要な承認がそろうと送信されます。',
    expired: 'このリンクは期限が切れています',
    expiredAbout: '有効期限が過ぎました。まだ保留中のメールは、保留メールの画面で確認できます。',
    unknown: 'このリンクは使えません',
    unknownAbout:
      'メールの表示でリンクが途切れている場合があります。最後の文字まで全体をコピーしてください。保留中のメールは画面からも確認できます。',
    gone: 'ここで行う操作はありません',
    goneAbout:
      'このメールはすでに送信・削除・判断が済んだか、期限が過ぎたか、承認の依頼先が変わっています。このリンクでは何も変更されていません。',
    nothing: '何も変更されませんでした。',
    signIn: 'サインインして保留メールを見る',
    from: (tenant) => `${tenant} のメールシステムです。ご不明な点は管理者にお問い合わせください。`,
  },
};
