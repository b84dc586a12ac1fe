/**
 * A generation in memory: its parts unpacked, each found by the hash of an address and searched for its line. Parts that two generations share are there once.
 * A look-up takes microseconds and makes nothing that lasts.
 */
import { addressKey } from '#/model/index.ts';
import type { PeopleEntry, PeopleGeneration, Person } from '#/ports/index.ts';
import { findLine, type GroupRecord, linesIn, type PersonRecord, partOf, personKey } from './records.ts';

export class HeldGeneration implements PeopleGeneration {
  readonly entry: Pick<PeopleEntry, 'id' | 'source' | 'at' | 'people'>;
  /** Hashes of its parts with people, in order. */
  readonly hashes: readonly string[];
  readonly parts: readonly Buffer[];
  readonly #groupHashes: string;
  readonly #bits: number;
  readonly #groups = new Map<string, GroupRecord>();
  /** Of a group: itself and all groups above it. Made when it is first asked for. */
  readonly #above = new Map<string, readonly string[]>();

  constructor(
    entry: Pick<PeopleEntry, 'id' | 'source' | 'at' | 'people'>,
    hashes: readonly string[],
    parts: readonly Buffer[],
    groupParts: readonly Buffer[],
    groupHashes: readonly string[],
  ) {
    this.entry = entry;
    this.hashes = hashes;
    this.parts = parts;
    this.#groupHashes = groupHashes.join();
    this.#bits = Math.log2(parts.length);
    for (const part of groupParts) {
      for (const [key, value] of linesIn(part)) this.#groups.set(key, value as GroupRecord);
    }
  }

  get id(): string {
    return this.entry.id;
  }

  get source(): string {
    return this.entry.source;
  }

  get at(): number {
    return this.entry.at;
  }

  get size(): number {
    return this.entry.people;
  }

  /** Octets that it takes in memory, about. */
  get bytes(): number {
    return this.parts.reduce((sum, part) => sum + part.length, 0);
  }

  /** Whether it says the same of the same people. */
  isSame(other: HeldGeneration): boolean {
    return this.hashes.join() === other.hashes.join() && this.#groupHashes === other.#groupHashes;
  }

  person(address: string): Person | null {
    const found = this.#record(address);
    if (found === null) return null;
    const [own, aliases, attributes, manager, photo, groups] = found;
    const names = this.#all(groups).map((key) => this.#groups.get(key)?.[0] ?? key);
    return { address: own, aliases, attributes, manager, photo, groups: names.toSorted(byText) };
  }

  inGroup(address: string, group: string): boolean {
    const wanted = [addressKey(group), personKey(group)];
    const groups = this.#all(this.#record(address)?.[5] ?? []);
    return groups.some((key) => {
      const [name, itsAddress] = this.#groups.get(key) ?? [key, null];
      return wanted.includes(addressKey(name)) || (itsAddress !== null && wanted.includes(personKey(itsAddress)));
    });
  }

  #record(address: string): PersonRecord | null {
    const found = this.#find(personKey(address));
    const own = typeof found === 'string' ? this.#find(found) : found;
    return own === undefined ? null : (own as PersonRecord);
  }

  #find(key: string): unknown {
    // A tab or a line break is in no address.
    if (/[\t\n]/.test(key)) return undefined;
    const part = this.parts[partOf(key, this.#bits)];
    return part === undefined ? undefined : findLine(part, key);
  }

  #all(direct: readonly string[]): readonly string[] {
    return [...new Set(direct.flatMap((key) => this.#withAbove(key)))];
  }

  // Groups that name each other in a circle are in each other; none is gone through twice.
  #withAbove(key: string): readonly string[] {
    return this.#above.getOrInsertComputed(key, () => {
      const seen = new Set([key]);
      for (const each of seen) for (const parent of this.#groups.get(each)?.[2] ?? []) seen.add(parent);
      return [...seen];
    });
  }
}

/** People who stand in a part, by key. */
export function peopleIn(part: Buffer): ReadonlyMap<string, PersonRecord> {
  const people = new Map<string, PersonRecord>();
  for (const [key, value] of linesIn(part)) if (typeof value !== 'string') people.set(key, value as PersonRecord);
  return people;
}

function byText(one: string, other: string): number {
  return one < other ? -1 : 1;
}
