/** Characters that people take for each other in a name, folded onto one of them. */

const LETTERS: Readonly<Record<string, string>> = {
  // Digits and letters of one alphabet.
  '0': 'o',
  '1': 'l',
  i: 'l',
  '5': 's',
  '|': 'l',
  ı: 'l',
  // Cyrillic.
  а: 'a',
  в: 'b',
  с: 'c',
  ԁ: 'd',
  е: 'e',
  һ: 'h',
  і: 'l',
  ј: 'j',
  к: 'k',
  ӏ: 'l',
  м: 'm',
  н: 'h',
  о: 'o',
  р: 'p',
  ԛ: 'q',
  г: 'r',
  ѕ: 's',
  т: 't',
  у: 'y',
  ѵ: 'v',
  ԝ: 'w',
  х: 'x',
  ь: 'b',
  ё: 'e',
  // Greek.
  α: 'a',
  β: 'b',
  ε: 'e',
  η: 'n',
  ι: 'l',
  κ: 'k',
  μ: 'u',
  ν: 'v',
  ο: 'o',
  ρ: 'p',
  τ: 't',
  υ: 'u',
  χ: 'x',
  ω: 'w',
  γ: 'y',
  // Letters beside the alphabet.
  ɡ: 'g',
  ɑ: 'a',
  ʋ: 'v',
  ʏ: 'y',
  ø: 'o',
  đ: 'd',
  ł: 'l',
  ħ: 'h',
  ß: 'b',
  æ: 'ae',
  œ: 'oe',
  // Kana and characters of one shape.
  カ: '力',
  ロ: '口',
  ニ: '二',
  エ: '工',
  ハ: '八',
  ト: '卜',
  タ: '夕',
  ヘ: 'へ',
  ベ: 'べ',
  ペ: 'ぺ',
  リ: 'り',
  ー: '一',
  '―': '一',
  ノ: '丿',
  ミ: '三',
  オ: '才',
  チ: '千',
  セ: 'せ',
};
/** Two that look like one; behind the single ones, so that digits are letters already. */
const PAIRS: readonly (readonly [string, string])[] = [
  ['rn', 'm'],
  ['vv', 'w'],
  ['cl', 'd'],
  ['nn', 'm'],
  ['ll', 'l'],
];

/** The look of a name. Two names with one look may be different, and no reader sees it. */
export function lookOf(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().normalize('NFC');
  const single = Array.from(plain, (char) => LETTERS[char] ?? char).join('');
  return PAIRS.reduce((text, [pair, one]) => text.replaceAll(pair, one), single);
}
