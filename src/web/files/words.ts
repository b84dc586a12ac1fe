/** The words of the pages of downloads, in both languages. */
import type { Language } from '../page/language.ts';

export interface FileWords {
  readonly title: string;
  /** Who sent how many. */
  readonly from: (who: string, files: number) => string;
  readonly until: (time: string) => string;
  readonly left: (downloads: number) => string;
  readonly download: string;
  readonly noneLeft: string;
  readonly proof: { readonly code: (address: string) => string; readonly password: string };
  readonly sendCode: string;
  readonly sendAgain: string;
  readonly sent: (address: string) => string;
  readonly tooMany: string;
  readonly code: string;
  readonly password: string;
  readonly show: string;
  readonly proveFirst: string;
  readonly wrong: { readonly code: string; readonly password: string };
  readonly spent: { readonly code: string; readonly password: string };
  readonly busy: string;
  readonly away: string;
  readonly gone: { readonly title: string; readonly text: string };
  readonly expired: { readonly title: string; readonly text: string };
  readonly locked: { readonly title: string; readonly text: string };
  /** Who runs this and how to reach them. */
  readonly about: (company: string) => string;
}

export const WORDS: Readonly<Record<Language, FileWords>> = {
  en: {
    title: 'Files for you',
    from: (who, files) => `${who} sent you ${files === 1 ? 'a file' : `${files} files`}.`,
    until: (time) => `Available until ${time}.`,
    left: (downloads) => (downloads === 1 ? '1 download left' : `${downloads} downloads left`),
    download: 'Download',
    noneLeft: 'All downloads of this file are used up. Ask the sender to send it again.',
    proof: {
      code: (address) => `To download, show that you read the mail of ${address}: a code of 8 digits is sent there.`,
      password: 'To download, enter the password. It came in a mail of its own, a minute after the one with the link.',
    },
    sendCode: 'Send me the code',
    sendAgain: 'Send another code',
    sent: (address) => `A code is on its way to ${address}. It is good for 15 minutes.`,
    tooMany:
      'So many codes were sent already that no further one goes out now. Use the newest one, or try again in an hour.',
    code: 'Code',
    password: 'Password',
    show: 'Continue',
    proveFirst: 'That needs the code or password first. It may have been more than half an hour since you entered it.',
    wrong: {
      code: 'That is not the code. Look for the newest mail, and try again.',
      password: 'That is not the password. Upper and lower case don’t matter, nor do the dashes.',
    },
    spent: {
      code: 'There is no code to be entered, or it is used up or too old. Have another one sent.',
      password: 'There were too many wrong passwords. Try again in 15 minutes.',
    },
    busy: 'Too much was asked from your network in a short time. Wait a minute, then try again.',
    away: 'This does not work at the moment, and that is our fault. Nothing is lost: try again in a few minutes.',
    gone: {
      title: 'There is nothing here',
      text: 'This link leads nowhere, or not any more. Look whether it was copied whole; if it was, ask whoever sent it.',
    },
    expired: {
      title: 'The time for this download is over',
      text: 'The files are not kept any longer. Ask whoever sent them to send them again.',
    },
    locked: {
      title: 'This download is locked',
      text: 'Its sender has locked it, or too many wrong codes were entered. Ask them: they can unlock it.',
    },
    about: (company) =>
      `These files are kept by ${company}. If something is wrong with them, answer the mail that the link came with.`,
  },
  ja: {
    title: 'ファイルの受け取り',
    from: (who, files) => `${who} から${files}個のファイルが届いています。`,
    until: (time) => `受け取り期限：${time}`,
    left: (downloads) => `残り${downloads}回`,
    download: 'ダウンロード',
    noneLeft: 'このファイルはダウンロードの上限回数に達しました。送信者に再送を依頼してください。',
    proof: {
      code: (address) => `ダウンロードにはご本人の確認が必要です。${address} 宛てに8桁の確認コードをお送りします。`,
      password: 'ダウンロードにはパスワードが必要です。リンクのメールの約1分後に、別のメールでお送りしています。',
    },
    sendCode: '確認コードを送信',
    sendAgain: '確認コードを再送信',
    sent: (address) => `${address} 宛てに確認コードをお送りしました。15分以内に入力してください。`,
    tooMany: '確認コードの送信回数が上限に達しました。最新のコードを入力するか、1時間後にもう一度お試しください。',
    code: '確認コード',
    password: 'パスワード',
    show: '次へ',
    proveFirst: '先に確認コードまたはパスワードを入力してください。入力から30分が過ぎた場合も再入力が必要です。',
    wrong: {
      code: '確認コードが違います。最新のメールをご確認のうえ、もう一度入力してください。',
      password: 'パスワードが違います。大文字と小文字、ハイフンの有無は問いません。',
    },
    spent: {
      code: '入力できる確認コードがないか、使用済みまたは期限切れです。再送信してください。',
      password: 'パスワードの誤りが続いたため、受け付けを停止しています。15分後にもう一度お試しください。',
    },
    busy: 'お使いのネットワークからのアクセスが集中しています。1分ほど待ってから、もう一度お試しください。',
    away: '現在、こちらの不具合によりご利用いただけません。ファイルは失われていません。数分後にもう一度お試しください。',
    gone: {
      title: 'ページが見つかりません',
      text: 'リンクが正しくないか、すでに無効です。リンク全体が入力されているか確かめ、正しい場合は送信者にお問い合わせください。',
    },
    expired: {
      title: '受け取り期限が過ぎました',
      text: 'ファイルはすでに保管されていません。送信者に再送を依頼してください。',
    },
    locked: {
      title: '一時的にロックされています',
      text: '送信者によるロック、または確認コードの誤入力が続いたことによるロックです。送信者に解除を依頼してください。',
    },
    about: (company) =>
      `これらのファイルは ${company} が保管しています。お問い合わせは、リンクが記載されたメールへの返信でお願いします。`,
  },
};
