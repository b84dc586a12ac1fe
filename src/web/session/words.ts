/** The words of signing in, in both languages. */
import type { Language } from '../page/language.ts';

export interface Words {
  readonly title: string;
  readonly about: string;
  readonly address: string;
  readonly password: string;
  readonly signIn: string;
  readonly signOut: string;
  readonly signedOut: string;
  readonly wrong: string;
  readonly later: string;
  readonly notPrivate: string;
  readonly notPrivateAbout: string;
  readonly goOn: string;
}

export const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    title: 'Sign in',
    about: 'With the address and password of your mailbox.',
    address: 'Mail address',
    password: 'Password',
    signIn: 'Sign in',
    signOut: 'Sign out',
    signedOut: 'You are signed out.',
    wrong:
      'The address or the password is wrong. Look at both and try again; your administrator can give you a new password.',
    later: 'Too many sign-ins failed. Wait a minute, then try again.',
    notPrivate: 'This connection is not encrypted',
    notPrivateAbout:
      'Somebody between you and this server could read your password, so there is no sign-in here. Ask for this page with https:// in front; if nothing answers there, tell your administrator.',
    goOn: 'Continue',
  },
  ja: {
    title: 'サインイン',
    about: 'メールボックスのアドレスとパスワードを入力してください。',
    address: 'メールアドレス',
    password: 'パスワード',
    signIn: 'サインイン',
    signOut: 'サインアウト',
    signedOut: 'サインアウトしました。',
    wrong:
      'アドレスまたはパスワードが違います。入力を確かめて、もう一度お試しください。新しいパスワードは管理者が発行できます。',
    later: 'サインインの失敗が続いています。1分ほど待ってから、もう一度お試しください。',
    notPrivate: 'この接続は暗号化されていません',
    notPrivateAbout:
      '通信の途中でパスワードを読み取られるおそれがあるため、ここではサインインできません。https:// で始まるアドレスで開いてください。つながらないときは管理者にお知らせください。',
    goOn: '続ける',
  },
};
