/** `when` and `unless` of a rule. */
import { z } from 'zod';
import { closed, either, oneOf, readBy } from '#/codec/forms/index.ts';
import { type Ask, DETECTORS, type DetectorName, FILE_TYPES, type Question, SCOPES, type Scope } from '../asks.ts';
import { asSet, canonical } from '../canonical.ts';
import { ALTERNATIVES_MAX, LIST_MAX, PATTERNS_MAX, WORD_CHARS_MAX, WORDS_MAX } from '../limits.ts';
import { faultOfPattern } from '../pattern.ts';
import type { Condition, Range } from '../rule.ts';
import { COUNTS } from '../rule.ts';
import { DICTIONARIES, type DictionaryName } from './dictionaries.ts';
import {
  domainName,
  lack,
  mistake,
  octets,
  on,
  onOff,
  rangeOf,
  recipientSelector,
  senderSelector,
  setOf,
  whole,
} from './kinds.ts';

const ANY: Range = { min: 1, max: null };
const COUNT_MAX = 100_000;

/** An ask under its key. */
export function askOf(question: Question): Ask {
  return { ...question, key: canonical(question) };
}

function asks(question: Question, range: Range = ANY): Condition {
  return { kind: 'ask', ask: askOf(question), range };
}

const counts = rangeOf(whole(0, COUNT_MAX));
const scopes = setOf(oneOf(...SCOPES));
const EVERYWHERE: readonly Scope[] = asSet(SCOPES);

/** Every detector, wherever it looks where a rule does not say. */
export const DETECTOR_ASKS: readonly Ask[] = DETECTORS.map((check) => askOf({ check, in: EVERYWHERE }));

const word = readBy(
  (raw) => (raw.trim() === '' || raw.length > WORD_CHARS_MAX ? null : raw.trim()),
  'word',
  `write up to ${WORD_CHARS_MAX} characters`,
);
const pattern = z.unknown().transform((raw, context): string => {
  if (typeof raw !== 'string' || raw === '')
    return mistake(context, 'A pattern is a text.', "write it in quotes: 'AB-\\d{6}'");
  const fault = faultOfPattern(raw);
  return fault === null
    ? raw
    : mistake(context, fault, 'use the syntax of RE2; it has no look-around and no back references');
});
const words = setOf(word, WORDS_MAX);
const patterns = setOf(pattern, PATTERNS_MAX);
const dictionaries = setOf(oneOf(...(Object.keys(DICTIONARIES) as DictionaryName[])));

const wordsCondition = either<Condition>((raw) => {
  if (typeof raw !== 'object' || Array.isArray(raw))
    return words.transform((list) => asks({ check: 'words', words: list, in: EVERYWHERE }));
  return closed({
    any: words.optional(),
    dictionaries: dictionaries.optional(),
    in: scopes.optional(),
    min: whole(1, COUNT_MAX).optional(),
  }).transform(({ any = [], dictionaries: named = [], in: where = EVERYWHERE, min = 1 }, context) => {
    const list = asSet([...any, ...named.flatMap((name) => DICTIONARIES[name])]);
    if (list.length === 0)
      return lack(context, 'No words are given.', 'add any: [word, …] or dictionaries: [confidential]');
    return asks({ check: 'words', words: list, in: where }, { min, max: null });
  });
});

const patternsCondition = either<Condition>((raw) => {
  if (typeof raw !== 'object' || Array.isArray(raw))
    return patterns.transform((list) => asks({ check: 'pattern', patterns: list, in: EVERYWHERE }));
  return closed({ any: patterns, in: scopes.optional(), min: whole(1, COUNT_MAX).optional() }).transform(
    ({ any, in: where = EVERYWHERE, min = 1 }) =>
      asks({ check: 'pattern', patterns: any, in: where }, { min, max: null }),
  );
});

