/** What people write into an incident: schemas of operations, and how it becomes the facts of an entry. */
import { z } from 'zod';
import { parseDuration } from '#/codec/forms/index.ts';
import {
  ATTRIBUTIONS,
  COMPONENT_STATES,
  IMPACTS,
  type IncidentFacts,
  type TenantId,
  type Wording,
} from '#/model/index.ts';
import { Refusal } from '#/ports/index.ts';
import { INCIDENT_LIMITS } from './limits.ts';

const { titleCharsMax, textCharsMax, storyCharsMax, componentsMax, tenantsMax } = INCIDENT_LIMITS;

/** A text in one language, whichever it is, or in both. */
function wording(charsMax: number) {
  const text = z.string().max(charsMax);
  const both = z.strictObject({ en: text.default(''), ja: text.default('') });
  return z.union([text, both]);
}

/** A time, RFC 3339 with offset, or a duration: before now for what has been, from now on for what is to come. */
const moment = z.string().max(40);

export const INCIDENT_ID = z.string().regex(/^\d{8}-\d{2,3}$/, 'an incident is named like 20261130-01');

/** Names of components; others than these would be no words of anybody's. */
const component = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._:-]{0,99}$/, 'a component is named like delivery or mailboxes.imap');

const states = z
  .record(component, z.enum(COMPONENT_STATES))
  .refine((given) => Object.keys(given).length <= componentsMax, `at most ${componentsMax} components`);

/** Fields that any entry may set. */
export const FACTS = {
  title: wording(titleCharsMax).optional(),
  /** What people are told. */
  text: wording(textCharsMax).optional(),
  /** All that are affected, each with the state that is told of it. */
  components: states.optional(),
  /** Null: by the components. */
  impact: z.enum(IMPACTS).nullable().optional(),
  attribution: z.enum(ATTRIBUTIONS).nullable().optional(),
  /** What users can do; null takes it back. */
  advice: wording(textCharsMax).nullable().optional(),
  /** By when more is told at the latest; null promises nothing. */
  nextUpdate: moment.nullable().optional(),
  /** What is still felt after the end. */
  tail: wording(textCharsMax).nullable().optional(),
  /** When users began and ceased to feel it. */
  startedAt: moment.optional(),
  endedAt: moment.nullable().optional(),
  detectedAt: moment.optional(),
  /** Whose contacts are mailed; null: those of all tenants. */
  tenants: z.array(z.string().max(100)).max(tenantsMax).nullable().optional(),
  /** The time that this entry is about, where it is written later. */
  about: moment.optional(),
} as const;

export const STORY = {
  cause: wording(storyCharsMax).nullable().optional(),
  measures: wording(storyCharsMax).nullable().optional(),
} as const;

const given = z.strictObject({ ...FACTS, ...STORY });
export type GivenFacts = z.output<typeof given>;
type GivenWording = z.output<ReturnType<typeof wording>>;

/** As an entry has them; `now` is wall-clock ms. Refuses times that can't be meant. */
export function factsOf(input: GivenFacts, now: number): IncidentFacts & { readonly about?: number } {
  const { title, text, components, impact, attribution, advice, nextUpdate, tail, cause, measures } = input;
  return {
    ...set('title', title, wordingOf),
    ...set('text', text, wordingOf),
    ...set('components', components, (value) => value),
    ...set('impact', impact, (value) => value),
    ...set('attribution', attribution, (value) => value),
    ...set('advice', advice, orNull(wordingOf)),
    ...set('tail', tail, orNull(wordingOf)),
    ...set('cause', cause, orNull(wordingOf)),
    ...set('measures', measures, orNull(wordingOf)),
    ...set(
      'nextUpdateAt',
      nextUpdate,
      orNull((value) => comingTime(value, now)),
    ),
    ...set('startedAt', input.startedAt, (value) => pastTime(value, now)),
    ...set(
      'endedAt',
      input.endedAt,
      orNull((value) => pastTime(value, now)),
    ),
    ...set('detectedAt', input.detectedAt, (value) => pastTime(value, now)),
    ...set(
      'tenants',
      input.tenants,
      orNull((value) => value.map((one) => one as TenantId)),
    ),
    ...set('about', input.about, (value) => pastTime(value, now)),
  };
}

function set<Key extends string, From, To>(
  key: Key,
  value: From | undefined,
  read: (value: From) => To,
): { readonly [K in Key]?: To } {
  return (value === undefined ? {} : { [key]: read(value) }) as { readonly [K in Key]?: To };
}

function orNull<From, To>(read: (value: From) => To): (value: From | null) => To | null {
  return (value) => (value === null ? null : read(value));
}

const JAPANESE = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u;

/** A text alone is in the language whose letters it has. */
export function wordingOf(value: GivenWording): Wording {
  const { en, ja } =
    typeof value !== 'string' ? value : JAPANESE.test(value) ? { en: '', ja: value } : { en: value, ja: '' };
  return { en: tidied(en), ja: tidied(ja) };
}

/** Lines stay; other controls, and marks that turn letters around them, go. */
function tidied(text: string): string {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[^\S\n]+$/gm, '')
    .replaceAll(/(?!\n)\p{Cc}|[\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, ' ')
    .trim()
    .toWellFormed();
}

/** A time that has been. */
export function pastTime(text: string, now: number): number {
  const at = timeNamed(text, now, -1);
  if (at > now) throw new Refusal(2, `${text} is still to come. Name a time that has been, or how long ago, as 25m.`);
  if (at < now - INCIDENT_LIMITS.backMs) throw new Refusal(2, `${text} is too long ago to be meant.`);
  return at;
}

/** A time that is to come. */
export function comingTime(text: string, now: number): number {
  const at = timeNamed(text, now, 1);
  if (at <= now) throw new Refusal(2, `${text} is past. Name a time to come, or how long from now, as 30m.`);
  if (at > now + INCIDENT_LIMITS.aheadMs) throw new Refusal(2, `${text} is too far ahead to be meant.`);
  return at;
}

function timeNamed(text: string, now: number, sign: 1 | -1): number {
  const ms = parseDuration(text);
  if (ms !== null) return now + sign * ms;
  if (z.iso.datetime({ offset: true }).safeParse(text).success) return Date.parse(text);
  throw new Refusal(2, `'${text}' is no time. Write it as 2026-11-30T12:07:00+09:00, or a duration as 25m.`);
}
