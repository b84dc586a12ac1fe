/**
 * Changes of the header section: fields that are added, tagged, emptied. Every other field comes out as it stood, in its order.
 *
 * What must never happen: a field that a reader of less care still finds; a tag that is there twice; a line end out of somebody's text.
 */
import { decodeWords, type Edit, encodeWords, type HeaderField, type Structure } from '#/codec/mime/index.ts';
import type { Change } from '#/model/index.ts';
import type { VariantRecipient } from '#/ports/index.ts';
import { Impossible, TWO_WAYS } from './impossible.ts';

type Head = Structure['head'];

/** RFC 5322 §3.6.3, §3.6.6: fields that name recipients; and what programs of old called them. */
const NAMING: ReadonlySet<string> = new Set(
  'to cc bcc resent-to resent-cc resent-bcc apparently-to apparently-cc x-original-to delivered-to envelope-to'.split(
    ' ',
  ),
);
/** RFC 5322 §3.6.7, RFC 8601 §4.1: written on the way, ahead of all that the author wrote. */
const TRACE: ReadonlySet<string> = new Set(['received', 'return-path', 'delivered-to', 'authentication-results']);
/** RFC 5322 §3.6.3: a group without members. */
const NOBODY = 'undisclosed-recipients:;';

/** Edits of the header section that these changes ask for. */
export function headerEdits(head: Head, changes: readonly Change[], recipient: VariantRecipient): readonly Edit[] {
  return [...namedEdits(head, changes, recipient), ...tagEdits(head, changes), ...addedEdits(head, changes)];
}

/** Whether every program finds the same fields in it: all are listed, and an empty line ends them. */
export function requireWhole(head: Head): void {
  const end = head.fields.at(-1)?.to ?? head.from;
  const rest = head.source.toString('latin1', end, head.body);
  if (!/^(?:From [^\n]*\n)?\r?\n?$/.test(rest) || (rest === '' && head.body < head.source.length))
    throw new Impossible(TWO_WAYS);
}

/** Where a field of ours goes in: behind what was written on the way. */
export function entryOf(head: Head): number {
  const first = head.fields.find(({ name }) => !TRACE.has(name));
  return first?.from ?? head.fields.at(-1)?.to ?? head.from;
}

export function removed({ from, to }: HeaderField): Edit {
  return { from, to, by: Buffer.alloc(0) };
}

// ── who else gets it ──

function namedEdits(head: Head, changes: readonly Change[], recipient: VariantRecipient): readonly Edit[] {
  const isAlone = changes.some(({ kind }) => kind === 'onePerRecipient');
  if (!isAlone && !changes.some(({ kind }) => kind === 'forceBcc')) return [];
  const named = head.fields.filter(({ name }) => NAMING.has(name));
  const shown = isAlone ? `<${recipient.original ?? recipient.address}>` : NOBODY;
  const to = Buffer.from(`To: ${shown}\r\n`);
  const first = named.find(({ name }) => name === 'to');
  const edits = named.map((field) => (field === first ? { ...removed(field), by: to } : removed(field)));
  return first === undefined ? [...edits, { from: entryOf(head), to: entryOf(head), by: to }] : edits;
}

// ── the subject ──

function tagEdits(head: Head, changes: readonly Change[]): readonly Edit[] {
  const tags = new Set(changes.flatMap((change) => (change.kind === 'tagSubject' ? [change.text] : [])));
  const subjects = head.fields.filter(({ name }) => name === 'subject');
  const edits: Edit[] = [];
  for (const tag of tags) {
    if (subjects.length === 0) {
      const at = entryOf(head);
      edits.push({ from: at, to: at, by: Buffer.from(`Subject: ${encodeWords(tag)}\r\n`) });
    }
    // Programs that see several show the first or the last.
    for (const subject of subjects) {
      if (!subjectOf(head, subject).includes(tag)) edits.push(tagged(head, subject, tag));
    }
  }
  return edits;
}

/** The value stays octet for octet, in whatever charset it is; the tag stands in front of it, on a line of its own. */
function tagged(head: Head, { valueFrom, to }: HeaderField, tag: string): Edit {
  const value = head.source.toString('latin1', valueFrom, to);
  const isFirstLineBlank = /^[ \t]*\r?\n/.test(value);
  // RFC 5322 §3.2.2: no line of blanks alone.
  const between = isFirstLineBlank ? '' : /^[ \t]/.test(value) ? '\r\n' : '\r\n ';
  return { from: valueFrom, to: valueFrom, by: Buffer.from(` ${encodeWords(tag)}${between}`) };
}

function subjectOf(head: Head, { valueFrom, to }: HeaderField): string {
  const octets = head.source.subarray(valueFrom, to);
  return decodeWords(octets.toString('utf8').replace(/\r?\n/g, '').trim());
}

// ── fields that are added ──

function addedEdits(head: Head, changes: readonly Change[]): readonly Edit[] {
  const at = entryOf(head);
  const lines = changes.flatMap((change) => {
    if (change.kind !== 'addHeader') return [];
    return [`${change.name}: ${encodeWords(change.value)}\r\n`];
  });
  return [...new Set(lines)].map((line) => ({ from: at, to: at, by: Buffer.from(line) }));
}
