/** Where a text names somebody: their addresses, in any case, as whole addresses. */

/** Before an address stands nothing that could be a part of its local part, behind it nothing that could be a part of its domain. */
const BEFORE = "(?<![\\p{L}\\p{N}.!#$%&'*+/=?^_`{|}~-])";
const BEHIND = '(?![\\p{L}\\p{N}-]|\\.[\\p{L}\\p{N}])';

export class Mention {
  readonly #pattern: RegExp;

  /** Of these addresses; with a detail behind `+` they are the same person's (RFC 5233 §1). */
  constructor(addresses: readonly string[]) {
    const each = addresses.map((address) => {
      const at = address.lastIndexOf('@');
      return `${RegExp.escape(address.slice(0, at))}(?:\\+[^\\s@"<>]{0,64})?${RegExp.escape(address.slice(at))}`;
    });
    this.#pattern = new RegExp(`${BEFORE}(?:${each.join('|')})${BEHIND}`, 'iu');
  }

  isIn(text: string): boolean {
    return this.#pattern.test(text);
  }

  /** Whether any text within the value, names of members too, names them. */
  isWithin(value: unknown): boolean {
    if (typeof value === 'string') return this.isIn(value);
    if (Array.isArray(value)) return value.some((one) => this.isWithin(one));
    if (typeof value !== 'object' || value === null) return false;
    return Object.entries(value).some(([name, one]) => this.isIn(name) || this.isWithin(one));
  }
}
