/**
 * Rules as files have them → rules as they decide. All mistakes of all rules at once, each with its place and what to write instead. What was
 * read is never written back: files, registry and export keep the text as its owner wrote it.
 */
import { z } from 'zod';
import { closed, either, oneOf } from '#/codec/forms/index.ts';
import { RULES_MAX } from '../limits.ts';
import { PRESETS, type PresetName } from '../presets.ts';
import { ABSENCE_POLICIES, type Rule } from '../rule.ts';
import { action } from './action.ts';
import { conditions, exceptions } from './conditions.ts';
import { line, onOff } from './kinds.ts';

/** A rule as its owner wrote it. */
export type RuleText = { readonly name: string } & Readonly<Record<string, unknown>>;

const description = either<{ en: string; ja: string }>((raw) =>
  typeof raw === 'string' ? line.transform((text) => ({ en: text, ja: text })) : closed({ en: line, ja: line }),
);

const written = closed({
  name: line,
  description: description.optional(),
  when: conditions.optional(),
  unless: exceptions.optional(),
  action,
  continue: onOff.optional(),
  absence: oneOf(...ABSENCE_POLICIES).optional(),
  disabled: onOff.optional(),
}).transform((raw): Rule[] => {
  if (raw.disabled === true) return [];
  return [
    {
      name: raw.name,
      description: raw.description ?? null,
      when: raw.when ?? [],
      unless: raw.unless ?? [],
      action: raw.action,
      goOn: raw.continue ?? false,
      absence: raw.absence ?? null,
    },
  ];
});

const preset = closed({
  name: line,
  use: oneOf(...(Object.keys(PRESETS) as PresetName[])),
  disabled: onOff.optional(),
}).transform(({ name, use, disabled }): Rule[] => {
  if (disabled === true) return [];
  return PRESETS[use].flatMap((rule) => written.parse({ ...rule, name: `${name}: ${rule.name}` }));
});

/** One entry of `policies:`, which may stand for several rules or, disabled, for none. */
const entry = either<Rule[]>((raw) => (typeof raw === 'object' && raw !== null && 'use' in raw ? preset : written));

/** For files: checks an entry and gives it back as it was written. */
export const ruleText: z.ZodType<RuleText> = z.unknown().transform((raw, context): RuleText => {
  const parsed = entry.safeParse(raw);
  if (parsed.success) return raw as RuleText;
  for (const issue of parsed.error.issues) context.issues.push({ ...issue, input: raw } as z.core.$ZodRawIssue);
  return z.NEVER;
});

/** For files: a whole list. */
export const ruleTexts: z.ZodType<RuleText[]> = z.array(ruleText).max(RULES_MAX);

/** A rule, and which entry of its owner's list it came from. */
export interface ReadRule {
  readonly rule: Rule;
  readonly entry: number;
}

/** Rules of one owner, in their order. @throws ZodError for what `ruleTexts` does not accept. */
export function readRules(texts: readonly unknown[]): ReadRule[] {
  return texts.flatMap((text, i) => entry.parse(text).map((rule) => ({ rule, entry: i })));
}
