/** Where a text names somebody: their addresses, in any case, as whole addresses. */

/** Before an address stands nothing that could be a part of its local part, behind it nothing that could be a part of its domain. */
const BEFORE = "(?<![\\p{L}\\p{N}.!#$%&'*+/=?^_`{|}~-])";
const BEHIND = '(?![\\p{L}\\p{N}-]|\\.[\\p{L}\\p{N}])';

export class Mention {
  readonly #one: RegExp;
  readonly #each: RegExp;

  /** Of these addresses, one at least; with a detail behind `+` they are the same person's (RFC 5233 §1). */
  constructor(addresses: readonly string[]) {
    const each = addresses.map((address) => {
      const at = address.lastIndexOf('@');
      return `${RegExp.escape(address.slice(0, at))}(?:\\+[^\\s@"<>]{0,64})?${RegExp.escape(address.slice(at))}`;
    });
    const pattern = `${BEFORE}(?:${each.join('|')})${BEHIND}`;
    this.#one = new RegExp(pattern, 'iu');
    this.#each = new RegExp(pattern, 'giu');
  }

  isIn(text: string): boolean {
    return this.#one.test(text);
  }

  /** Whether any text within the value, names of members too, names them. */
  isWithin(value: unknown): boolean {
    if (typeof value === 'string') return this.isIn(value);
    if (Array.isArray(value)) return value.some((one) => this.isWithin(one));
    if (typeof value !== 'object' || value === null) return false;
    return Object.entries(value).some(([name, one]) => this.isIn(name) || this.isWithin(one));
  }

  /** The text with `other` wherever it names them. */
  replacedIn(text: string, other: string): string {
    return text.replace(this.#each, () => other);
  }

  /** A copy of a JSON value with `other` wherever a text within it, names of members too, names them. */
  replacedWithin(value: unknown, other: string): unknown {
    if (typeof value === 'string') return this.replacedIn(value, other);
    if (Array.isArray(value)) return value.map((one) => this.replacedWithin(one, other));
    if (typeof value !== 'object' || value === null) return value;
    const members = Object.entries(value).map(([name, one]) => {
      return [this.replacedIn(name, other), this.replacedWithin(one, other)] as const;
    });
    return Object.fromEntries(members);
  }
}
