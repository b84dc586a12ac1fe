/** Preview and terms of a message (RFC 8970, RFC 9051 §6.4.4): a bounded look at its text parts, in their order. */
import { decodeWords } from './encoded-words.ts';
import { fieldText, type Head } from './head.ts';
import { headTermsMax, previewCharsMax, termsMax, textBytesMax } from './limits.ts';
import type { Envelope, Part } from './message.ts';
import { parameterOf } from './parameters.ts';
import { addTerms } from './terms.ts';
import { readableText } from './text.ts';
import { isIdentity } from './transfer.ts';

export interface SearchedText {
  readonly preview: string;
  readonly headTerms: readonly string[];
  readonly bodyTerms: readonly string[];
}

export function searchedText(source: Buffer, head: Head, envelope: Envelope, root: Part): SearchedText {
  const parts = leaves(root);
  const headTerms = termsOfHead(head, envelope, parts);
  return { headTerms, ...readTexts(source, parts, termsMax - headTerms.length) };
}

/** Parts that hold something themselves, in order; also those of messages inside, where these stand as they are. */
function leaves(root: Part): Part[] {
  const found: Part[] = [];
  const collect = (part: Part): void => {
    if (part.message !== null && isIdentity(part.encoding)) collect(part.message.structure);
    else if (part.type === 'multipart') for (const child of part.parts) collect(child);
    else found.push(part);
  };
  collect(root);
  return found;
}

/** The file name that a part was sent with, decoded (RFC 2183 §2.3, RFC 2231; mailers write RFC 2047 as well); null where there is none. */
export function fileNameOf(part: Part): string | null {
  const name = parameterOf(part.disposition?.parameters ?? [], 'filename') ?? parameterOf(part.parameters, 'name');
  return name === null ? null : decodeWords(name);
}

/** Subject, people, and names of files: what people remember of a mail. */
function termsOfHead(head: Head, envelope: Envelope, parts: readonly Part[]): string[] {
  const terms: string[] = [];
  addTerms(terms, decodeWords(fieldText(head, 'subject') ?? ''), headTermsMax);
  const { from, sender, replyTo, to, cc, bcc } = envelope;
  // Sender and Reply-To that were not there are From, and then the same list.
  for (const list of new Set([from, sender, replyTo, to, cc, bcc])) {
    for (const { name, mailbox, host } of list) {
      if (terms.length >= headTermsMax) return terms;
      const address = host === null || host === '' ? (mailbox ?? '') : `${mailbox}@${host}`;
      addTerms(terms, `${decodeWords(name ?? '')} ${address}`, headTermsMax);
    }
  }
  for (const part of parts) addTerms(terms, fileNameOf(part) ?? '', headTermsMax);
  return terms;
}

function readTexts(source: Buffer, parts: readonly Part[], most: number): Omit<SearchedText, 'headTerms'> {
  const bodyTerms: string[] = [];
  let bytesLeft = textBytesMax;
  let preview = '';
  let isPlain = false;
  for (const part of parts) {
    if (part.type !== 'text' || part.end === part.body) continue;
    if (bytesLeft <= 0 || bodyTerms.length >= most) break;
    const octets = source.subarray(part.body, Math.min(part.end, part.body + encodedBytes(part.encoding, bytesLeft)));
    const text = readableText(part, octets);
    bytesLeft -= octets.length;
    addTerms(bodyTerms, text, most);
    // Plain text is what its author wrote for a view without marks, so it goes before HTML.
    if (isPlain || part.disposition?.kind === 'attachment') continue;
    const shown = previewOf(text);
    if (shown === '' || (preview !== '' && part.subtype !== 'plain')) continue;
    preview = shown;
    isPlain = part.subtype === 'plain';
  }
  return { preview, bodyTerms };
}

/** Octets as they came that hold so many decoded ones, some more for line ends. */
function encodedBytes(encoding: string, bytes: number): number {
  if (encoding === 'base64') return Math.ceil(bytes / 3) * 4 + Math.ceil(bytes / 18);
  return encoding === 'quoted-printable' ? bytes * 3 : bytes;
}

/** What mailers fill previews with so that nothing else shows, and what turns text around. Joiners stay: letters and emoji need them. */
const invisible = /\u00ad|\u034f|\u200b|\u2060|\ufeff|[\u202a-\u202e\u2066-\u2069]/gu;
const words = /[^\s\0-\x1f\x7f-\x9f]+/g;
/** Letters may be of two code units. */
const previewUnitsMax = previewCharsMax * 2;

/** The first characters, on one line; not more of the text is looked at than it takes. */
function previewOf(text: string): string {
  let line = '';
  for (const [word] of text.matchAll(words)) {
    const seen = visible(word.slice(0, previewUnitsMax));
    if (seen !== '') line += line === '' ? seen : ` ${seen}`;
    if (line.length >= previewUnitsMax) break;
  }
  return firstCharacters(line.slice(0, previewUnitsMax).toWellFormed()).trimEnd();
}

function visible(word: string): string {
  return /^[!-~]*$/.test(word) ? word : word.replace(invisible, '').replace(/^\u200c+|\u200c+$/g, '');
}

function firstCharacters(text: string): string {
  return /^[\0-\x7f]*$/.test(text)
    ? text.slice(0, previewCharsMax)
    : Array.from(text).slice(0, previewCharsMax).join('');
}
