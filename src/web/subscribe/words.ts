import type { Language } from '../page/language.ts';

export interface SubscribeWords {
  readonly title: string;
  readonly about: string;
  readonly address: string;
  readonly webhook: string;
  readonly webhookHelp: string;
  readonly only: string;
  readonly submit: string;
  readonly asked: string;
  readonly later: string;
  readonly busy: string;
  readonly mistake: string;
  readonly confirm: { readonly title: string; readonly about: string; readonly act: string; readonly done: string };
  readonly unsubscribe: { readonly title: string; readonly about: string; readonly act: string; readonly done: string };
  readonly gone: string;
  readonly back: string;
}

export const WORDS: Readonly<Record<Language, SubscribeWords>> = {
  en: {
    title: 'Be told of incidents',
    about:
      'We write when there is trouble, when we know more, and when it is over; and before planned work. Nothing else.',
    address: 'Your mail address',
    webhook: 'Webhook (optional)',
    webhookHelp: 'An https address that is called instead of a mail. We ask by mail first.',
    only: 'Only about (all where you tick none)',
    submit: 'Send me a mail to confirm',
    asked:
      'If the address is right, a mail is on its way to it. Open the link in it, and you will be told. It is good for seven days.',
    later: 'Too many people are asking at this moment. Please try again in some minutes.',
    busy: 'You have asked too often. Please try again in a minute.',
    mistake: 'This can not be read as a mail address, or the webhook is no https address.',
    confirm: {
      title: 'Be told of incidents?',
      about: 'Confirm that you want to be told. You can end it at any time, by the link in each mail.',
      act: 'Confirm',
      done: 'Done. You will be told of incidents.',
    },
    unsubscribe: {
      title: 'No more mails?',
      about: 'You are not told of incidents any more when you end it.',
      act: 'End the subscription',
      done: 'Done. You are not told any more.',
    },
    gone: 'There is no such link, or not any more.',
    back: 'To the status page',
  },
  ja: {
    title: '障害情報の受け取り',
    about: '障害の発生・経過・復旧と、計画メンテナンスをお知らせします。それ以外のメールはお送りしません。',
    address: 'メールアドレス',
    webhook: 'Webhook（任意）',
    webhookHelp: 'メールの代わりに呼び出す https の URL。登録の確認はメールで行います。',
    only: '対象（選択しない場合はすべて）',
    submit: '確認メールを送信する',
    asked:
      '入力されたアドレスへ確認メールを送信しました。メール内のリンクを開くと登録が完了します。リンクの有効期限は7日間です。',
    later: '現在、申し込みが集中しています。数分後に、もう一度お試しください。',
    busy: '操作の回数が多すぎます。1分ほど待ってから、もう一度お試しください。',
    mistake: 'メールアドレスとして読み取れないか、Webhook が https の URL ではありません。',
    confirm: {
      title: '障害情報を受け取りますか',
      about: '受け取りを確定してください。各メールのリンクから、いつでも停止できます。',
      act: '受け取る',
      done: '登録しました。障害情報をお送りします。',
    },
    unsubscribe: {
      title: '受け取りを停止しますか',
      about: '停止すると、障害情報は届かなくなります。',
      act: '停止する',
      done: '停止しました。今後はお送りしません。',
    },
    gone: 'このリンクは存在しないか、無効になっています。',
    back: 'ステータスページへ',
  },
};
