/**
 * The one field of an Outlook autodiscover request that we read: EMailAddress. No XML parser, so nothing that one could be led to: no document
 * type, entities of one's own, comments or sections, and the element once.
 */
import { parseMailAddress } from '#/codec/smtp/index.ts';
import type { MailAddress } from '#/model/index.ts';

export type AutodiscoverRequest =
  | { readonly kind: 'asks'; readonly address: MailAddress }
  /** Well formed, for something else than a mail program of Outlook's form. */
  | { readonly kind: 'other schema' }
  | { readonly kind: 'unreadable' };

const OUTLOOK = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a';
const NAMED = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" } as const;

/** Reads a whole body. Never throws. */
export function readAutodiscover(body: string): AutodiscoverRequest {
  // A declaration may come first; anything else of that form is a document type, a comment or a section.
  const text = body.replace(/^\uFEFF/, '').trim();
  if (text.includes('<!') || text.indexOf('<?', 2) >= 0) return { kind: 'unreadable' };
  if (!/^(?:<\?xml [^<>]*\?>\s*)?<(?:\w+:)?Autodiscover[\s>]/.test(text)) return { kind: 'unreadable' };
  const schema = onlyText(text, 'AcceptableResponseSchema');
  if (schema !== null && schema !== OUTLOOK) return { kind: 'other schema' };
  const address = parseMailAddress(onlyText(text, 'EMailAddress') ?? '');
  return address === null ? { kind: 'unreadable' } : { kind: 'asks', address };
}

/** The text of an element that is there once and has nothing else in it; null otherwise. */
function onlyText(text: string, name: string): string | null {
  const [first, second] = text.matchAll(new RegExp(`<(?:\\w+:)?${name}>([^<>]{0,1000})</(?:\\w+:)?${name}>`, 'g'));
  if (first === undefined || second !== undefined) return null;
  return resolved((first[1] ?? '').trim());
}

/** With the five entities that XML has by itself; null where there are others. */
function resolved(text: string): string | null {
  const plain = text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: keyof typeof NAMED) => NAMED[name]);
  return /&(?!(?:amp|lt|gt|quot|apos);)/.test(text) ? null : plain;
}
