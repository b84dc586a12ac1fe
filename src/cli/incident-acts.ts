/** What `incident` and `maintenance` read alike from their flags. */
import { type FlagTable, usage } from './flags.ts';
import { formatIncident, formatIncidents, type IncidentLine, type IncidentPage } from './page/incident-page.ts';
import type { Order } from './verb.ts';

/** Texts in either language; with two of them each in its own. */
export const TEXT_FLAGS: FlagTable = {
  title: { kind: 'text', value: 'TEXT', help: 'what is the matter, in a few words' },
  text: { kind: 'text', value: 'TEXT', help: 'what people are told' },
  advice: { kind: 'text', value: 'TEXT', help: 'what users can do' },
  'title-ja': { kind: 'text', value: 'TEXT', help: 'the title in Japanese, beside --title in English' },
  'text-ja': { kind: 'text', value: 'TEXT', help: 'the text in Japanese, beside --text in English' },
  'advice-ja': { kind: 'text', value: 'TEXT', help: 'the advice in Japanese, beside --advice in English' },
  seen: { kind: 'text', value: 'N', help: 'refuse where somebody wrote behind the N entries that you have read' },
};

const SEEN_MAX = 100_000;

/** The texts of these names that were given, as operations take them. */
export function textsOf({ flags }: Order, names: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    names.flatMap((name): readonly (readonly [string, unknown])[] => {
      const [en, ja] = [flags.text(name), flags.text(`${name}-ja`)];
      if (ja === null) return en === null ? [] : [[name, en]];
      return [[name, { en: en ?? '', ja }]];
    }),
  );
}

/** Flags that go to the operation as they are, under the names on the right. */
export function givenOf({ flags }: Order, names: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(names).flatMap(([flag, name]) => {
      const value = flags.text(flag);
      return value === null ? [] : [[name, value === 'none' ? null : value]];
    }),
  );
}

export function seenOf({ flags }: Order): { readonly seen?: number } {
  return flags.is('seen') ? { seen: flags.count('seen', 1, SEEN_MAX) } : {};
}

export function oneId(verb: string, act: string, [id, ...more]: readonly string[]): string {
  if (id !== undefined && more.length === 0) return id;
  throw usage(`Name one of them: holdfast ${verb} ${act} ID. "holdfast ${verb} list" shows the IDs.`);
}

export function printAll(
  lines: readonly IncidentLine[],
  none: string,
  { json, answer, terminal, calendar }: Order,
): void {
  if (json) answer(lines);
  else terminal.print(lines.length === 0 ? none : formatIncidents(lines, calendar, terminal));
}

export function printOne(page: IncidentPage, { json, answer, terminal, calendar }: Order): void {
  if (json) answer(page);
  else terminal.print(formatIncident(page, calendar, terminal));
}
