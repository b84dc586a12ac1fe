/** The two fonts: which letters go into which, how they are written there, and how wide they are. */

export type FontName = 'F1' | 'F2';

/** Letters that follow each other in one font. */
export interface Run {
  readonly font: FontName;
  /** As a PDF string, with its brackets. */
  readonly string: string;
}

/** Widths of Helvetica in thousandths of its size, from the space on. */
const ASCII =
  '278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278 584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 278 556 500 722 500 500 500 334 260 334 584';
/** From U+00C0 on. */
const LATIN =
  '667 667 667 667 667 667 1000 722 667 667 667 667 278 278 278 278 722 722 778 778 778 778 778 584 778 722 722 722 722 667 667 611 556 556 556 556 556 556 889 500 556 556 556 556 278 278 278 278 556 556 556 556 556 556 556 584 611 556 556 556 556 500 556 500';
/** Of WinAnsiEncoding beyond Latin-1 (ISO 32000-1 annex D.2): its octet, and its width. */
const MARKS: Readonly<Record<string, readonly [octet: number, width: number]>> = {
  '‘': [0x91, 222],
  '’': [0x92, 222],
  '“': [0x93, 333],
  '”': [0x94, 333],
  '–': [0x96, 556],
};

const LETTERS: ReadonlyMap<string, readonly [octet: number, width: number]> = new Map([
  ...tableFrom(0x20, ASCII),
  ...tableFrom(0xc0, LATIN),
  ...Object.entries(MARKS),
]);

const FULL_WIDTH = 1_000;
const HALF_WIDTH = 500;
const HALF_WIDTH_KANA = /[\uff61-\uff9f]/;

/** Width of a text in points. */
export function widthOf(text: string, size: number): number {
  let sum = 0;
  for (const letter of text)
    sum += LETTERS.get(letter)?.[1] ?? (HALF_WIDTH_KANA.test(letter) ? HALF_WIDTH : FULL_WIDTH);
  return (sum * size) / 1_000;
}

/** A text in runs of one font each; control characters are left out. */
export function runsOf(text: string): readonly Run[] {
  const runs: { font: FontName; letters: string[] }[] = [];
  for (const letter of text.toWellFormed().replaceAll(/\p{Cc}/gu, '')) {
    const font = LETTERS.has(letter) ? 'F1' : 'F2';
    const last = runs.at(-1);
    if (last?.font === font) last.letters.push(letter);
    else runs.push({ font, letters: [letter] });
  }
  return runs.map(({ font, letters }) => ({
    font,
    string: font === 'F1' ? literal(letters) : utf16(letters.join('')),
  }));
}

/** ISO 32000-1 §7.3.4.3: octets as hexadecimal digits; UTF-16, high octet first. */
export function utf16(text: string): string {
  return `<${Buffer.from(text, 'utf16le').swap16().toString('hex')}>`;
}

/** ISO 32000-1 §7.3.4.2: what could end the string stands behind a backslash; what is not ASCII in octal. */
function literal(letters: readonly string[]): string {
  const octets = letters.map((letter) => {
    const octet = LETTERS.get(letter)?.[0] ?? 0x20;
    if (octet > 0x7e) return `\\${octet.toString(8)}`;
    return /[()\\]/.test(letter) ? `\\${letter}` : letter;
  });
  return `(${octets.join('')})`;
}

function tableFrom(first: number, widths: string): (readonly [string, readonly [number, number]])[] {
  return widths.split(' ').map((width, i) => [String.fromCharCode(first + i), [first + i, Number(width)]]);
}
