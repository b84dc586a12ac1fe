/** The words of mails about mail that waits for a person for too long, in both languages. */
import type { Language } from './words.ts';

interface WaitingWords {
  readonly subject: (count: string) => string;
  readonly about: string;
  readonly label: { readonly approval: string; readonly setAside: string; readonly stuck: string };
  readonly waits: (count: string, since: string) => string;
  /** What a contact can do, and what an operator can. */
  readonly approve: string;
  readonly approveAll: string;
  readonly ask: string;
  readonly release: string;
  readonly goesOn: string;
  readonly audit: string;
  readonly operator: string;
  footer(tenant: string): string;
}

export const WAITING_WORDS: Readonly<Record<Language, WaitingWords>> = {
  en: {
    subject: (count) => `Mail waits: ${count}`,
    about:
      'Mail has waited for longer than usual. Nothing is lost; what nobody decides expires in the end, and its sender is told.',
    label: {
      approval: 'For an approval, for more than a day',
      setAside: 'Set aside, for more than an hour',
      stuck: 'Held up by a fault of this system in the last six hours, and not delivered yet',
    },
    waits: (count, since) => `${count}, the oldest from ${since}`,
    approve: 'Those who approve have a link in the mail that asked them; please remind them, or name a deputy.',
    approveAll: 'List it: holdfast held list',
    ask: 'What is set aside could not be inspected, changed or read as your rules ask. Whoever runs this mail system can let it go or end it: please ask them.',
    release: 'What is set aside needs you. List it, then release or bounce it: holdfast queue list reason:set-aside',
    goesOn:
      'What was held up was found and goes on by itself; you need not do anything, and nobody has to send it again.',
    audit:
      'What was held up was found and is due again. See where it is, and whether the books balance: holdfast affected --component janitor --from 6h, holdfast audit',
    operator: 'You get this because you are an operator of this installation. Nobody reads answers to this mail.',
    footer: (tenant) => `You get this because you are a contact of ${tenant}. Nobody reads answers to this mail.`,
  },
  ja: {
    subject: (count) => `待機中のメールがあります（${count}件）`,
    about:
      '通常より長く待機しているメールがあります。メールは失われていません。期限までに対応がない場合は期限切れとなり、送信者へ通知されます。',
    label: {
      approval: '承認待ち（1日超）',
      setAside: '保留中（処理できず、1時間超）',
      stuck: '直近6時間に当システムの障害で滞留し、まだ配送されていない宛先',
    },
    waits: (count, since) => `${count}通、最も古いもの: ${since}`,
    approve:
      '承認者には、承認を依頼するメールにリンクをお送りしています。承認者へのご連絡、または代理の設定をお願いいたします。',
    approveAll: '一覧: holdfast held list',
    ask: '処理できず保留中のメールは、ルールに沿った検査・変更・読み取りができなかったものです。送信または中止は、メールシステムの管理者へご依頼ください。',
    release: '一覧: holdfast queue list reason:set-aside',
    goesOn: '滞留していたメールは検出され、自動的に配送を再開しています。お客様の操作や再送信は必要ありません。',
    audit:
      '滞留していたメールは検出され、配送を再開しています。確認: holdfast affected --component janitor --from 6h、holdfast audit',
    operator: 'このメールは管理者の方へお送りしています。返信は読まれません。',
    footer: (tenant) => `このメールは${tenant}の連絡先に登録されている方へお送りしています。返信は読まれません。`,
  },
};
