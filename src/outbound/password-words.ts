/** What the mails with a password say, in the language of the company that sent the ZIP. */
export interface PasswordText {
  readonly subject: string;
  readonly text: string;
}

interface Words {
  /** To who wrote the mail. */
  readonly sender: (about: string, password: string) => PasswordText;
  /** To who got it. */
  readonly recipient: (company: string, password: string) => PasswordText;
}

const PROGRAM_EN =
  'Programs that open it know AES-256, such as 7-Zip, WinZip and Keka; the Explorer of Windows by itself does not.';
const PROGRAM_JA =
  '展開には AES-256 に対応したソフトウェア（7-Zip など）をお使いください。Windows 標準の機能では開けません。';

export const PASSWORD_WORDS: Readonly<Record<'en' | 'ja', Words>> = {
  en: {
    sender: (about, password) => ({
      subject: 'The password of attachments that you sent',
      text: `Your mail “${about}” has left. By a rule of your company its attachments are in attachments.zip, which opens by this password:\n\n  ${password}\n\nTell it to the people who get the mail, and by another way than mail: by phone, say. Who reads the one mail could read the other.\n\n${PROGRAM_EN}`,
    }),
    recipient: (company, password) => ({
      subject: 'The password of attachments that were sent to you',
      text: `The attachments of a mail that ${company} sent you a moment ago are in attachments.zip. It opens by this password:\n\n  ${password}\n\n${PROGRAM_EN}`,
    }),
  },
  ja: {
    sender: (about, password) => ({
      subject: '送信した添付ファイルのパスワード',
      text: `「${about}」を送信しました。会社のルールにより、添付ファイルはパスワード付きの attachments.zip になっています。パスワード：\n\n  ${password}\n\n宛先の方には、電話などメール以外の方法でお伝えください。メールでは、両方を同じ人に読まれるおそれがあります。\n\n${PROGRAM_JA}`,
    }),
    recipient: (company, password) => ({
      subject: '添付ファイルのパスワード',
      text: `先ほど ${company} からお送りしたメールの添付ファイル attachments.zip のパスワードです。\n\n  ${password}\n\n${PROGRAM_JA}`,
    }),
  },
};
