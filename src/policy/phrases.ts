/** The causes of a verdict in plain words, English and Japanese: clauses that stand behind "because". */
import type { Unread } from '#/model/index.ts';
import type { Answer, Ask, CheckName } from './asks.ts';
import { type Match, NO, yes } from './match.ts';
import { isWithin } from './range.ts';
import type { CountName, Range } from './rule.ts';

type Phrase = (count: number) => readonly [en: string, ja: string];

const COUNT_PHRASES: Readonly<Record<CountName, Phrase>> = {
  recipientCount: (n) => [`it goes to ${n} ${many(n, 'recipient')}`, `宛先が${n}件ある`],
  externalRecipients: (n) => [`it goes to ${n} ${many(n, 'recipient')} outside`, `社外の宛先が${n}件ある`],
  externalDomains: (n) => [`it goes to ${n} ${many(n, 'domain')} outside`, `宛先に社外の${n}ドメインが含まれる`],
  visibleRecipients: (n) => [
    `To and Cc show ${n} ${many(n, 'address', 'addresses')}`,
    `To と Cc に${n}件のアドレスがある`,
  ],
};

const ASK_PHRASES: Readonly<Record<CheckName, Phrase>> = {
  words: (n) => [`it holds ${n} of the rule’s words`, `指定された語句が${n}件ある`],
  pattern: (n) => [
    `${n} ${many(n, 'text matches', 'texts match')} the rule’s patterns`,
    `指定されたパターンに${n}件一致した`,
  ],
  header: () => ['a header field holds what the rule looks for', 'ヘッダーに指定された内容がある'],
  attachments: (n) => [
    `${n} ${many(n, 'attachment is', 'attachments are')} of the kind that the rule is about`,
    `対象の添付ファイルが${n}件ある`,
  ],
  freeMail: () => ['this recipient’s address is of a free mail service', 'フリーメール宛てである'],
  lookAlike: () => ['this recipient’s domain looks like another one that is known', '既知のドメインに似た宛先である'],
  firstTime: () => ['this recipient was not written to before', '初めての宛先である'],
  fingerprint: (n) => [`it is like ${n} registered ${many(n, 'document')}`, `登録文書に似た内容が${n}件ある`],
  hook: (n) => [
    `${n === 1 ? 'a check' : `${n} checks`} beside ours found something in it`,
    '外部の検査で問題が見つかった',
  ],
  creditCard: found('credit card number', 'クレジットカード番号'),
  iban: found('bank account number (IBAN)', '銀行口座番号（IBAN）', 'bank account numbers (IBAN)'),
  myNumber: found('My Number', 'マイナンバー', 'My Numbers'),
  corporateNumber: found('corporate number', '法人番号'),
  passport: found('passport number', '旅券番号'),
  phoneList: found('telephone number', '電話番号'),
  mailList: found('mail address', 'メールアドレス', 'mail addresses'),
  apiKey: found('key or password of a program', 'プログラムの鍵やパスワード', 'keys or passwords of programs'),
};

function found(one: string, ja: string, more?: string): Phrase {
  return (n) => [`it holds ${n} ${many(n, one, more)}`, `${ja}が${n}件ある`];
}

function many(n: number, one: string, more = `${one}s`): string {
  return n === 1 ? one : more;
}

/** Yes with its figure where that is within the range. */
export function causeOfCount(name: CountName, count: number, range: Range): Match {
  return isWithin(count, range) ? yes(...COUNT_PHRASES[name](count)) : NO;
}

/** The size of the mail, in the unit that people know. */
export function causeOfSize(bytes: number, range: Range): Match {
  const size = bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
  return isWithin(bytes, range) ? yes(`it has ${size}`, `サイズが${size}である`) : NO;
}

/** What a check found, as a cause. */
export function causeOfAsk(ask: Ask, { count, findings }: Extract<Answer, { kind: 'looked' }>): Match {
  const [first] = findings;
  // Only the server knows what it looked for.
  if (ask.check === 'hook' && first !== undefined) return yes(first.reason.en, first.reason.ja);
  return yes(...ASK_PHRASES[ask.check](count));
}

const WHY: Readonly<Record<Unread['why'], readonly [en: string, ja: string]>> = {
  encrypted: ['is locked with a password', 'パスワードで保護されている'],
  damaged: ['is damaged', '壊れている'],
  'too-deep': ['is packed too deeply', '入れ子が深すぎる'],
  'too-large': ['is too large', '大きすぎる'],
  'too-many': ['holds too many files', 'ファイルが多すぎる'],
  'too-slow': ['takes too long to read', '読み取りに時間がかかりすぎる'],
  'unknown-format': ['is of an unknown kind', '形式が不明である'],
};

/** Something was not read, and counts as what was looked for. */
export function causeOfUnread([first]: readonly Unread[]): Match {
  if (first === undefined) return yes('a part of it could not be read', '読み取れない部分がある');
  const [en, ja] = WHY[first.why];
  return yes(`a part of it could not be read, because it ${en}`, `読み取れない部分がある（${ja}）`);
}
