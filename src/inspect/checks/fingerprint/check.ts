import { type Hit, quoted } from '../../hits.ts';
import type { TextOfMail } from '../../text/index.ts';
import { countsIn, type DocumentIndex } from './document-index.ts';

/** Numbers of a document below which it has no face: every letter has a greeting. */
export const FACE_MIN = 8;

/** Registered documents of which at least that share stands in one text of the mail. */
export function* fingerprint(
  texts: readonly TextOfMail[],
  documents: DocumentIndex,
  similarity: number,
): Generator<Hit> {
  const { names, sizes } = documents;
  if (names.length === 0) return;
  for (const { part, words } of texts) {
    for (const [i, count] of countsIn(documents, words).entries()) {
      const size = sizes[i] ?? 0;
      const share = count / size;
      if (size < FACE_MIN || share < similarity) continue;
      const name = names[i] ?? '';
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
