import type { MailFacts, PartFacts } from '#/model/index.ts';
import { foldCase, type Scope } from '#/policy/index.ts';
import { compatible, foldWords, INVISIBLE } from './fold-words.ts';

/** One text: a subject, a body, a file's content, a file's name. */
export class TextOfMail {
  /** Path of the part; empty for the subject. */
  readonly part: string;
  readonly scope: Scope;
  readonly raw: string;
  #folded: string | undefined;
  #plainFolded: string | undefined;
  #words: string | undefined;
  #plain: string | undefined;
  #known: ReturnType<typeof compatible> | undefined;

  constructor(part: string, scope: Scope, raw: string) {
    this.part = part;
    this.scope = scope;
    this.raw = raw;
  }

  /** Lower case, the rest as it is: for literals of patterns. */
  get folded(): string {
    this.#folded ??= foldCase(this.raw);
    return this.#folded;
  }

  /** The same of `plain`. */
  get plainFolded(): string {
    this.#plainFolded ??= this.plain === this.raw ? this.folded : foldCase(this.plain);
    return this.#plainFolded;
  }

  /** For words (`foldWords`). */
  get words(): string {
    this.#words ??= foldWords(this.isCut ? this.#compatible().form : this.raw);
    return this.#words;
  }

  /** Its forms hold its beginning only: compatibility forms made more of it than any text of people becomes. */
  get isCut(): boolean {
    return this.#compatible().isCut;
  }

  #compatible(): ReturnType<typeof compatible> {
    this.#known ??= PLAIN.test(this.raw) ? { form: this.raw, isCut: false } : compatible(this.raw, this.#formMax);
    return this.#known;
  }

  // Twice its length is a text of nothing but names of eras; short ones may be made of longer signs.
  get #formMax(): number {
    return 2 * this.raw.length + 1_024;
  }

  /** Compatibility forms folded, invisible characters gone, case as it is: for numbers. */
  get plain(): string {
    this.#plain ??= this.#compatible().form.replace(INVISIBLE, '');
    return this.#plain;
  }
}

const PLAIN = /^[\t\n\r\x20-\x7e]*$/;

/** All texts of one mail. */
export class MailTexts {
  readonly #facts: MailFacts;
  #texts: readonly TextOfMail[] | undefined;

  constructor(facts: MailFacts) {
    this.#facts = facts;
  }

  /** The texts of these scopes, files' names among those of attachments. */
  of(scopes: readonly Scope[]): readonly TextOfMail[] {
    this.#texts ??= textsOf(this.#facts);
    return scopes.length === 3 ? this.#texts : this.#texts.filter(({ scope }) => scopes.includes(scope));
  }

  /** Whether something in these scopes was not read, or not to its end. */
  unreadIn(scopes: readonly Scope[]): boolean {
    const { unread, parts } = this.#facts;
    return (
      parts.some((part) => part.textCut && scopes.includes(scopeOf(part))) ||
      unread.some(({ part }) => scopes.includes(scopeAt(part, parts)))
    );
  }
}

function textsOf({ subject, parts }: MailFacts): TextOfMail[] {
  const texts = [new TextOfMail('', 'subject', subject)];
  for (const part of parts) {
    const scope = scopeOf(part);
    if (part.text !== null && part.text !== '') texts.push(new TextOfMail(part.path, scope, part.text));
    for (const name of [part.name, ...part.otherNames]) {
      if (name !== null && name !== '') texts.push(new TextOfMail(part.path, 'attachments', name));
    }
  }
  return texts;
}

function scopeOf({ role }: Pick<PartFacts, 'role'>): Scope {
  return role === 'body' ? 'body' : 'attachments';
}

// What has no part of its own lies in the nearest one around it; the message itself may hold anything, bodies first.
function scopeAt(path: string, parts: readonly PartFacts[]): Scope {
  const own = parts.find((part) => part.path === path);
  if (own !== undefined) return own.path === '' ? 'body' : scopeOf(own);
  return path.includes('/') ? 'attachments' : 'body';
}
