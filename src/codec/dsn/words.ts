/** The plain words of a delivery report, in the languages that tenants can choose. */
/** RFC 3464 §2.3.3. */
export type DsnAction = 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded';

export type Language = 'en' | 'ja';

interface Words {
  readonly subject: Readonly<Record<DsnAction, string>>;
  readonly opening: Readonly<Record<DsnAction, string>>;
  readonly said: (host: string) => string;
  readonly until: (date: string) => string;
  readonly closing: string;
  /** What to do, by the first two parts of the status that fit; the whole class last. */
  readonly advice: Readonly<Record<string, string>>;
}

const en: Words = {
  subject: {
    failed: 'Not delivered',
    delayed: 'Delayed, still trying',
    delivered: 'Delivered',
    relayed: 'Handed on',
    expanded: 'Sent on to a list',
  },
  opening: {
    failed: 'Your message was not delivered to:',
    delayed: 'Your message is delayed. There is nothing you need to do: we keep trying. It still waits for:',
    delivered: 'Your message was delivered to:',
    relayed: 'Your message was handed to a mail server that sends no reports of its own, for:',
    expanded: 'Your message was delivered to a list and sent on to its members:',
  },
  said: (host) => `${host} answered:`,
  until: (date) => `We try until ${date}. If it can not be delivered by then, you will be told.`,
  closing: 'The details for administrators and the header of your message are attached.',
  advice: {
    '5.1': 'Check the address for spelling mistakes and send the message again.',
    '5.2.2': 'The mailbox is full. Reach the recipient in another way, or try again later.',
    '5.2': 'The mailbox takes no mail now. Reach the recipient in another way.',
    '5.3.4': 'The message is too large. Send it without attachments, or share them by a link.',
    '5.4.6': 'The message went round in a loop. Show this report to your administrator.',
    '5.4.7': 'The time for delivery ran out. Reach the recipient in another way, or send the message again.',
    '4.4.7': 'The time for delivery ran out. Reach the recipient in another way, or send the message again.',
    '5.7': 'The message was refused by a rule. Show this report to your administrator.',
    '5': 'Show this report to your administrator, or reach the recipient in another way.',
  },
};

const ja: Words = {
  subject: {
    failed: '配信できませんでした',
    delayed: '配信が遅れています（再送中）',
    delivered: '配信しました',
    relayed: '次のサーバーに渡しました',
    expanded: '配布先に送りました',
  },
  opening: {
    failed: '次の宛先にメールを配信できませんでした:',
    delayed: 'メールの配信が遅れています。自動で再送しますので、操作は必要ありません。次の宛先への配信を待っています:',
    delivered: '次の宛先にメールを配信しました:',
    relayed: '配信通知に対応していないメールサーバーにメールを渡しました。宛先:',
    expanded: '配布リストに届き、メンバーに送られました:',
  },
  said: (host) => `${host} からの応答:`,
  until: (date) => `${date} まで再送を続けます。それまでに配信できない場合はお知らせします。`,
  closing: '管理者向けの詳細と、元のメールのヘッダーを添付しています。',
  advice: {
    '5.1': '宛先に誤りがないか確認し、もう一度送信してください。',
    '5.2.2': '宛先のメールボックスがいっぱいです。別の方法で連絡するか、後でもう一度お試しください。',
    '5.2': '宛先のメールボックスは現在メールを受け取れません。別の方法で連絡してください。',
    '5.3.4': 'メールのサイズが大きすぎます。添付ファイルを外すか、リンクで共有してください。',
    '5.4.6': 'メールが循環しています。この通知を管理者に見せてください。',
    '5.4.7': '配信の期限が過ぎました。別の方法で連絡するか、もう一度送信してください。',
    '4.4.7': '配信の期限が過ぎました。別の方法で連絡するか、もう一度送信してください。',
    '5.7': 'ルールにより拒否されました。この通知を管理者に見せてください。',
    '5': 'この通知を管理者に見せるか、別の方法で宛先に連絡してください。',
  },
};

const words: Readonly<Record<Language, Words>> = { en, ja };

export function wordsFor(language: Language): Words {
  return words[language];
}

/** What the sender can do about a status; null where nothing needs doing. */
export function adviceFor(language: Language, action: DsnAction, status: string): string | null {
  if (action !== 'failed') return null;
  const [major = '5', subject = '0'] = status.split('.');
  const { advice } = words[language];
  return advice[status] ?? advice[`${major}.${subject}`] ?? advice['5'] ?? null;
}