const HEADER_NAME = /^[!-9;-~]{1,76}$/;
const headerName = readBy(
  (raw) => (HEADER_NAME.test(raw) ? raw.toLowerCase() : null),
  'name of a header field',
  'write it as X-Priority',
);
const header = closed({
  name: headerName,
  exists: onOff.optional(),
  words: words.optional(),
  patterns: patterns.optional(),
}).transform(({ name, exists, words: list = [], patterns: regular = [] }, context): Condition => {
  if (list.length + regular.length === 0) return { kind: 'headerExists', name, exists: exists ?? true };
  if (exists === false)
    return mistake(context, 'A field that is not there holds no words.', 'remove exists, or words and patterns');
  return asks({ check: 'header', name, words: list, patterns: regular });
});

const attachments = either<Condition>((raw) => {
  const none = {
    names: [],
    types: [],
    sizeMin: null,
    encrypted: false,
    macro: false,
    disguised: false,
    dangerous: false,
  };
  if (typeof raw !== 'object') return on.transform(() => asks({ check: 'attachments', traits: none }));
  return closed({
    names: setOf(
      readBy(
        (glob) => (/^[^\p{Cc}]{1,200}$/u.test(glob) ? glob.toLowerCase() : null),
        'file name',
        "write it as '*.docx'",
      ),
    ).optional(),
    types: setOf(oneOf(...FILE_TYPES)).optional(),
    size: closed({ min: octets }).optional(),
    encrypted: on.optional(),
    macro: on.optional(),
    disguised: on.optional(),
    dangerous: on.optional(),
    count: counts.optional(),
  }).transform(
    ({
      names = [],
      types = [],
      size,
      count = ANY,
      encrypted = false,
      macro = false,
      disguised = false,
      dangerous = false,
    }) =>
      asks(
        {
          check: 'attachments',
          traits: { names, types, sizeMin: size?.min ?? null, encrypted, macro, disguised, dangerous },
        },
        count,
      ),
  );
});

/** A phone number alone is a signature; a list of them is data about people. */
const LIST_LENGTHS: Partial<Record<DetectorName, number>> = { phoneList: 10, mailList: 10 };

function detector(name: DetectorName): z.ZodType<Condition> {
  const least = LIST_LENGTHS[name] ?? 1;
  return either<Condition>((raw) => {
    if (typeof raw !== 'object')
      return on.transform(() => asks({ check: name, in: EVERYWHERE }, { min: least, max: null }));
    return closed({ min: whole(1, COUNT_MAX).optional(), in: scopes.optional() }).transform(
      ({ min = least, in: where = EVERYWHERE }) => asks({ check: name, in: where }, { min, max: null }),
    );
  });
}

const detects = closed(
  Object.fromEntries(DETECTORS.map((name) => [name, detector(name).optional()])) as Record<
    DetectorName,
    z.ZodOptional<z.ZodType<Condition>>
  >,
).transform((given, context): Condition[] => {
  const list = Object.values(given).filter((one) => one !== undefined);
  return list.length === 0 ? lack(context, 'No detector is named.', `known here: ${DETECTORS.join(', ')}`) : list;
});

const lookAlike = either<Condition>((raw) =>
  typeof raw === 'object'
    ? closed({ of: setOf(domainName) }).transform(({ of }) => asks({ check: 'lookAlike', of }))
    : on.transform(() => asks({ check: 'lookAlike', of: [] })),
);

const firstTime = either<Condition>((raw) =>
  typeof raw === 'object'
    ? closed({ for: oneOf('sender', 'tenant') }).transform((given) => asks({ check: 'firstTime', whose: given.for }))
    : on.transform(() => asks({ check: 'firstTime', whose: 'sender' })),
);

const UNREAD = ['encrypted', 'damaged', 'too-deep', 'too-large', 'too-many', 'too-slow', 'unknown-format'] as const;
const unread = either<Condition>((raw) =>
  raw === true || raw === 'on'
    ? on.transform(() => ({ kind: 'unread', why: asSet(UNREAD) }))
    : setOf(oneOf(...UNREAD)).transform((why) => ({ kind: 'unread', why })),
);

