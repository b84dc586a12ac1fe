/** One sentence for each class: what it means, and what can be done. */
import type { BounceClass } from '#/model/index.ts';

const ADVICE: Readonly<Record<BounceClass, { readonly en: string; readonly ja: string }>> = {
  'unknown-recipient': {
    en: 'The address does not exist there. Check its spelling, or ask the recipient for another one.',
    ja: '宛先のアドレスが相手先に存在しません。つづりを確認するか、別のアドレスを相手にお尋ねください。',
  },
  'mailbox-full': {
    en: 'The recipient’s mailbox is full. Only they can make room; reach them in another way.',
    ja: '宛先のメールボックスがいっぱいです。空きを作れるのは相手の方だけです。別の方法でご連絡ください。',
  },
  spam: {
    en: 'The recipient’s server refuses this message by its own rules. Send it with other words or without links and attachments, or ask their administrator.',
    ja: '相手先のサーバーが独自の基準でこのメールを拒否しています。文面・リンク・添付を見直すか、相手先の管理者にお問い合わせください。',
  },
  reputation: {
    en: 'The recipient’s server does not trust our sending address just now. Your administrator has to look whether it is on a blocklist and ask for removal.',
    ja: '相手先のサーバーが当方の送信元 IP アドレスを信用していません。管理者がブロックリストを確認し、解除を申請してください。',
  },
  authentication: {
    en: 'The recipient’s server could not verify the sender’s domain. Your administrator has to correct its SPF, DKIM and DMARC records, or the reverse name of our address.',
    ja: '相手先が送信元ドメインを認証できませんでした。管理者が SPF・DKIM・DMARC レコード、または逆引き名を修正してください。',
  },
  rate: {
    en: 'The recipient’s server asks us to send more slowly. Nothing needs to be done: it is tried again by itself.',
    ja: '相手先のサーバーが送信の間隔を空けるよう求めています。自動で再送しますので、対応は不要です。',
  },
  content: {
    en: 'The message is too large, or of a form that the recipient’s server does not take. Send it smaller, or share files by a link.',
    ja: 'メールが大きすぎるか、相手先が受け取れない形式です。サイズを小さくするか、ファイルはリンクで共有してください。',
  },
  tls: {
    en: 'No encrypted connection that we may use could be made. The recipient’s administrator has to repair it, or yours has to change what is demanded.',
    ja: '要件を満たす暗号化接続ができませんでした。相手先の管理者による修復、または当方の要件の見直しが必要です。',
  },
  dns: {
    en: 'The recipient’s mail server can not be found in DNS. Check the part behind the @; if it is right, their administrator has to repair it.',
    ja: '相手先のメールサーバーが DNS で見つかりません。@ の後ろを確認してください。正しければ、相手先の管理者による修復が必要です。',
  },
  network: {
    en: 'The recipient’s mail server can not be reached. Nothing needs to be done: it is tried again by itself.',
    ja: '相手先のメールサーバーに接続できません。自動で再送しますので、対応は不要です。',
  },
  protocol: {
    en: 'The two servers did not understand each other. Show this to your administrator.',
    ja: 'サーバー間の通信で不整合が起きました。管理者にこの画面をお見せください。',
  },
  other: {
    en: 'The recipient’s server gave a reason of its own. Its words above are all that is known.',
    ja: '相手先のサーバーが独自の理由を返しました。上記の応答がすべてです。',
  },
};

/** What people read beside a refusal of this class. */
export function adviceOf(of: BounceClass): { readonly en: string; readonly ja: string } {
  return ADVICE[of];
}
