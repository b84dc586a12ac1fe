/** The words of mails about mail that waits for a person for too long, in both languages. */
import type { Language } from './words.ts';

interface WaitingWords {
  readonly subject: (count: string) => string;
  readonly about: string;
  readonly label: { readonly approval: string; readonly setAside: string };
  readonly waits: (count: string, since: string) => string;
  /** What a contact can do, and what an operator can. */
  readonly approve: string;
  readonly approveAll: string;
  readonly ask: string;
  readonly release: string;
  readonly operator: string;
  footer(tenant: string): string;
}

export const WAITING_WORDS: Readonly<Record<Language, WaitingWords>> = {
  en: {
    subject: (count) => `Mail waits for somebody: ${count}`,
    about:
      'Mail has waited for a person for longer than usual. Nothing is lost; what nobody decides expires in the end, and its sender is told.',
    label: { approval: 'For an approval, for more than a day', setAside: 'Set aside, for more than an hour' },
    waits: (count, since) => `${count}, the oldest from ${since}`,
    approve: 'Those who approve have a link in the mail that asked them; please remind them, or name a deputy.',
    approveAll: 'List it: holdfast held list',
    ask: 'What is set aside could not be inspected, changed or read as your rules ask. Whoever runs this mail system can let it go or end it: please ask them.',
    release: 'What is set aside needs you. List it, then release or bounce it: holdfast queue list reason:set-aside',
    operator: 'You get this because you are an operator of this installation. Nobody reads answers to this mail.',
    footer: (tenant) => `You get this because you are a contact of ${tenant}. Nobody reads answers to this mail.`,
  },
  ja: {
    subject: (count) => `対応待ちのメールがあります（${count}通）`,
    about:
      '通常より長く、担当者の対応を待っているメールがあります。メールは失われていません。期限までに対応がない場合は期限切れとなり、送信者へ通知されます。',
    label: { approval: '承認待ち（1日超）', setAside: '保留中（処理できず、1時間超）' },
    waits: (count, since) => `${count}通、最も古いもの: ${since}`,
    approve:
      '承認者には、承認を依頼するメールにリンクをお送りしています。承認者へのご連絡、または代理の設定をお願いいたします。',
    approveAll: '一覧: holdfast held list',
    ask: '処理できず保留中のメールは、ルールに沿った検査・変更・読み取りができなかったものです。送信または中止は、メールシステムの管理者へご依頼ください。',
    release: '一覧: holdfast queue list reason:set-aside',
    operator: 'このメールは管理者の方へお送りしています。返信は読まれません。',
    footer: (tenant) => `このメールは${tenant}の連絡先に登録されている方へお送りしています。返信は読まれません。`,
  },
};
