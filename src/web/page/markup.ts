/**
 * HTML that can hold no markup of a stranger: what is put into a template is escaped, unless it is such markup itself. What must never
 * happen: a text of a mail, a query or a person that becomes markup, or that turns the letters around it (bidirectional controls).
 */

/** Text that is HTML already; only `html` makes it. */
export class Markup {
  readonly #text: string;

  constructor(strings: readonly string[], values: readonly Inner[]) {
    this.#text = strings
      .map((string, i) => string + (i < values.length ? formatInner(values[i] ?? null) : ''))
      .join('');
  }

  toString(): string {
    return this.#text;
  }
}

/** What a template may hold. Lists are joined, null and false are nothing. */
export type Inner = string | number | Markup | readonly Inner[] | null | false;

/** A template of HTML; attributes stand in double quotes. */
export function html(strings: TemplateStringsArray, ...values: readonly Inner[]): Markup {
  return new Markup(strings, values);
}

/** A text that somebody else wrote, such as a subject or the name of a file: letters from right to left in it turn nothing around it. */
export function quoted(text: string): Markup {
  return html`<bdi>${text}</bdi>`;
}

/** Controls, and marks that turn letters; no text of ours has them. */
const UNSEEN = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu;

function formatInner(value: Inner): string {
  if (value === null || value === false) return '';
  if (value instanceof Markup) return value.toString();
  if (typeof value === 'object') return value.map(formatInner).join('');
  return String(value)
    .replace(UNSEEN, ' ')
    .replace(/[&<>"'`]/g, (one) => `&#${one.charCodeAt(0)};`);
}
