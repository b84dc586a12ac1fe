/** Whether a new set may serve: what would harm mail is stopped until a person has looked (C5; incidents 5). */
import type { PeopleEntry } from '#/ports/index.ts';
import { ATTRIBUTE_LOSS_SHARE, LOSS_LEAST, LOSS_SHARE } from './limits.ts';

type Counted = Pick<PeopleEntry, 'people' | 'attributes'>;

/** Sentences: why it must not serve. `lost` people of `before` are not in `next`; `required` attributes everybody but some must have. */
export function objectionsTo(
  next: Counted,
  before: Counted | null,
  lost: number,
  required: readonly string[],
): readonly string[] {
  if (next.people === 0) return before === null || before.people === 0 ? [] : ['Nobody is in it.'];
  return [
    ...(before === null ? [] : lossOfPeople(before, lost)),
    ...(before === null ? [] : Object.keys(before.attributes).flatMap((name) => lossOf(name, before, next))),
    ...required.flatMap((name) => lackOf(name, next)),
  ];
}

function lossOfPeople({ people }: Counted, lost: number): readonly string[] {
  if (!isTooMuch(lost, people, LOSS_SHARE)) return [];
  return [`${lost} of ${people} people are missing (${percent(lost, people)}; the most is ${percent(LOSS_SHARE, 1)}).`];
}

function lossOf(name: string, before: Counted, next: Counted): readonly string[] {
  const [had, have] = [before.attributes[name] ?? 0, next.attributes[name] ?? 0];
  if (!isTooMuch(had - have, had, ATTRIBUTE_LOSS_SHARE)) return [];
  const most = percent(ATTRIBUTE_LOSS_SHARE, 1);
  return [`${had} people had ${name}, ${have} have it now (${percent(had - have, had)} less; the most is ${most}).`];
}

function lackOf(name: string, { people, attributes }: Counted): readonly string[] {
  const lacking = people - (attributes[name] ?? 0);
  if (!isTooMuch(lacking, people, LOSS_SHARE)) return [];
  return [`${lacking} of ${people} people have no ${name}, which is required.`];
}

function isTooMuch(lost: number, of: number, share: number): boolean {
  return lost >= LOSS_LEAST && lost > of * share;
}

function percent(part: number, of: number): string {
  return `${Math.round((part / of) * 100)} %`;
}
