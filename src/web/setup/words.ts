/** The words of the pages, in both languages. */
import type { Language } from '../page/language.ts';

export interface Words {
  readonly home: string;
  readonly homeAbout: string;
  readonly held: string;
  readonly setUp: string;
  readonly status: string;
  readonly title: string;
  readonly about: string;
  readonly address: string;
  readonly show: string;
  readonly noAddress: string;
  readonly notOurs: string;
  readonly settingsOf: string;
  readonly columns: readonly string[];
  readonly protocol: { readonly imap: string; readonly pop3: string; readonly submission: string };
  readonly security: { readonly tls: string; readonly starttls: string };
  readonly userName: string;
  readonly password: string;
  readonly passwordIs: string;
  readonly apple: string;
  readonly appleAbout: string;
  readonly programs: string;
  readonly nothing: string;
}

export const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    home: 'Holdfast',
    homeAbout: 'This is a mail server.',
    held: 'Held mail and approvals',
    setUp: 'Set up your mail program',
    status: 'Status of the service',
    title: 'Set up your mail program',
    about: 'Most mail programs need your address and password only. Here are the settings for those that ask for more.',
    address: 'Your mail address',
    show: 'Show my settings',
    noAddress: 'That is no mail address. Write it as name@example.com.',
    notOurs: 'Mail of this address is not served here. Look at how it is written, or ask your administrator.',
    settingsOf: 'Settings',
    columns: ['For', 'Server', 'Port', 'Security'],
    protocol: { imap: 'Reading (IMAP)', pop3: 'Fetching (POP3)', submission: 'Sending (SMTP)' },
    security: { tls: 'SSL/TLS', starttls: 'STARTTLS' },
    userName: 'User name',
    password: 'Password',
    passwordIs: 'the password of your mailbox, for reading and for sending',
    apple: 'Download the profile for iPhone, iPad and Mac',
    appleAbout: 'Open it there, and follow Settings: it asks for your password.',
    programs:
      'Where a row is there twice, take the first one that your program knows. IMAP keeps mail on the server, so that all your devices show the same.',
    nothing: 'This server serves no mail programs. Ask your administrator.',
  },
  ja: {
    home: 'Holdfast',
    homeAbout: 'これはメールサーバーです。',
    held: '保留メールと承認',
    setUp: 'メールソフトの設定',
    status: '稼働状況',
    title: 'メールソフトの設定',
    about:
      '多くのメールソフトは、メールアドレスとパスワードだけで設定できます。それ以外の項目を求められたときは、次の値を入力してください。',
    address: 'メールアドレス',
    show: '設定を表示',
    noAddress: 'メールアドレスの形式ではありません。name@example.com のように入力してください。',
    notOurs: 'このアドレスのメールはここでは扱っていません。入力を確かめるか、管理者にお問い合わせください。',
    settingsOf: '設定',
    columns: ['用途', 'サーバー', 'ポート', '保護'],
    protocol: { imap: '受信 (IMAP)', pop3: '受信 (POP3)', submission: '送信 (SMTP)' },
    security: { tls: 'SSL/TLS', starttls: 'STARTTLS' },
    userName: 'ユーザー名',
    password: 'パスワード',
    passwordIs: 'メールボックスのパスワード（受信・送信とも同じ）',
    apple: 'iPhone・iPad・Mac 用プロファイルをダウンロード',
    appleAbout: '端末で開き、「設定」の案内に従ってください。パスワードは途中で入力します。',
    programs:
      '同じ用途が二つあるときは、お使いのソフトが対応する上のほうを選んでください。IMAP ではメールがサーバーに残り、どの端末でも同じ内容を見られます。',
    nothing: 'このサーバーはメールソフトからの接続を受け付けていません。管理者にお問い合わせください。',
  },
};
