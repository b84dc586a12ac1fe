/** The kinds of values that rules are written with. */
import { z } from 'zod';
import { formatDuration, parseDuration, parseSize, readBy, show } from '#/codec/forms/index.ts';
import { parseDomain, parseMailAddress } from '#/codec/smtp/index.ts';
import { asSet } from '../canonical.ts';
import { LIST_MAX, TEXT_CHARS_MAX, WAIT_MAX } from '../limits.ts';
import type { Range, Selector } from '../rule.ts';

/** A mistake with what to write instead. */
export function mistake(context: z.core.$RefinementCtx<unknown>, message: string, remedy: string): never {
  context.addIssue({ code: 'custom', message, params: { remedy } });
  return z.NEVER;
}

/** The same where nothing else is wrong with the map: an unknown key is told by itself, and what it was meant for is then not missing. */
export function lack(context: z.core.$RefinementCtx<unknown>, message: string, remedy: string): never {
  return context.issues.length > 0 ? z.NEVER : mistake(context, message, remedy);
}

/** One line for people. */
export const line: z.ZodType<string> = readBy(
  (raw) =>
    raw.trim() === '' || raw.length > TEXT_CHARS_MAX || /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(raw)
      ? null
      : raw,
  'text on one line',
  `write up to ${TEXT_CHARS_MAX} characters without line ends`,
);

/** `on` where something is asked for; what is not asked for is left out. */
export const on: z.ZodType<true> = z.unknown().transform((raw, context): true => {
  if (raw === true || raw === 'on' || raw === 'true') return true;
  return mistake(context, `${show(raw)} is not on.`, 'write on, or leave the key out');
});

/** Either of two. */
export const onOff: z.ZodType<boolean> = z.unknown().transform((raw, context): boolean => {
  if (raw === true || raw === 'on' || raw === 'true') return true;
  if (raw === false || raw === 'off' || raw === 'false') return false;
  return mistake(context, `${show(raw)} is neither on nor off.`, 'write on or off');
});

/** A whole number between two. */
export function whole(min: number, max: number): z.ZodType<number> {
  return z.unknown().transform((raw, context): number => {
    if (typeof raw === 'number' && Number.isInteger(raw) && raw >= min && raw <= max) return raw;
    return mistake(context, `${show(raw)} is no whole number in range.`, `choose ${min} to ${max}`);
  });
}

/** A wait in ms, within `WAIT_MAX`. */
export const wait: z.ZodType<number> = readBy(
  parseDuration,
  'duration',
  'write a number and its unit, such as 15m, 4h or 10d',
).refine((ms) => ms >= 1_000 && ms <= (parseDuration(WAIT_MAX) ?? 0), {
  error: ({ input }) => `${formatDuration(Number(input))} is out of range.`,
  params: { remedy: `choose 1s to ${WAIT_MAX}` },
});

export const octets: z.ZodType<number> = readBy(
  parseSize,
  'size',
  'write a number and its unit, such as 10MB or 512KiB',
);

export const address = readBy(parseMailAddress, 'mail address', 'write it as name@domain');
export const domainName = readBy(parseDomain, 'domain', 'write a name such as example.test');

/** One item, or a list of them: a set. */
export function setOf<Item>(item: z.ZodType<Item>, most: number = LIST_MAX): z.ZodType<Item[]> {
  return z.unknown().transform((raw, context): Item[] => {
    const list = Array.isArray(raw) ? raw : [raw];
    if (list.length === 0 || list.length > most)
      return mistake(context, list.length === 0 ? 'The list is empty.' : 'The list is too long.', `give 1 to ${most}`);
    const items = list.map((one, i) => itemOf(item, one, Array.isArray(raw) ? [i] : [], context));
    return items.some((one) => one === undefined) ? z.NEVER : asSet(items as Item[]);
  });
}

function itemOf<Item>(
  item: z.ZodType<Item>,
  raw: unknown,
  path: readonly number[],
  context: z.core.$RefinementCtx<unknown>,
): Item | undefined {
  const parsed = item.safeParse(raw);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues)
    context.issues.push({ ...issue, input: raw, path: [...path, ...issue.path] } as z.core.$ZodRawIssue);
  return undefined;
}

/** `{ min: 3 }`, `{ max: 9 }` or both, of `end`s. */
export function rangeOf(end: z.ZodType<number>): z.ZodType<Range> {
  return z
    .strictObject(
      { min: end.optional(), max: end.optional() },
      { error: (issue) => (issue.code === 'unrecognized_keys' ? 'min, max' : undefined) },
    )
    .transform(({ min = null, max = null }, context): Range => {
      if (min === null && max === null)
        return mistake(context, 'A range needs an end.', 'write { min: 3 }, { max: 9 } or both');
      if (min !== null && max !== null && min > max)
        return mistake(context, `Nothing is from ${min} to ${max}.`, 'exchange min and max');
      return { min, max };
    });
}

const SELECTOR = "write an address, '*@example.test', '*@*.example.test'";

/** Who sends: addresses, domains, `group:NAME`, `role:NAME`, `relay:NAME`. */
export const senderSelector: z.ZodType<Selector> = readBy(
  (raw) => named(raw, ['group', 'role', 'relay']) ?? byAddress(raw),
  'sender',
  `${SELECTOR}, group:NAME, role:NAME or relay:NAME`,
);

/** Whom it reaches: addresses, domains, `group:NAME`, `external`, `internal`. */
export const recipientSelector: z.ZodType<Selector> = readBy(
  (raw) =>
    raw === 'external' || raw === 'internal' ? { kind: 'side', side: raw } : (named(raw, ['group']) ?? byAddress(raw)),
  'recipient',
  `${SELECTOR}, group:NAME, external or internal`,
);

function named(raw: string, kinds: readonly ('group' | 'role' | 'relay')[]): Selector | null {
  const kind = kinds.find((one) => raw.startsWith(`${one}:`));
  const name = raw.slice(raw.indexOf(':') + 1).trim();
  return kind === undefined || name === '' ? null : { kind, name };
}

function byAddress(raw: string): Selector | null {
  const [, below, domain] = /^\*@(\*\.)?([^*@\s]+)$/.exec(raw) ?? [];
  if (domain !== undefined) {
    const parsed = parseDomain(domain);
    return parsed === null ? null : { kind: 'domain', domain: parsed, below: below !== undefined };
  }
  const parsed = parseMailAddress(raw);
  return parsed === null ? null : { kind: 'address', address: parsed.toLowerCase() };
}
