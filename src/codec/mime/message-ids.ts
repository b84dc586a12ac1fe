/** Message-IDs, and what a message says of those before it (RFC 5322 §3.6.4, RFC 5256 §3). Without angle brackets, quotes of no need removed. */
import { fieldText, type Head } from './head.ts';
import { headerBytesMax, messageIdCharsMax, referencesMax } from './limits.ts';

/** Null where there is none that can be told. */
export function messageIdOf(head: Head): string | null {
  return readIds(fieldText(head, 'message-id') ?? '')[0] ?? null;
}

/** RFC 5256 §3: those of References, oldest first; without any, the first of In-Reply-To. Of too many, the first and the last. */
export function referencesOf(head: Head): readonly string[] {
  const ids = readIds(fieldText(head, 'references', headerBytesMax) ?? '');
  if (ids.length === 0) return readIds(fieldText(head, 'in-reply-to') ?? '').slice(0, 1);
  return ids.length <= referencesMax ? ids : [...ids.slice(0, 1), ...ids.slice(1 - referencesMax)];
}

const bracketed = /<([^<>]+)>/g;

function readIds(value: string): string[] {
  const ids: string[] = [];
  for (const [, content = ''] of value.matchAll(bracketed)) {
    const id = unquoteLocal(content.replace(/\s+/g, ''));
    if (id.length <= messageIdCharsMax && id.includes('@')) ids.push(id);
  }
  return ids;
}

/** RFC 5256 §3: `"a"@b` and `a@b` are one. */
function unquoteLocal(id: string): string {
  return id.replace(/^"((?:[^"\\]|\\.)*)"@/, (_, local: string) => `${local.replace(/\\(.)/g, '$1')}@`);
}
