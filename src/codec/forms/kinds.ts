/** Schemas of what people write into files. A wrong value is answered with what to write instead, in `params.remedy`. */
import { z } from 'zod';
import { suggestion } from './suggest.ts';

/** A value read from a text by `read`; `remedy` says what a right one looks like. */
export function readBy<Value>(read: (text: string) => Value | null, what: string, remedy: string): z.ZodType<Value> {
  return z.unknown().transform((raw, context) => {
    const value = typeof raw === 'string' ? read(raw) : null;
    if (value !== null) return value;
    const message = raw === undefined ? 'It is missing.' : `${show(raw)} is no ${what}.`;
    context.addIssue({ code: 'custom', message, params: { remedy } });
    return z.NEVER;
  });
}

/** How a wrong value is shown: short, on one line. */
export function show(raw: unknown): string {
  if (raw === null || raw === undefined) return 'Nothing';
  if (typeof raw === 'object') return Array.isArray(raw) ? 'A list' : 'A map';
  const text = JSON.stringify(raw) ?? 'This';
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** A choice of words, with the nearest one named where none fits. */
export function oneOf<Word extends string>(...words: readonly Word[]): z.ZodType<Word> {
  return z.unknown().transform((raw, context) => {
    const hit = words.find((word) => word === raw);
    if (hit !== undefined) return hit;
    const remedy = suggestion(typeof raw === 'string' ? raw : '', words);
    context.addIssue({ code: 'custom', message: `${show(raw)} is not known here.`, params: { remedy } });
    return z.NEVER;
  });
}

/** A map that knows its keys: any other key is named, with the one that was likely meant. `findings.ts` reads the keys off the message. */
export function closed<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const keys = Object.keys(shape).join(', ');
  return z.strictObject(shape, { error: (issue) => (issue.code === 'unrecognized_keys' ? keys : undefined) });
}

/** A value whose form decides how it is read. Not a union: its answer would be "no such form" instead of the word that was meant. */
export function either<Value>(choose: (raw: unknown) => z.ZodType<Value>): z.ZodType<Value> {
  return z.unknown().transform((raw, context): Value => {
    const parsed = choose(raw).safeParse(raw);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) context.issues.push({ ...issue, input: raw } as z.core.$ZodRawIssue);
    return z.NEVER;
  });
}
