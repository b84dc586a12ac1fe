import { type Hit, quoted } from '../../hits.ts';
import type { TextOfMail } from '../../text/index.ts';
import { shinglesOf } from './shingles.ts';

/** A document that a company registered: its name and its numbers, not its text. */
export interface RegisteredDocument {
  readonly name: string;
  readonly shingles: ReadonlySet<number>;
}

/** Below it a document has no face: every letter has a greeting. */
const SHINGLES_MIN = 8;

/** Registered documents of which at least that share stands in one text of the mail. */
export function* fingerprint(
  texts: readonly TextOfMail[],
  documents: readonly RegisteredDocument[],
  similarity: number,
): Generator<Hit> {
  const usable = documents.filter(({ shingles }) => shingles.size >= SHINGLES_MIN);
  if (usable.length === 0) return;
  for (const { part, raw } of texts) {
    const own = shinglesOf(raw);
    if (own.size === 0) continue;
    for (const { name, shingles } of usable) {
      const share = shareOf(shingles, own);
      if (share < similarity) continue;
      const percent = Math.round(share * 100);
      const shown = quoted(name);
      yield {
        key: name,
        part,
        reason: {
          en: `${percent}% of the registered document “${shown}” stands in it.`,
          ja: `登録文書「${shown}」の${percent}%が含まれています。`,
        },
      };
    }
  }
}

function shareOf(document: ReadonlySet<number>, text: ReadonlySet<number>): number {
  return document.intersection(text).size / document.size;
}
