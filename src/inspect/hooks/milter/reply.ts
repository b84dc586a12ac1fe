/** What a milter answers, and what that says of the mail. Pure. */
import type { Wording } from '#/model/index.ts';
import { quoted } from '../../hits.ts';

export type Reply =
  | { readonly kind: 'continue' }
  /** Asks for nothing more of this mail. */
  | { readonly kind: 'accept' }
  /** Has seen enough of the body. */
  | { readonly kind: 'skip' }
  /** Is still at it. */
  | { readonly kind: 'progress' }
  /** Would not let it, or this recipient, through. */
  | { readonly kind: 'refuse'; readonly reason: Wording }
  /** Could not look at it now. */
  | { readonly kind: 'later' }
  /** Something about the mail is to be changed. `harmless`: a header field, which nobody misses; else the mail must not go as it is. */
  | { readonly kind: 'change'; readonly what: string; readonly harmless: boolean }
  | { readonly kind: 'quarantine'; readonly reason: Wording };

const TEXT_CHARS_MAX = 100;

/** Null for what is no reply. */
export function replyOf(letter: string, data: Buffer): Reply | null {
  switch (letter) {
    case 'c':
      return { kind: 'continue' };
    case 'a':
      return { kind: 'accept' };
    case 's':
      return { kind: 'skip' };
    case 'p':
      return { kind: 'progress' };
    case 't':
      return { kind: 'later' };
    case 'r':
      return { kind: 'refuse', reason: said('it refuses the mail', 'メールが拒否された', '') };
    case 'd':
      return { kind: 'refuse', reason: said('it would throw the mail away', 'メールを破棄すべきと判定された', '') };
    case 'y':
      return codeOf(firstText(data));
    case 'q':
      return {
        kind: 'quarantine',
        reason: said('it would put the mail aside', 'メールを隔離すべきと判定された', firstText(data)),
      };
    default:
      return changeOf(letter, data);
  }
}

/** A reply of SMTP: `550 5.7.1 No`. */
function codeOf(text: string): Reply | null {
  if (/^4\d\d/.test(text)) return { kind: 'later' };
  if (!/^5\d\d/.test(text)) return null;
  return { kind: 'refuse', reason: said('it refuses the mail', 'メールが拒否された', text) };
}

function changeOf(letter: string, data: Buffer): Reply | null {
  switch (letter) {
    case 'h':
      return field('adds', firstText(data));
    case 'i':
    case 'm':
      // An index of four octets stands in front.
      return field(letter === 'i' ? 'adds' : 'changes', firstText(data.subarray(4)));
    case '+':
    case '2':
      return { kind: 'change', what: 'adds a recipient', harmless: false };
    case '-':
      return { kind: 'change', what: 'takes a recipient away', harmless: false };
    case 'b':
      return { kind: 'change', what: 'writes another body', harmless: false };
    case 'e':
      return { kind: 'change', what: 'changes the sender', harmless: false };
    default:
      return null;
  }
}

function field(does: string, name: string): Reply {
  return { kind: 'change', what: `${does} ${quoted(name, TEXT_CHARS_MAX)}`, harmless: true };
}

function firstText(data: Buffer): string {
  const end = data.indexOf(0);
  return data.toString('utf8', 0, end === -1 ? data.length : end);
}

function said(en: string, ja: string, text: string): Wording {
  const shown = quoted(text, TEXT_CHARS_MAX);
  return shown === '' ? { en, ja } : { en: `${en} (“${shown}”)`, ja: `${ja}（${shown}）` };
}
