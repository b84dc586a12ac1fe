/** Why a change can't be made, for those who meet the mail where it waits. Texts are the ends of sentences. */
import type { Wording } from '#/model/index.ts';

/** Thrown inside of this folder, and answered as a value at its door. */
export class Impossible extends Error {
  readonly why: Wording;

  constructor(why: Wording) {
    super(why.en);
    this.why = why;
  }
}

export const SIGNED: Wording = {
  en: 'the mail is signed or encrypted, and a change would break that',
  ja: '電子署名または暗号化されており、変更すると壊れるため',
};
export const LOCKED: Wording = {
  en: 'a part of the mail is encrypted, so nobody can say what would have to be blacked out in it',
  ja: '暗号化された部分があり、伏せるべき箇所を確認できないため',
};
export const TWO_WAYS: Wording = {
  en: 'its header section is damaged, so that mail programs read it in different ways',
  ja: 'ヘッダーが壊れており、メールソフトによって読み方が異なるため',
};
export const NO_PART: Wording = {
  en: 'an attachment that was to go is not found in it any more',
  ja: '取り除く添付ファイルが見つからないため',
};
export const NO_PAGES: Wording = {
  en: 'people outside can’t reach our pages, where they would fetch its attachments; the setting url says where those are. Release the mail when they can',
  ja: '添付ファイルを受け取るページが外部から利用できないため（設定 url を直してから、このメールの保留を解除してください）',
};
export const NO_SHARE: Wording = {
  en: 'its attachments were not put among the downloads',
  ja: '添付ファイルがダウンロード用に保存されていないため',
};
export const NO_ZIP: Wording = {
  en: 'its attachments were not put into a ZIP',
  ja: '添付ファイルが ZIP にまとめられていないため',
};
export const TOO_MANY: Wording = {
  en: 'it has too many attachments for one ZIP',
  ja: '添付ファイルが多すぎて 1 つの ZIP にまとめられないため',
};
export const NO_SENDER: Wording = {
  en: 'its attachments are to become a ZIP whose password its sender passes on, and nobody has shown who that is',
  ja: '添付ファイルの ZIP のパスワードを伝える差出人を確認できないため',
};
export const FULL: Wording = {
  en: 'the company’s room for downloads is full; revoke some that nobody needs, or give it more room, then release the mail',
  ja: 'ダウンロード用の保存容量がいっぱいです。不要な共有を取り消すか容量を増やしてから、このメールを送信（保留解除）してください',
};
export const REVOKED: Wording = {
  en: 'its attachments were put among the downloads for other recipients before, and somebody has revoked them there; have the mail sent again',
  ja: '先に他の宛先向けに用意されたダウンロードが取り消されたため（再度送信してください）',
};
export const UNREADABLE: Wording = {
  en: 'a text of the mail is in an encoding that can’t be changed without harm',
  ja: '安全に変更できない文字コードの本文があるため',
};
export const TOO_LONG: Wording = {
  en: 'its texts are too long to be searched for what would have to be blacked out',
  ja: '本文が長すぎて、伏せるべき箇所を確認できないため',
};
export const TOO_LARGE: Wording = {
  en: 'the mail is too large to be changed',
  ja: 'メールが大きすぎるため',
};
