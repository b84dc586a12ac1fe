/**
 * A mail as its changes want it. Each change becomes edits of places in the octets as accepted; what no edit names comes out octet for octet:
 * boundaries, parts in 8 bit, encodings and signatures of other parts stay what they are.
 *
 * What must never happen: a throw for what a mail holds; half of the changes; a change inside of something signed.
 */

import { type Edit, edited, type Part, readStructure, type Structure } from '#/codec/mime/index.ts';
import { type Change, changesContent, type Wording } from '#/model/index.ts';
import type { LinkTokens, Variant, VariantRecipient, Variants, ZipSecrets } from '#/ports/index.ts';
import { entryOf, headerEdits, removed, requireWhole } from './header.ts';
import { Impossible, NO_ZIP, TOO_LARGE } from './impossible.ts';
import { linkText, notePart, oneForAll } from './links.ts';
import { type PlacedPart, placedParts } from './parts.ts';
import { redacted } from './redact.ts';
import { fieldsFor, stripped, type WrittenPart } from './strip.ts';
import { requireZippable, type Zip, zipOf, zipPart } from './zip.ts';

/** A mail that is changed is in memory as a whole; the largest that an installation usually takes fits. */
const CONTENT_BYTES_MAX = 64 * 1024 * 1024;

type Strip = Extract<Change, { kind: 'stripAttachments' }>;

/** What stands where an attachment was, where the rule has no text of its own. */
export const STRIPPED_TEXT: Readonly<Record<'en' | 'ja', string>> = {
  en: 'An attachment was removed by a rule of the sending company.',
  ja: '添付ファイルは送信元の会社のルールにより削除されました。',
};

/** `tokens` are those of secure downloads, `secrets` those of ZIPs; without them no mail is made that has a link or a ZIP. */
export function mailVariants(tokens: LinkTokens | null, secrets: ZipSecrets | null = null): Variants {
  return {
    make: (content, changes, recipient) => make(content, changes, { recipient, tokens, zip: unmade }),
    makeInTurns: async (content, changes, recipient) => {
      const zips = new Map<Change, Buffer>();
      try {
        requireSmall(content, changes);
        for (const change of changes)
          if (change.kind === 'encryptZip') zips.set(change, await zipOf(content, change, secrets));
      } catch (error) {
        return { kind: 'impossible', why: reasonOf(error) };
      }
      return make(content, changes, { recipient, tokens, zip: (change) => zips.get(change) ?? unmade() });
    },
  };
}

/** Whether the mail can be made, to a letter but for links, which are all of one length, and ZIPs, which are empty. */
export function trialVariant(content: Buffer, changes: readonly Change[], recipient: VariantRecipient): Variant {
  const zip = (change: Zip): Buffer => {
    requireZippable(content, change);
    return Buffer.alloc(0);
  };
  return make(content, changes, { recipient, tokens: NO_TOKENS, zip });
}

const NO_TOKENS: LinkTokens = { token: () => '-'.repeat(27) };

function unmade(): never {
  throw new Impossible(NO_ZIP);
}

interface Reader {
  readonly recipient: VariantRecipient;
  readonly tokens: LinkTokens | null;
  /** The octets of a ZIP, as they stand in the mail. */
  readonly zip: (change: Zip) => Buffer;
}

function make(content: Buffer, changes: readonly Change[], reader: Reader): Variant {
  if (!changesContent(changes)) return { kind: 'made', chunks: [content] };
  try {
    return { kind: 'made', chunks: edited(content, editsFor(content, changes, reader)) };
  } catch (error) {
    return { kind: 'impossible', why: reasonOf(error) };
  }
}

function requireSmall(content: Buffer, changes: readonly Change[]): void {
  if (changesContent(changes) && content.length > CONTENT_BYTES_MAX) throw new Impossible(TOO_LARGE);
}

function editsFor(content: Buffer, changes: readonly Change[], reader: Reader): readonly Edit[] {
  requireSmall(content, changes);
  const { head, root } = readStructure(content);
  requireWhole(head);
  const parts = placedParts(root);
  const strips = changes.filter((change) => change.kind === 'stripAttachments');
  const cuts = strips.flatMap((strip) => stripEdits(content, parts, strip));
  const replaced = changes.flatMap((change) => insteadOf(change, reader) ?? []);
  const gone = new Set([...strips.flatMap((strip) => strip.parts), ...replaced.flatMap(({ cut }) => cut)]);
  const detectors = changes.flatMap((change) => (change.kind === 'redact' ? change.detectors : []));
  const blacked = detectors.length === 0 ? [] : redacted(content, { head, parts, gone, detectors: new Set(detectors) });
  const fields = [
    ...strips.map((strip) => ({ cut: strip.parts, of: (part: Part) => fieldsFor(part, textOf(strip)) })),
    ...replaced.map(({ cut, part }) => ({ cut, of: () => part.fields })),
  ];
  return [
    ...cuts,
    ...replaced.flatMap(({ cut, part }) => oneForAll(content, parts, cut, part)),
    ...contentFields(head, parts, fields),
    ...headerEdits(head, changes, reader.recipient),
    ...blacked,
  ];
}

/** The one part that these attachments become, and which they are. */
function insteadOf(
  change: Change,
  { recipient, tokens, zip }: Reader,
): { readonly cut: readonly string[]; readonly part: WrittenPart } | null {
  if (change.kind === 'secureLinks')
    return { cut: change.parts, part: notePart(linkText(change, recipient.n, tokens)) };
  return change.kind === 'encryptZip' ? { cut: change.parts, part: zipPart(zip(change)) } : null;
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
