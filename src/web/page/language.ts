/** The language of a page: what its link says, else what the browser prefers (RFC 9110 §12.5.4), of those that we speak. */
export type Language = 'en' | 'ja';

const READ_MAX = 20;

export function languageOf(headers: { readonly 'accept-language'?: string | undefined }, wanted: string): Language {
  if (wanted === 'en' || wanted === 'ja') return wanted;
  const ranges = (headers['accept-language'] ?? '').split(',').slice(0, READ_MAX).map(read);
  const best = (language: Language): number =>
    Math.max(
      0,
      ...ranges.filter(({ tag }) => tag === language || tag.startsWith(`${language}-`)).map(({ weight }) => weight),
    );
  return best('ja') > best('en') ? 'ja' : 'en';
}

function read(range: string): { readonly tag: string; readonly weight: number } {
  const [tag = '', parameter = ''] = range.split(';', 2);
  const weight = /^\s*q=([01](?:\.\d{0,3})?)\s*$/.exec(parameter)?.[1];
  return { tag: tag.trim().toLowerCase(), weight: weight === undefined ? 1 : Number(weight) };
}
