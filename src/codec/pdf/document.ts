/** A document as the objects of a PDF file: catalogue, fonts, pages, and where each object begins (ISO 32000-1 §7.5). */
import { runsOf, utf16 } from './fonts.ts';

/** Something at its place on a page; points from the lower left corner. */
export type Mark =
  | {
      readonly kind: 'text';
      readonly x: number;
      /** Of the line on which letters stand. */
      readonly y: number;
      readonly size: number;
      readonly text: string;
      readonly bold?: boolean;
    }
  | { readonly kind: 'line'; readonly x: number; readonly y: number; readonly length: number };

export interface PdfDocument {
  readonly title: string;
  /** Of its words, as in HTML. */
  readonly language: string;
  readonly width: number;
  readonly height: number;
  readonly pages: readonly (readonly Mark[])[];
}

/** Objects that every document has; those of pages follow. */
const [CATALOG, TREE, LATIN, JAPANESE, JAPANESE_CID, DESCRIPTOR, INFO] = [1, 2, 3, 4, 5, 6, 7];
const FIRST_PAGE = 8;

/** The whole file. The same document is the same octets. */
export function formatPdf({ title, language, width, height, pages }: PdfDocument): Buffer {
  const pageIds = pages.map((_, i) => FIRST_PAGE + 2 * i);
  const objects = [
    `<< /Type /Catalog /Pages ${TREE} 0 R /Lang (${language}) /ViewerPreferences << /DisplayDocTitle true >> >>`,
    `<< /Type /Pages /Kids [${pageIds.map((id) => `${id} 0 R`).join(' ')}] /Count ${pages.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
    `<< /Type /Font /Subtype /Type0 /BaseFont /HeiseiKakuGo-W5-UniJIS-UTF16-H /Encoding /UniJIS-UTF16-H /DescendantFonts [${JAPANESE_CID} 0 R] >>`,
    // §9.7.4.3: a letter is as wide as its size; those of half the width are the CIDs from 231 on.
    `<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HeiseiKakuGo-W5 /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 5 >> /DW 1000 /W [231 632 500] /FontDescriptor ${DESCRIPTOR} 0 R >>`,
    '<< /Type /FontDescriptor /FontName /HeiseiKakuGo-W5 /Flags 4 /FontBBox [-92 -250 1010 922] /ItalicAngle 0 /Ascent 752 /Descent -221 /CapHeight 737 /StemV 114 >>',
    // §7.9.2.2: a text string in UTF-16 says so by its first letter.
    `<< /Title ${utf16(`\ufeff${title.toWellFormed()}`)} /Producer (Holdfast) >>`,
    ...pages.flatMap((marks, i) => pageOf(marks, FIRST_PAGE + 2 * i + 1, `[0 0 ${width} ${height}]`)),
  ];
  return fileOf(objects);
}

function pageOf(marks: readonly Mark[], contentId: number, box: string): readonly string[] {
  const content = marks.map(operatorsOf).join('\n');
  const fonts = `/Font << /F1 ${LATIN} 0 R /F2 ${JAPANESE} 0 R >>`;
  return [
    `<< /Type /Page /Parent ${TREE} 0 R /MediaBox ${box} /Resources << ${fonts} >> /Contents ${contentId} 0 R >>`,
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
  ];
}

/** §9.3.6: bold letters are filled and drawn around, for neither font has a bold face in every viewer. */
function operatorsOf(mark: Mark): string {
  if (mark.kind === 'line')
    return `0.5 w 0.7 G ${round(mark.x)} ${round(mark.y)} m ${round(mark.x + mark.length)} ${round(mark.y)} l S 0 G`;
  const { x, y, size, text, bold = false } = mark;
  const look = bold ? `2 Tr ${round(size / 40)} w` : '0 Tr';
  const shown = runsOf(text).map(({ font, string }) => `/${font} ${size} Tf ${string} Tj`);
  return `BT ${look} ${round(x)} ${round(y)} Td ${shown.join(' ')} ET`;
}

/** §7.5.4: each object by its place, ten digits in a line of twenty octets. All of it is ASCII, so places are lengths. */
function fileOf(objects: readonly string[]): Buffer {
  let file = '%PDF-1.5\n';
  const places: number[] = [];
  for (const [i, object] of objects.entries()) {
    places.push(file.length);
    file += `${i + 1} 0 obj\n${object}\nendobj\n`;
  }
  const lines = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`);
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${lines.join('')}`;
  const trailer = `trailer\n<< /Size ${objects.length + 1} /Root ${CATALOG} 0 R /Info ${INFO} 0 R >>\nstartxref\n${file.length}\n%%EOF\n`;
  return Buffer.from(file + table + trailer, 'latin1');
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
