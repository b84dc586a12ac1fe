/** Macro strings (RFC 7208 §7): names in records that stand for who sends. Text is octets, one a character. */

/** What macros stand for. */
export interface MacroValues {
  /** `local@domain` of the reverse-path, or postmaster of the greeting's name where it is empty. */
  readonly sender: string;
  /** The domain whose record is read now. */
  readonly domain: string;
  /** Of HELO. */
  readonly helo: string;
  /** Dotted; IPv6 nibble by nibble. */
  readonly ip: string;
  readonly family: 4 | 6;
  /** The name that was found for the address; asked for where `usesName` says so. */
  readonly name: string;
}

const PIECE = /%\{([a-z])(\d*)(r?)([-.+,/_=]*)\}|%([%_-])|[\x21-\x24\x26-\x7e]/gi;
const WHOLE = /^(?:%\{[slodiphv]\d*r?[-.+,/_=]*\}|%[%_-]|[\x21-\x24\x26-\x7e])*$/i;
const ZERO = /%\{[a-z]0+r?[-.+,/_=]*\}/i;
/** RFC 7208 §7.1: what a domain specification ends with: a macro, or a label that is no number. */
const END = /(?:%\{[a-z]\d*r?[-.+,/_=]*\}|%[%_-]|\.(?:[a-z0-9]*[a-z][a-z0-9]*|[a-z0-9]+-[a-z0-9-]*[a-z0-9])\.?)$/i;
const domainLettersMax = 253;

/** Whether a text is a macro string; `c`, `r` and `t` are for explanations alone. */
export function isMacroString(text: string): boolean {
  return WHOLE.test(text) && !ZERO.test(text);
}

/** Whether a text is a macro string that may stand for a domain. */
export function isDomainSpec(text: string): boolean {
  return isMacroString(text) && END.test(text);
}

/** Whether the name of the address has to be known. */
export function usesName(text: string): boolean {
  return /%\{p/i.test(text);
}

/** The domain that a specification stands for; too long a one loses labels at its left (RFC 7208 §7.3). */
export function expandDomain(spec: string, values: MacroValues): string {
  let domain = expand(spec, values).replace(/\.$/, '');
  while (domain.length > domainLettersMax && domain.includes('.')) domain = domain.slice(domain.indexOf('.') + 1);
  return domain;
}

function expand(text: string, values: MacroValues): string {
  return text.replace(
    PIECE,
    (whole, letter: string | undefined, digits = '', reverse = '', delimiters = '', sign = '') => {
      if (letter === undefined) return sign === '' ? whole : { '%': '%', _: ' ', '-': '%20' }[sign as '%' | '_' | '-'];
      const value = transformed(valueFor(letter.toLowerCase(), values), { digits, reverse, delimiters });
      return letter === letter.toLowerCase()
        ? value
        : encodeURIComponent(value).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
    },
  );
}

function valueFor(letter: string, values: MacroValues): string {
  const at = values.sender.lastIndexOf('@');
  switch (letter) {
    case 's':
      return values.sender;
    case 'l':
      return values.sender.slice(0, at);
    case 'o':
      return values.sender.slice(at + 1);
    case 'd':
      return values.domain;
    case 'i':
      return values.ip;
    case 'p':
      return values.name;
    case 'h':
      return values.helo;
    default:
      return values.family === 4 ? 'in-addr' : 'ip6';
  }
}

function transformed(
  value: string,
  { digits, reverse, delimiters }: { readonly digits: string; readonly reverse: string; readonly delimiters: string },
): string {
  const marks = new Set(delimiters === '' ? '.' : delimiters);
  const parts = [''];
  for (const letter of value) {
    if (marks.has(letter)) parts.push('');
    else parts[parts.length - 1] += letter;
  }
  if (reverse !== '') parts.reverse();
  return parts.slice(digits === '' ? 0 : -Number(digits)).join('.');
}
