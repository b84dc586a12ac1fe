/**
 * Which parts of a mail say what its author wrote, and whether a signature may be put there at all. A mail that is signed or encrypted would be broken by
 * it; calendar items, reports and automatic answers are nobody's letters.
 */
import type { Part, Structure } from '#/codec/mime/index.ts';
import { headerValues, parameterOf } from '#/codec/mime/index.ts';
import type { Wording } from '#/model/index.ts';

/** As large as mail may be that a signature is put into; 22.5 MiB, as other services have it. */
export const SIGNED_BYTES_MAX = 23_592_960;

/** The parts of one way to read the text: alternatives of it are one each. */
export interface BodyPart {
  readonly part: Part;
  readonly kind: 'html' | 'text';
  /** The multipart/related that it is the root of. */
  readonly related: Part | null;
}

/** Why a mail leaves without a signature, as the end of a sentence. */
export function untouchable(source: Buffer, { head, root }: Structure): Wording | null {
  if (source.length > SIGNED_BYTES_MAX) return TOO_LARGE;
  if (isAutomatic(head)) return AUTOMATIC;
  const parts = [...flat(root)];
  if (parts.some(isSealed)) return SEALED;
  if (root.type === 'multipart' && root.subtype === 'report') return REPORT;
  if (parts.some(({ type, subtype }) => type === 'text' && subtype === 'calendar')) return CALENDAR;
  const texts = parts.filter(({ type }) => type === 'text').slice(0, 4);
  return texts.some((part) => ARMOUR.test(source.toString('latin1', part.body, part.end))) ? SEALED : null;
}

// RFC 3834 §5; what programs wrote before it, and write still.
function isAutomatic(head: Structure['head']): boolean {
  const said = (name: string): string => headerValues(head, name).join(' ').trim().toLowerCase();
  const submitted = said('auto-submitted');
  if (submitted !== '' && !submitted.startsWith('no')) return true;
  if (/auto[-_]?reply/.test(said('precedence'))) return true;
  return ['x-autoreply', 'x-autorespond', 'x-auto-reply'].some((name) => said(name) !== '');
}

const SEALED_LEAVES = /^application\/(?:(?:x-)?pkcs7-(?:mime|signature)|pgp-(?:encrypted|signature))$/;
/** RFC 9580 §6.2, §7: a text that is signed or encrypted as it stands. */
const ARMOUR = /^-----BEGIN PGP (?:SIGNED )?MESSAGE-----/m;

/** RFC 1847, RFC 8551, RFC 3156. */
function isSealed({ type, subtype }: Part): boolean {
  if (type === 'multipart') return subtype === 'signed' || subtype === 'encrypted';
  return SEALED_LEAVES.test(`${type}/${subtype}`);
}

/** Parts outside of messages that the mail only carries. */
function* flat(part: Part): Generator<Part> {
  yield part;
  for (const child of part.parts) yield* flat(child);
}

/** The parts that people read as the text; none where it is a file alone. */
export function bodyParts(root: Part): readonly BodyPart[] {
  return textsOf(root, null);
}

function textsOf(part: Part, related: Part | null): readonly BodyPart[] {
  if (part.type === 'text') {
    const isShown = part.disposition?.kind !== 'attachment' && !isNamed(part);
    if (!isShown || (part.subtype !== 'html' && part.subtype !== 'plain')) return [];
    return [{ part, kind: part.subtype === 'html' ? 'html' : 'text', related }];
  }
  if (part.type !== 'multipart' || part.disposition?.kind === 'attachment') return [];
  if (part.subtype === 'alternative') return part.parts.flatMap((child) => textsOf(child, related));
  // RFC 2387 §3.2: the root is the first, where none is named.
  if (part.subtype === 'related') return part.parts[0] === undefined ? [] : textsOf(part.parts[0], part);
  if (part.subtype === 'digest' || part.subtype === 'parallel') return [];
  // The first that is text; files and notes of others stand behind it.
  for (const child of part.parts) {
    const found = textsOf(child, null);
    if (found.length > 0) return found;
  }
  return [];
}

function isNamed({ parameters, disposition }: Part): boolean {
  const names = ['name', 'name*', 'filename', 'filename*', 'name*0', 'filename*0', 'name*0*', 'filename*0*'];
  return names.some((name) => parameterOf([...parameters, ...(disposition?.parameters ?? [])], name) !== null);
}

const TOO_LARGE: Wording = { en: 'it is too large (more than 22.5 MiB)', ja: 'サイズが大きすぎるため（22.5 MiB 超）' };
const AUTOMATIC: Wording = { en: 'a program answered by itself', ja: '自動応答メールのため' };
const SEALED: Wording = {
  en: 'it is signed or encrypted, and a change would break that',
  ja: '電子署名または暗号化されており、変更すると壊れるため',
};
const REPORT: Wording = { en: 'it is a report of a mail server', ja: 'メールサーバーからの報告のため' };
const CALENDAR: Wording = {
  en: 'it is an invitation or another calendar item',
  ja: '会議の招待など予定のメールのため',
};
