/** Flags of a verb: declared once, read strictly, and explained by `help VERB` from the same table. */
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { Refusal } from '#/ports/index.ts';
import { EXIT } from './exit-codes.ts';

/** `yes`: is there or not. `text`: one value. `texts`: may be given again. */
export interface Flag {
  readonly kind: 'yes' | 'text' | 'texts';
  readonly short?: string;
  /** What stands for the value in the help: `N`, `FILE`. */
  readonly value?: string;
  readonly help: string;
}

export type FlagTable = Readonly<Record<string, Flag>>;

/** Every verb has these. */
export const COMMON_FLAGS: FlagTable = {
  config: { kind: 'text', value: 'FILE', help: 'the holdfast.yaml of the installation' },
  data: { kind: 'text', value: 'DIR', help: 'its data directory' },
  json: { kind: 'yes', help: 'answer for programs' },
  lang: { kind: 'text', value: 'en|ja', help: 'language of the answer (else LANG decides)' },
  help: { kind: 'yes', short: 'h', help: 'how this verb is used' },
};

type Token = {
  readonly kind: 'option';
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
};

/** What was written behind the verb. */
export class Flags {
  readonly words: readonly string[];
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(words: readonly string[], values: ReadonlyMap<string, readonly string[]>) {
    this.words = words;
    this.#values = values;
  }

  /** Whether a flag was given. */
  is(name: string): boolean {
    return this.#values.has(name);
  }

  /** Its last value, or null. */
  text(name: string): string | null {
    return this.#values.get(name)?.at(-1) ?? null;
  }

  /** All its values; a comma parts several in one. */
  texts(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** A whole number from 1 to `most`; the flag's absence is `otherwise`. */
  count(name: string, otherwise: number, most: number): number {
    const text = this.text(name);
    if (text === null) return otherwise;
    const value = /^[0-9]{1,9}$/.test(text) ? Number(text) : 0;
    if (value < 1 || value > most) throw usage(`--${name} wants a whole number from 1 to ${most}, not '${text}'.`);
    return value;
  }
}

/** Reads flags and words; throws a refusal with exit 2 that names the nearest flag that exists. */
export async function parseFlags(args: readonly string[], table: FlagTable): Promise<Flags> {
  const known = { ...COMMON_FLAGS, ...table };
  const { tokens } = parseArgs({
    args: [...args],
    options: optionsOf(known),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const words: string[] = [];
  const values = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind === 'option') values.getOrInsert(token.name, []).push(await valueIn(token, known));
  }
  return new Flags(words, values);
}

/** A refusal for wrong usage. */
export function usage(message: string): Refusal {
  return new Refusal(EXIT.usage, message);
}

function optionsOf(table: FlagTable): ParseArgsOptionsConfig {
  return Object.fromEntries(
    Object.entries(table).map(([name, { kind, short }]) => [
      name,
      { type: kind === 'yes' ? 'boolean' : 'string', multiple: true, ...(short === undefined ? {} : { short }) },
    ]),
  );
}

async function valueIn(token: Token, known: FlagTable): Promise<string> {
  const flag = Object.hasOwn(known, token.name) ? known[token.name] : undefined;
  if (flag === undefined) throw await unknownFlag(token.rawName, known);
  if (flag.kind === 'yes') {
    if (token.inlineValue === true) throw usage(`--${token.name} takes no value.`);
    return '';
  }
  // What begins with a dash is the next flag; a value that does is written --flag=-value. A lone dash is standard input.
  const isNext = token.inlineValue !== true && token.value !== undefined && /^-./.test(token.value);
  if (token.value === undefined || token.value === '' || isNext) {
    throw usage(`--${token.name} wants a value: --${token.name} ${flag.value ?? 'VALUE'}.`);
  }
  return token.value;
}

async function unknownFlag(raw: string, known: FlagTable): Promise<Refusal> {
  const { suggest } = await import('#/codec/forms/index.ts');
  const names = Object.keys(known).map((name) => `--${name}`);
  const near = suggest(raw, names);
  return usage(`Unknown flag '${raw}'. ${near === null ? `Known here: ${names.join(' ')}.` : `Did you mean ${near}?`}`);
}
