/**
 * Signatures as files have them → rules as they are carried out. All mistakes at once, each with its place and what to write instead. What was read is never
 * written back: files, registry and export keep the text as its owner wrote it.
 */
import { z } from 'zod';
import { closed, either, oneOf, readBy, show } from '#/codec/forms/index.ts';
import { line, mistake, onOff, recipientSelector, senderSelector, setOf } from '#/policy/index.ts';
import { faultsOfHtml } from './html-check.ts';
import { PLACES, type SignatureCondition, type SignatureImage, type SignatureRule } from './rule.ts';
import { type CompiledTemplate, compileHtml, compileText } from './template.ts';

/** A signature as its owner wrote it. */
export type SignatureText = { readonly name: string } & Readonly<Record<string, unknown>>;

const SIGNATURES_MAX = 200;
const KEYWORDS_MAX = 100;
const EXCEPTIONS_MAX = 20;
/** Octets of all pictures of one signature, as base64: they go with each mail, and stand with each mail that waits. */
const IMAGES_CHARS_MAX = 65_536;

const day = readBy(
  (raw) => (/^\d{4}-\d{2}-\d{2}$/.test(raw) && !Number.isNaN(Date.parse(`${raw}T00:00:00Z`)) ? raw : null),
  'day',
  'write it as 2026-12-31',
);

const attributes = z.unknown().transform((raw, context): Record<string, string[]> => {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    return mistake(context, `${show(raw)} is no map of attributes.`, 'write { department: Sales }');
  const read = Object.entries(raw).map(([name, texts]): [string, string[]] => {
    const parsed = setOf(line).safeParse(texts);
    for (const issue of parsed.error?.issues ?? [])
      context.issues.push({ ...issue, input: texts, path: [name, ...issue.path] });
    return [name, parsed.data ?? []];
  });
  return Object.fromEntries(read);
});

const condition: z.ZodType<SignatureCondition> = closed({
  senders: setOf(senderSelector).optional(),
  recipients: setOf(recipientSelector).optional(),
  attributes: attributes.optional(),
  keywords: setOf(line, KEYWORDS_MAX).optional(),
  mail: oneOf('first', 'reply').optional(),
  from: day.optional(),
  until: day.optional(),
}).transform((raw, context) => {
  if (raw.from !== undefined && raw.until !== undefined && raw.from > raw.until)
    return mistake(context, `Nothing is from ${raw.from} to ${raw.until}.`, 'exchange from and until');
  return raw;
});

const exceptions = either<SignatureCondition[]>((raw) =>
  Array.isArray(raw) ? z.array(condition).max(EXCEPTIONS_MAX) : condition.transform((one) => [one]),
);

const html = z.unknown().transform((raw, context): CompiledTemplate => {
  if (typeof raw !== 'string') return mistake(context, `${show(raw)} is no text.`, 'write HTML');
  for (const { message, remedy } of faultsOfHtml(raw)) mistake(context, message, remedy);
  return compiled(raw, compileHtml, context);
});

const text = z.unknown().transform((raw, context): CompiledTemplate => {
  if (typeof raw !== 'string') return mistake(context, `${show(raw)} is no text.`, 'write plain text');
  return compiled(raw, compileText, context);
});

function compiled(
  raw: string,
  compile: (template: string) => CompiledTemplate,
  context: z.core.$RefinementCtx<unknown>,
): CompiledTemplate {
  try {
    return compile(raw);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return mistake(
      context,
      `The template can't be read: ${why}.`,
      'write {{ displayName }}, {% if phone %} … {% endif %}',
    );
  }
}

const IMAGE = /^data:(image\/(?:png|jpeg|gif));base64,([A-Za-z0-9+/\s]+={0,2}\s*)$/;

/** A picture written as a `data:` address; null where it is none that mail programs show. */
export function signatureImage(raw: string): SignatureImage | null {
  const [, type, base64] = IMAGE.exec(raw) ?? [];
  if (base64 === undefined || base64.length > IMAGES_CHARS_MAX) return null;
  return { type: type as SignatureImage['type'], base64: base64.replace(/\s+/g, '') };
}

const image = readBy(signatureImage, 'image of at most 48 KiB', 'write data:image/png;base64,… (PNG, JPEG or GIF)');

const images = z
  .record(z.string().regex(/^[a-z][a-z0-9-]{0,31}$/), image)
  .transform((raw, context): ReadonlyMap<string, SignatureImage> => {
    const size = Object.values(raw).reduce((sum, { base64 }) => sum + base64.length, 0);
    if (size > IMAGES_CHARS_MAX)
      return mistake(
        context,
        `The images take ${size} characters of base64.`,
        `keep them within ${IMAGES_CHARS_MAX}, or link them by https://…`,
      );
    return new Map(Object.entries(raw));
  });

const entry: z.ZodType<SignatureRule[]> = closed({
  name: line,
  description: line.optional(),
  when: condition.optional(),
  unless: exceptions.optional(),
  place: oneOf(...PLACES).optional(),
  html: html.optional(),
  text: text.optional(),
  images: images.optional(),
  continue: onOff.optional(),
  disabled: onOff.optional(),
}).transform((raw, context): SignatureRule[] => {
  if (raw.html === undefined && raw.text === undefined)
    return context.issues.length > 0
      ? z.NEVER
      : mistake(context, 'It has neither html nor text.', 'add html: or text:');
  if (raw.disabled === true) return [];
  return [
    {
      name: raw.name,
      when: raw.when ?? {},
      unless: raw.unless ?? [],
      place: raw.place ?? 'below-latest-reply',
      goOn: raw.continue ?? false,
      html: raw.html ?? null,
      text: raw.text ?? null,
      images: raw.images ?? new Map(),
    },
  ];
});

/** For files: checks a signature and gives it back as it was written. */
const signatureText: z.ZodType<SignatureText> = z.unknown().transform((raw, context): SignatureText => {
  const parsed = entry.safeParse(raw);
  if (parsed.success) return raw as SignatureText;
  for (const issue of parsed.error.issues) context.issues.push({ ...issue, input: raw } as z.core.$ZodRawIssue);
  return z.NEVER;
});

/** For files: a whole list. */
export const signatureTexts: z.ZodType<SignatureText[]> = z.array(signatureText).max(SIGNATURES_MAX);

/** Signatures in their order, those that are disabled left out. @throws ZodError for what `signatureTexts` does not accept. */
export function readSignatures(texts: readonly unknown[]): readonly SignatureRule[] {
  return texts.flatMap((one) => entry.parse(one));
}
