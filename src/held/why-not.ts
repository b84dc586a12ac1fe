/** Why somebody may not do something to a mail, and who may: in both languages, for those who meet it on a page. */
import type { ApprovalAsk, HeldVerb, Verdict, Wording } from '#/model/index.ts';

const VERB_JA: Readonly<Record<HeldVerb, string>> = {
  release: '送信',
  stop: '停止',
  delete: '削除',
  approve: '承認',
  reject: '却下',
};

const NAMED_MAX = 5;

// ── what fits its state ──

export const WAITS_FOR_NOBODY: Wording = {
  en: 'It is held and waits for nobody’s approval: release or delete it.',
  ja: '承認待ちではなく、保留中です。送信または削除してください。',
};
export const ASKED_UNKNOWN: Wording = {
  en: 'Who may approve it is not known any more: reject or delete it.',
  ja: '承認者の記録が残っていません。却下または削除してください。',
};
export const WAITS_FOR_APPROVAL: Wording = {
  en: 'It waits for approval: it can be approved, rejected or deleted.',
  ja: '承認待ちです。承認・却下・削除ができます。',
};
export const STOPPED: Wording = { en: 'It is stopped already.', ja: 'すでに停止しています。' };
export const NOTHING_TO_STOP: Wording = {
  en: 'It does not go on by itself, so there is nothing to stop.',
  ja: '自動では送信されないため、停止は不要です。',
};
export const NOTHING_CHANGED_BY_RULE: Wording = {
  en: 'Its rule asks for no change of it: release it as it is with a plain release.',
  ja: 'ルールが求める変更はありません。通常の操作で送信してください。',
};

// ── who may ──

export const NOT_WITHOUT_CHANGES: Wording = {
  en: 'Nobody lets their own mail go without what its rule asks for.',
  ja: 'ルールが求める変更を省いて自分のメールを送信することはできません。',
};
export const ADMINS_ALONE: Wording = { en: 'Only administrators do that.', ja: 'この操作は管理者だけが行えます。' };
export const NEEDS_REASON: Wording = {
  en: 'Say why: it is other people’s mail, and the reason is kept with what you do.',
  ja: '他の人のメールのため、理由を入力してください。理由は操作とともに記録されます。',
};

export function notReleasedBySender(verdict: Verdict | null): Wording {
  const rule = verdict?.rule ?? null;
  return {
    en: `The rule ${rule === null ? 'that holds it' : `“${rule}”`} does not let its sender release it.`,
    ja: `${rule === null ? '保留したルール' : `ルール「${rule}」`}により、差出人は送信できません。`,
  };
}

export function notTheirs(address: string, verb: HeldVerb): Wording {
  return {
    en: `${address} did not send it. Its sender may ${verb} it.`,
    ja: `${address} が送信したメールではありません。${VERB_JA[verb]}できるのは差出人です。`,
  };
}

export function notOnesOwn(verb: 'approve' | 'reject', mayDelete: boolean): Wording {
  return {
    en: `Nobody ${verb}s their own mail.${mayDelete ? ' As its sender you may delete it.' : ''}`,
    ja: `自分のメールを${VERB_JA[verb]}することはできません。${mayDelete ? '差出人として削除はできます。' : ''}`,
  };
}

export function notAsked(address: string): Wording {
  return { en: `${address} was not asked.`, ja: `${address} は承認を依頼されていません。` };
}

export function approvedAlready({ agreed = [], least }: Pick<ApprovalAsk, 'agreed' | 'least'>): Wording {
  return {
    en: `You have approved it already. ${agreed.length} of ${least} have approved it.`,
    ja: `すでに承認済みです。${least}名中${agreed.length}名が承認しました。`,
  };
}

/** Whom to ask instead: those who were asked, or, where that is not known, an administrator. */
export function askedWere(people: readonly string[] | null): Wording {
  if (people === null) return { en: 'An administrator may decide.', ja: '管理者が判断できます。' };
  return { en: `Asked were: ${listed(people, 'en')}.`, ja: `承認者: ${listed(people, 'ja')}。` };
}

export function adminsAre(people: readonly string[]): Wording {
  if (people.length === 0)
    return {
      en: 'The operator of this mail system may act for you.',
      ja: 'このメールシステムの運用者が代わりに操作できます。',
    };
  return {
    en: `An administrator may act for you: ${listed(people, 'en')}.`,
    ja: `管理者が代わりに操作できます: ${listed(people, 'ja')}。`,
  };
}

/** One sentence behind the other. */
export function both(...parts: readonly Wording[]): Wording {
  return { en: parts.map(({ en }) => en).join(' '), ja: parts.map(({ ja }) => ja).join('') };
}

function listed(people: readonly string[], language: keyof Wording): string {
  const more = people.length - NAMED_MAX;
  const rest = more <= 0 ? [] : [language === 'en' ? `${more} more` : `ほか${more}名`];
  return [...people.slice(0, NAMED_MAX), ...rest].join(language === 'en' ? ', ' : '、');
}
