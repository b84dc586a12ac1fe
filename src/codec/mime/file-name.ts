/** The name of a file of a mail, made safe to be shown and saved: anyone wrote it. */
/** Characters of a file's name as it is shown and saved: file systems take 255 octets, and Japanese has three a letter. */
const NAME_CHARS_MAX = 80;

/** Controls, marks that turn the direction of text, and what file systems take for places or commands. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}"*/:<>?\\|]/gu;
const WORDS = { en: 'file', ja: '添付ファイル' } as const;

/** Never empty, no path, no hidden file; `i` is for those without a name. A name that is too long keeps its ending. */
export function fileNameOf(name: string | null, i: number, language: 'en' | 'ja'): string {
  const plain = (name ?? '')
    .toWellFormed()
    .normalize('NFC')
    .replace(UNSAFE, '_')
    .replace(/\s+/gu, ' ')
    .replace(/^[. ]+|[. ]+$/g, '');
  if (plain === '') return `${WORDS[language]}-${i}`;
  const letters = Array.from(plain);
  if (letters.length <= NAME_CHARS_MAX) return plain;
  const ending = /\.[^.\s]{1,10}$/u.exec(plain)?.[0] ?? '';
  const kept = NAME_CHARS_MAX - Array.from(ending).length - 1;
  return `${letters.slice(0, kept).join('')}…${ending}`;
}
