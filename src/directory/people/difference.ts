/** What one generation has that another lacks. Only parts that differ are read. */

import type { HeldGeneration } from './generation.ts';
import { peopleIn } from './generation.ts';
import { DIFFERENCE_LIST_MAX } from './limits.ts';
import type { PersonRecord } from './records.ts';
import { Turns } from './turns.ts';

export interface ChangedPerson {
  readonly address: string;
  /** What of them: names of attributes, `aliases`, `manager`, `photo`, `groups`. */
  readonly what: readonly string[];
}

/** Counts are whole; lists have the first some. */
export interface Difference {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly addedList: readonly string[];
  readonly removedList: readonly string[];
  readonly changedList: readonly ChangedPerson[];
}

/** From `before` to `after`. */
export async function differenceOf(before: HeldGeneration, after: HeldGeneration): Promise<Difference> {
  const turns = new Turns();
  const counts = { added: 0, removed: 0, changed: 0 };
  const addedList: string[] = [];
  const removedList: string[] = [];
  const changedList: ChangedPerson[] = [];
  const note = <T>(list: T[], one: T): void => {
    if (list.length < DIFFERENCE_LIST_MAX) list.push(one);
  };
  // Parts go by the first bits of a hash: several of the finer generation are one of the coarser.
  const common = Math.min(before.parts.length, after.parts.length);
  for (let i = 0; i < common; i++) {
    const [old, young] = [partsAt(before, i, common), partsAt(after, i, common)];
    if (old.hashes.join() !== young.hashes.join()) {
      const [was, is] = [peopleOf(old.parts), peopleOf(young.parts)];
      for (const [key, [address]] of was) {
        if (is.has(key)) continue;
        counts.removed += 1;
        note(removedList, address);
      }
      for (const [key, record] of is) {
        const known = was.get(key);
        const what = known === undefined ? null : changesOf(known, record);
        if (what === null) {
          counts.added += 1;
          note(addedList, record[0]);
        } else if (what.length > 0) {
          counts.changed += 1;
          note(changedList, { address: record[0], what });
        }
      }
    }
    await turns.next();
  }
  return { ...counts, addedList, removedList, changedList };
}

function partsAt({ hashes, parts }: HeldGeneration, i: number, common: number) {
  const each = parts.length / common;
  return { hashes: hashes.slice(i * each, (i + 1) * each), parts: parts.slice(i * each, (i + 1) * each) };
}

function peopleOf(parts: readonly Buffer[]): ReadonlyMap<string, PersonRecord> {
  return new Map(parts.flatMap((part) => [...peopleIn(part)]));
}

function changesOf(was: PersonRecord, is: PersonRecord): readonly string[] {
  const names = new Set([...Object.keys(was[2]), ...Object.keys(is[2])]);
  const rest = ['address', 'aliases', '', 'manager', 'photo', 'groups'] as const;
  return [
    ...[...names].filter((name) => was[2][name] !== is[2][name]).sort(),
    ...rest.filter((name, i) => name !== '' && JSON.stringify(was[i]) !== JSON.stringify(is[i])),
  ];
}
