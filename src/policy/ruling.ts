/** What one rule would do to a mail, which of two is stricter, and how it is told. */
import type { Decision, Wording } from '#/model/index.ts';
import { CAUSES_MAX } from './limits.ts';
import type { Cause } from './match.ts';

export interface Ruling {
  readonly decision: Decision;
  /** Null where a check's absence decided. */
  readonly rule: string | null;
  readonly description: Wording | null;
  readonly causes: readonly Cause[];
  /** What is to be known beside the causes: checks that are away, approvers that could not be found. */
  readonly notes: readonly Wording[];
}

/** From mild to strict. A mail that is to be inspected again comes before people are asked: they would be asked twice. */
const SEVERITY = { pass: 0, hold: 1, approve: 3, defer: 4, discard: 5, reject: 6 } as const;

function severityOf(decision: Decision): number {
  return decision.kind === 'hold' && decision.atEnd === 'expire' ? 2 : SEVERITY[decision.kind];
}

/** Of two the stricter one; of equals the first, and the longer hold. What the other one notes is kept. */
export function stricter(one: Ruling, other: Ruling): Ruling {
  const [a, b] = [one.decision, other.decision];
  const isOther =
    a.kind === 'hold' && b.kind === 'hold' && a.atEnd === 'send' && b.atEnd === 'send'
      ? b.forMs > a.forMs
      : severityOf(b) > severityOf(a);
  const [wins, yields] = isOther ? [other, one] : [one, other];
  return { ...wins, notes: [...wins.notes, ...yields.notes] };
}

const VERBS: Readonly<Record<Decision['kind'], Wording>> = {
  pass: { en: 'Sent on', ja: '送信' },
  hold: { en: 'Held', ja: '保留' },
  approve: { en: 'Waits for approval', ja: '承認待ち' },
  reject: { en: 'Refused', ja: '却下' },
  discard: { en: 'Discarded', ja: '破棄' },
  defer: { en: 'Inspected again later', ja: '後ほど再検査' },
};

const REASON_CHARS_MAX = 900;

/** Why, in plain words. */
export function reasonOf(ruling: Ruling | null): Wording {
  if (ruling === null) return { en: 'No rule holds for it.', ja: '該当するルールはありません。' };
  const { decision, rule, description } = ruling;
  const causes = toldCauses(ruling);
  const verb = VERBS[decision.kind];
  const en = [
    `${verb.en}${rule === null ? '' : ` by the rule “${rule}”`}${because(causes.map((cause) => cause.en))}.`,
    ...(description === null ? [] : [description.en]),
  ];
  const ja = [
    `${rule === null ? verb.ja : `ルール「${rule}」により${verb.ja}`}${causes.length === 0 ? '' : `：${causes.map((cause) => cause.ja).join('、')}`}。`,
    ...(description === null ? [] : [description.ja]),
  ];
  return { en: shown(en.join(' ')), ja: shown(ja.join('')) };
}

function toldCauses({ causes, notes }: Ruling): Wording[] {
  const strong = causes.filter(({ weak }) => weak !== true);
  const told = (strong.length > 0 ? strong : causes).slice(0, CAUSES_MAX).map(({ text }) => text);
  const once = new Map([...told, ...notes.slice(0, CAUSES_MAX)].map((text) => [text.en, text]));
  return [...once.values()];
}

function because(causes: readonly string[]): string {
  if (causes.length === 0) return '';
  const last = causes.at(-1) ?? '';
  const head = causes.slice(0, -1).join(', ');
  return `, because ${head === '' ? last : `${head} and ${last}`}`;
}

// One line of a notice or a reply, whatever stands in names of rules and addresses.
function shown(text: string): string {
  const plain = text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, ' ');
  return plain.length <= REASON_CHARS_MAX ? plain : `${plain.slice(0, REASON_CHARS_MAX - 1)}…`;
}
