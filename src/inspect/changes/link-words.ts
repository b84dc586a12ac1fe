/** What a recipient reads where attachments were, in the language of the company that sent them. */
import { aboutSize } from '#/codec/forms/index.ts';
import type { Change } from '#/model/index.ts';

type Links = Extract<Change, { kind: 'secureLinks' }>;
type File = NonNullable<Links['share']>['files'][number];
type Write = (url: string, files: readonly File[], terms: Links) => string;

const HOUR_MS = 3_600_000;
const HOURS_OF_DAYS = 48;

export const LINK_WORDS: Readonly<Record<'en' | 'ja', Write>> = {
  en: (url, files, { expireMs, downloads, proof }) => {
    const what = files.length === 1 ? 'The attachment of this mail is' : 'The attachments of this mail are';
    const times = downloads === 1 ? 'once' : `${count(downloads)} times`;
    return [
      `${what} ready for you to download:`,
      ...['', url, '', ...files.map(line), ''],
      `The link is for you alone. It works for ${timeEn(expireMs)} from when this mail reached you, ${times} for each file. ${PROOF_EN[proof]}`,
    ].join('\n');
  },
  ja: (url, files, { expireMs, downloads, proof }) =>
    [
      'このメールの添付ファイルは、次のページからダウンロードしてください。',
      ...['', url, '', ...files.map(line), ''],
      `このリンクはあなた専用です。メールの到着から${timeJa(expireMs)}、ファイルごとに${count(downloads)}回までダウンロードできます。${PROOF_JA[proof]}`,
    ].join('\n'),
};

const PROOF_EN = {
  code: 'The page sends a code to this address of yours, and asks for it.',
  password: 'The password follows in a mail of its own.',
  none: '',
} as const;

const PROOF_JA = {
  code: 'ページからこのメールアドレスに確認コードを送り、入力していただきます。',
  password: 'パスワードは別のメールでお送りします。',
  none: '',
} as const;

function line({ name, bytes }: File): string {
  return `  ${name} (${aboutSize(bytes)})`;
}

function timeEn(ms: number): string {
  const hours = Math.max(1, Math.round(ms / HOUR_MS));
  if (hours > HOURS_OF_DAYS) return `${Math.round(hours / 24)} days`;
  return hours === 1 ? 'an hour' : `${hours} hours`;
}

function timeJa(ms: number): string {
  const hours = Math.max(1, Math.round(ms / HOUR_MS));
  return hours > HOURS_OF_DAYS ? `${Math.round(hours / 24)}日間` : `${hours}時間`;
}

function count(n: number): string {
  return n.toLocaleString('en');
}
