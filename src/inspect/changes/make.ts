/**
 * A mail as its changes want it. Each change becomes edits of places in the octets as accepted; what no edit names comes out octet for octet:
 * boundaries, parts in 8 bit, encodings and signatures of other parts stay what they are.
 *
 * What must never happen: a throw for what a mail holds; half of the changes; a change inside of something signed.
 */
import { type Part, readStructure, type Structure } from '#/codec/mime/index.ts';
import { type Change, changesContent, type Wording } from '#/model/index.ts';
import type { LinkTokens, Variant, VariantRecipient, Variants } from '#/ports/index.ts';
import { type Edit, edited } from './edits.ts';
import { entryOf, headerEdits, removed, requireWhole } from './header.ts';
import { Impossible, TOO_LARGE, UNKNOWN } from './impossible.ts';
import { linkEdits, linkText, notePart } from './links.ts';
import { type PlacedPart, placedParts } from './parts.ts';
import { redacted } from './redact.ts';
import { fieldsFor, stripped } from './strip.ts';

/** A mail that is changed is in memory as a whole; the largest that an installation usually takes fits. */
const CONTENT_BYTES_MAX = 64 * 1024 * 1024;

type Strip = Extract<Change, { kind: 'stripAttachments' }>;

const UNMADE: ReadonlySet<Change['kind']> = new Set(['encryptZip']);

/** What stands where an attachment was, where the rule has no text of its own. */
export const STRIPPED_TEXT: Readonly<Record<'en' | 'ja', string>> = {
  en: 'An attachment was removed by a rule of the sending company.',
  ja: '添付ファイルは送信元の会社のルールにより削除されました。',
};

/** `tokens` are those of secure downloads; without them no mail is made that has a link. */
export function mailVariants(tokens: LinkTokens | null): Variants {
  return { make: (content, changes, recipient) => make(content, changes, { recipient, tokens }) };
}

interface Reader {
  readonly recipient: VariantRecipient;
  readonly tokens: LinkTokens | null;
}

function make(content: Buffer, changes: readonly Change[], reader: Reader): Variant {
  if (!changesContent(changes)) return { kind: 'made', chunks: [content] };
  try {
    return { kind: 'made', chunks: edited(content, editsFor(content, changes, reader)) };
  } catch (error) {
    return { kind: 'impossible', why: reasonOf(error) };
  }
}

function editsFor(content: Buffer, changes: readonly Change[], { recipient, tokens }: Reader): readonly Edit[] {
  if (changes.some(({ kind }) => UNMADE.has(kind))) throw new Impossible(UNKNOWN);
  if (content.length > CONTENT_BYTES_MAX) throw new Impossible(TOO_LARGE);
  const { head, root } = readStructure(content);
  requireWhole(head);
  const parts = placedParts(root);
  const strips = changes.filter((change) => change.kind === 'stripAttachments');
  const cuts = strips.flatMap((strip) => stripEdits(content, parts, strip));
  const links = changes.filter((change) => change.kind === 'secureLinks');
  const notes = links.map((change) => ({ change, text: linkText(change, recipient.n, tokens) }));
  const linked = notes.flatMap(({ change, text }) => linkEdits(content, parts, change, text));
  const gone = new Set([...strips, ...links].flatMap((change) => change.parts));
  const detectors = changes.flatMap((change) => (change.kind === 'redact' ? change.detectors : []));
  const blacked = detectors.length === 0 ? [] : redacted(content, { head, parts, gone, detectors: new Set(detectors) });
  const fields = [
    ...strips.map((strip) => ({ cut: strip.parts, of: (part: Part) => fieldsFor(part, textOf(strip)) })),
    ...notes.map(({ change, text }) => ({ cut: change.parts, of: () => notePart(text).fields })),
  ];
  return [
    ...cuts,
    ...linked,
    ...contentFields(head, parts, fields),
    ...headerEdits(head, changes, recipient),
    ...blacked,
  ];
}

function stripEdits(content: Buffer, parts: readonly PlacedPart[], strip: Strip): readonly Edit[] {
  return stripped(content, parts, strip.parts, textOf(strip));
}

function textOf({ text }: Strip): string {
  return text ?? STRIPPED_TEXT.en;
}

/** Of a mail that was nothing but an attachment: its fields say what stands there now. */
function contentFields(
  head: Structure['head'],
  parts: readonly PlacedPart[],
  replaced: readonly { readonly cut: readonly string[]; readonly of: (part: Part) => string }[],
): readonly Edit[] {
  const [only] = parts;
  const now = replaced.find(({ cut }) => cut.includes('1'));
  if (now === undefined || only === undefined || only.around.length > 0) return [];
  const at = entryOf(head);
  const hasVersion = head.fields.some(({ name }) => name === 'mime-version');
  const fields = `${hasVersion ? '' : 'MIME-Version: 1.0\r\n'}${now.of(only.part)}`;
  const old = head.fields.filter(({ name }) => name.startsWith('content-'));
  return [...old.map(removed), { from: at, to: at, by: Buffer.from(fields) }];
}

/** What `work` makes, or why that can't be: nothing that a mail holds is thrown on. */
export function hindranceOf<T>(
  work: () => T,
): { readonly kind: 'made'; readonly value: T } | { readonly kind: 'impossible'; readonly why: Wording } {
  try {
    return { kind: 'made', value: work() };
  } catch (error) {
    return { kind: 'impossible', why: reasonOf(error) };
  }
}

function reasonOf(error: unknown): Wording {
  if (error instanceof Impossible) return error.why;
  const detail = error instanceof Error ? error.message : String(error);
  return { en: `making the changes failed (${detail})`, ja: `変更の処理に失敗したため（${detail}）` };
}
