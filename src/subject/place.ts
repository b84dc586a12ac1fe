/** What a place is: somewhere that records may name a person, read a page at a time. */
import type { Call } from '#/model/index.ts';
import type { Person } from './person.ts';

export interface Place {
  /** Of the file that it is written to. */
  readonly name: string;
  /** What stands there, in plain words. */
  readonly about: string;
  /** Its records belong to the whole installation: for operators alone. */
  readonly isShared: boolean;
  /** What names the person, behind `after` (null: from the start). `next` is null at the end. */
  page(person: Person, after: string | null, call: Call): Promise<PlacePage>;
}

export interface PlacePage {
  readonly records: readonly object[];
  readonly next: string | null;
  /** True where older ones may not have been looked at. */
  readonly isCut?: boolean;
}