const percent = readBy((raw) => percentOf(raw), 'share', 'write it as 60%');

function percentOf(raw: string): number | null {
  const value = /^\d{1,3}%$/.test(raw) ? Number(raw.slice(0, -1)) : Number.NaN;
  return value >= 10 && value <= 100 ? value / 100 : null;
}

const documents = either<Condition>((raw) =>
  typeof raw === 'object'
    ? closed({ similarity: percent }).transform(({ similarity }) => asks({ check: 'fingerprint', similarity }))
    : on.transform(() => asks({ check: 'fingerprint', similarity: 0.5 })),
);

const HOOK_NAME = /^[a-z][a-z0-9-]{0,31}$/;
const hookNames = setOf(
  readBy((raw) => (HOOK_NAME.test(raw) ? raw : null), 'name of a check', 'write a name of checks in holdfast.yaml'),
);
const SCORE_MAX = 1_000;

const hooks = either<Condition>((raw) =>
  typeof raw !== 'object' || Array.isArray(raw)
    ? hookNames.transform((names) => asks({ check: 'hook', names, scoreMin: null }))
    : closed({ any: hookNames, score: closed({ min: whole(1, SCORE_MAX) }) }).transform(({ any, score }) =>
        asks({ check: 'hook', names: any, scoreMin: score.min }),
      ),
);

function one<Raw>(schema: z.ZodType<Raw>, condition: (value: Raw) => Condition): z.ZodOptional<z.ZodType<Condition[]>> {
  return schema.transform((value) => [condition(value)]).optional();
}

const same = (condition: Condition): Condition => condition;

const shape = {
  direction: one(setOf(oneOf('outbound', 'internal', 'inbound')), (of) => ({ kind: 'direction', of })),
  recipients: one(setOf(recipientSelector, LIST_MAX), (of) => ({ kind: 'recipients', of })),
  senders: one(setOf(senderSelector, LIST_MAX), (of) => ({ kind: 'senders', of })),
  ...(Object.fromEntries(COUNTS.map((of) => [of, one(counts, (range) => ({ kind: 'count', of, range }))])) as Record<
    (typeof COUNTS)[number],
    z.ZodOptional<z.ZodType<Condition[]>>
  >),
  size: one(rangeOf(octets), (range) => ({ kind: 'size', range })),
  freeMail: one(on, () => asks({ check: 'freeMail' })),
  lookAlike: one(lookAlike, same),
  firstTime: one(firstTime, same),
  subject: one(closed({ empty: on }), () => ({ kind: 'emptySubject' })),
  headers: z.array(header).min(1).max(ALTERNATIVES_MAX).optional() as unknown as z.ZodOptional<z.ZodType<Condition[]>>,
  words: one(wordsCondition, same),
  patterns: one(patternsCondition, same),
  attachments: one(attachments, same),
  detects: detects.optional() as z.ZodOptional<z.ZodType<Condition[]>>,
  documents: one(documents, same),
  hooks: one(hooks, same),
  unread: one(unread, same),
};

function flat(given: Readonly<Record<string, readonly Condition[] | undefined>>): Condition[] {
  return asSet(Object.values(given).flatMap((list) => list ?? []));
}

const inner = closed(shape).transform(flat);
const alternatives = z.array(inner).min(1).max(ALTERNATIVES_MAX);

/** All of them must hold. */
export const conditions: z.ZodType<Condition[]> = closed({
  ...shape,
  any: one(alternatives, (of) => ({ kind: 'any', of: asSet(of) })),
}).transform(flat);

/** One map, or a list of which one must hold. A map that asks nothing would take the rule away. */
export const exceptions: z.ZodType<Condition[][]> = either<Condition[][]>((raw) =>
  (Array.isArray(raw) ? alternatives : inner.transform((only) => [only])).transform((lists, context) =>
    lists.some((list) => list.length === 0)
      ? mistake(
          context,
          'An exception without conditions takes the whole rule away.',
          'name conditions, or remove unless',
        )
      : asSet(lists),
  ),
);
