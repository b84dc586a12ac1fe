/**
 * Which signatures a mail gets for one recipient, and why: rules in their order, the first one that holds, and the next ones where it says `continue`. Every
 * rule that was looked at has an opinion, so that people can be told.
 */
import type { MailFacts, RecipientFacts, Wording } from '#/model/index.ts';
import { foldCase, isAddressOf, isSender, type PolicyDirectory, type Selector } from '#/policy/index.ts';
import type { SignatureCondition, SignatureOpinion, SignatureRule } from './rule.ts';

/** What rules ask of a mail. */
export interface Letter {
  readonly facts: Pick<MailFacts, 'tenant' | 'identity' | 'sender'>;
  readonly subject: string;
  readonly isReply: boolean;
  /** What its author wrote, without what is quoted. */
  readonly newest: string;
  /** In the tenant's calendar: `2026-12-01`. */
  readonly day: string;
  /** Of the person whose mail it is, by name. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly directory: PolicyDirectory;
}

export interface Choice {
  readonly rules: readonly SignatureRule[];
  readonly opinions: readonly SignatureOpinion[];
}

export function chooseSignatures(
  letter: Letter,
  recipient: Pick<RecipientFacts, 'address' | 'direction'>,
  rules: readonly SignatureRule[],
): Choice {
  const chosen: SignatureRule[] = [];
  const opinions: SignatureOpinion[] = [];
  for (const rule of rules) {
    const why = faultOf(rule, letter, recipient);
    opinions.push({ rule: rule.name, holds: why === null, why: why ?? HOLDS });
    if (why !== null) continue;
    chosen.push(rule);
    if (!rule.goOn) break;
  }
  return { rules: chosen, opinions };
}

const HOLDS: Wording = { en: 'all that it asks for holds', ja: '条件をすべて満たしています' };

/** Why a rule does not hold; null where it does. */
function faultOf(
  rule: SignatureRule,
  letter: Letter,
  recipient: Pick<RecipientFacts, 'address' | 'direction'>,
): Wording | null {
  const missing = unmet(rule.when, letter, recipient);
  if (missing !== null) return missing;
  const exception = rule.unless.findIndex((one) => unmet(one, letter, recipient) === null);
  if (exception < 0) return null;
  const n = exception + 1;
  return { en: `its exception ${n} (unless) holds`, ja: `例外（unless）の ${n} 番目に当てはまります` };
}

/** The first thing that is asked for and does not hold; null where all does. */
function unmet(
  { senders, recipients, attributes, keywords, mail, from, until }: SignatureCondition,
  letter: Letter,
  recipient: Pick<RecipientFacts, 'address' | 'direction'>,
): Wording | null {
  if (senders !== undefined && !senders.some((one) => isSender(one, letter, 'when')))
    return { en: 'the sender is none of its senders', ja: '差出人が対象ではありません' };
  if (recipients !== undefined && !recipients.some((one) => isRecipient(one, recipient, letter.directory)))
    return { en: 'the recipient is none of its recipients', ja: '宛先が対象ではありません' };
  const other = Object.entries(attributes ?? {}).find(([name, texts]) => !hasAttribute(letter.attributes[name], texts));
  if (other !== undefined)
    return {
      en: `the sender’s ${other[0]} is ${quoted(letter.attributes[other[0]])}`,
      ja: `差出人の属性 ${other[0]} が一致しません`,
    };
  if (keywords !== undefined && !keywords.some((word) => hasWord(letter, word)))
    return {
      en: 'none of its keywords stands in the subject or the new text',
      ja: '件名にも本文にもキーワードがありません',
    };
  if (mail !== undefined && (mail === 'reply') !== letter.isReply)
    return letter.isReply
      ? {
          en: 'it is for first mails, and this is a reply or a forward',
          ja: '返信・転送のため対象外です（新規メール用）',
        }
      : {
          en: 'it is for replies and forwards, and this is a first mail',
          ja: '新規メールのため対象外です（返信・転送用）',
        };
  if (from !== undefined && letter.day < from) return { en: `it begins on ${from}`, ja: `${from} から有効です` };
  if (until !== undefined && letter.day > until) return { en: `it ended on ${until}`, ja: `${until} に終了しました` };
  return null;
}

function isRecipient(
  selector: Selector,
  { address, direction }: Pick<RecipientFacts, 'address' | 'direction'>,
  directory: PolicyDirectory,
): boolean {
  if (selector.kind === 'side') return (direction === 'outbound') === (selector.side === 'external');
  if (selector.kind === 'group') return directory.isMember(selector.name, address);
  return isAddressOf(selector, address);
}

function hasAttribute(value: string | undefined, texts: readonly string[]): boolean {
  const said = foldCase((value ?? '').trim());
  return texts.some((text) => (text === '*' ? said !== '' : foldCase(text.trim()) === said));
}

function hasWord({ subject, newest }: Letter, word: string): boolean {
  const wanted = foldCase(word);
  return foldCase(subject).includes(wanted) || foldCase(newest).includes(wanted);
}

function quoted(value: string | undefined): string {
  return value === undefined || value === '' ? 'not known' : `“${value}”`;
}
