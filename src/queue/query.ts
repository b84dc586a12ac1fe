/**
 * The language of `trace` and `queue`: words `key:value` and one free word (a queue ID, a Message-ID or an address). Text in, a
 * filter or a clear refusal out. Pure.
 */
import {
  type DestinationKey,
  type HeldReason,
  isMailId,
  RECIPIENT_STATES,
  type RecipientState,
  type TenantId,
} from '#/model/index.ts';
import { Refusal, type TraceQuery } from '#/ports/index.ts';

/** When a query is read, and in which zone a bare time is meant. */
export interface QueryContext {
  /** Wall-clock ms. */
  readonly now: number;
  /** IANA name, of the tenant where one is named; else of the machine. */
  readonly timezone: string;
}

type Conditions = { -readonly [K in keyof TraceQuery]: TraceQuery[K] };

const KEYS = ['from', 'to', 'subject', 'state', 'reason', 'destination', 'since', 'until', 'tenant'] as const;
type Key = (typeof KEYS)[number];

const HELD_REASONS: readonly HeldReason[] = [
  'outbound off',
  'no local delivery',
  'operator',
  'stopped by sender',
  'set-aside',
  'restored',
  'policy',
];

/** Longest query; more is a mistake, such as a pasted mail. */
const QUERY_MAX = 2_000;

/** Reads a query; throws a `Refusal` that says what is wrong and what is understood. Values with spaces stand in double quotes. */
export function parseQuery(text: string, context: QueryContext): TraceQuery {
  if (text.length > QUERY_MAX) throw refuse('The query is too long.', '検索の語が長すぎます。');
  const query: Conditions = {};
  for (const word of wordsOf(text)) {
    const colon = word.indexOf(':');
    const key = colon < 1 ? undefined : KEYS.find((known) => known === word.slice(0, colon).toLowerCase());
    if (key === undefined) freeWord(query, word);
    else condition(query, key, word.slice(colon + 1), context);
  }
  return query;
}

/** Ends of a span in a query: `2h` (ago), RFC 3339, or a date or time in the zone. Wall-clock ms. */
export function parseTime(text: string, { now, timezone }: QueryContext): number {
  const ago = /^(\d{1,6})(s|m|h|d|w)$/.exec(text);
  if (ago !== null) return now - Number(ago[1]) * UNITS[ago[2] as keyof typeof UNITS];
  if (/(z|[+-]\d\d:\d\d)$/i.test(text) && text.includes(':')) {
    const at = Date.parse(text);
    if (Number.isFinite(at)) return at;
  }
  try {
    return bareTime(text.replace(' ', 'T'), now, timezone);
  } catch {
    throw refuse(
      `"${text}" is not a time.`,
      `「${text}」は日時として読めません。例: 2h、2026-11-21、09:00`,
      'Use 2h, 2026-11-21, 2026-11-21T09:00, 09:00 or 2026-11-21T09:00:00+09:00.',
    );
  }
}

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

function bareTime(text: string, now: number, timezone: string): number {
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timezone).toPlainDate();
  const whole = /^\d\d:\d\d/.test(text) ? `${today.toString()}T${text}` : text;
  return Temporal.PlainDateTime.from(whole).toZonedDateTime(timezone).epochMilliseconds;
}

function condition(query: Conditions, key: Key, value: string, context: QueryContext): void {
  if (value === '') throw refuse(`"${key}:" has no value.`, `「${key}:」の後に値を入力してください。`);
  switch (key) {
    case 'state':
      query.state = oneOf(value, Object.keys(RECIPIENT_STATES) as RecipientState[], 'state');
      break;
    case 'reason':
      query.reason = oneOf(value, HELD_REASONS, 'reason');
      break;
    case 'since':
    case 'until':
      query[key] = parseTime(value, context);
      break;
    case 'tenant':
      query.tenant = value as TenantId;
      break;
    case 'destination':
      query.destination = value as DestinationKey;
      break;
    case 'from':
    case 'to':
    case 'subject':
      query[key] = value;
      break;
  }
}

function oneOf<T extends string>(value: string, known: readonly T[], what: string): T {
  const found = known.find((each) => each === value.toLowerCase());
  if (found === undefined)
    throw refuse(
      `"${value}" is not a ${what}.`,
      `「${value}」は使えません。使えるのは ${known.join('、')} です。`,
      `There are: ${known.join(', ')}.`,
    );
  return found;
}

function freeWord(query: Conditions, word: string): void {
  if (query.ids !== undefined || query.messageId !== undefined || query.address !== undefined) {
    throw refuse(`"${word}" is one word too many.`, `「${word}」は余分な語です。`);
  }
  const upper = word.toUpperCase();
  const unknown = /^([\w-]+):/.exec(word);
  if (unknown !== null)
    throw refuse(`"${unknown[1]}:" is not known.`, `「${unknown[1]}:」という検索の語はありません。`);
  if (isMailId(upper)) query.ids = [upper];
  else if (/^<.*>$/.test(word)) query.messageId = word;
  else if (word.includes('@')) query.address = word;
  else
    throw refuse(
      `"${word}" is neither a queue ID nor a Message-ID nor an address.`,
      `「${word}」は検索の語として読めません。`,
    );
}

/** Words, with double quotes around what has spaces. */
function wordsOf(text: string): string[] {
  const words = text.match(/(?:[^\s"]+|"[^"]*"?)+/g) ?? [];
  return words.map((word) => word.replaceAll('"', ''));
}

function refuse(
  what: string,
  ja: string,
  hint = `A query is a queue ID, a Message-ID, an address, or ${KEYS.join(': ')}: with values.`,
): Refusal {
  return new Refusal(2, `${what} ${hint}`, ja);
}
