/**
 * A generation while its rows come in: nothing of it is seen by anybody. Rows that can't be taken are left out and said; sets that are too large are
 * refused whole, by a `Refusal`. What people are is kept as text, so that memory is bounded by `CONTENT_BYTES_MAX` and what the bounds of groups say.
 */
import { hash } from 'node:crypto';
import { parseMailAddress } from '#/codec/smtp/index.ts';
import { addressKey, type MailAddress } from '#/model/index.ts';
import { type PeoplePart, Refusal } from '#/ports/index.ts';
import {
  ADDRESS_CHARS_MAX,
  ALIASES_MAX,
  ATTRIBUTES_MAX,
  CONTENT_BYTES_MAX,
  GROUPS_MAX,
  GROUPS_PER_PART,
  MEMBERSHIPS_MAX,
  NAME_CHARS_MAX,
  PART_BITS_MAX,
  PART_PEOPLE,
  PEOPLE_MAX,
  VALUE_CHARS_MAX,
} from './limits.ts';
import { photoTrouble } from './photo.ts';
import { type GroupRecord, lineOf, packPart, partOf, personKey } from './records.ts';
import { Remarks } from './remarks.ts';
import type { GroupRow, PersonRow, Row } from './rows.ts';
import { Turns } from './turns.ts';

interface DraftPerson {
  readonly address: MailAddress;
  readonly aliases: readonly MailAddress[];
  /** JSON. */
  readonly attributes: string;
  readonly manager: string | null;
  readonly photo: string | null;
  readonly groups: Set<string>;
}

interface DraftGroup {
  readonly name: string;
  readonly address: string | null;
  readonly members: readonly string[];
  readonly parents: Set<string>;
}

/** A set of rows, whole and cut into parts. */
export interface CutGeneration {
  readonly people: number;
  readonly groups: number;
  readonly attributes: Readonly<Record<string, number>>;
  readonly remarks: readonly string[];
  readonly peopleParts: readonly PeoplePart[];
  readonly groupParts: readonly PeoplePart[];
  readonly photos: readonly PeoplePart[];
  /** Of all of its parts: the same people with the same groups have the same. */
  readonly digest: string;
}

export class Draft {
  /** By key. */
  readonly #people = new Map<string, DraftPerson>();
  /** Keys by the ids of the source. */
  readonly #ids = new Map<string, string>();
  readonly #aliases = new Map<string, string>();
  readonly #groups = new Map<string, DraftGroup>();
  #byAddress: ReadonlyMap<string, DraftGroup> | null = null;
  readonly #photos = new Map<string, Uint8Array>();
  readonly #counts = new Map<string, number>();
  readonly #remarks = new Remarks();
  #chars = 0;
  #memberships = 0;
  #unruly = 0;

  add(row: Row): void {
    if ('person' in row) this.#person(row.person);
    else if ('group' in row) this.#group(row.group);
    else this.#remarks.add(row.refused);
  }

  /** What has come so far, whole. Nothing is added behind it. */
  async cut(): Promise<CutGeneration> {
    const turns = new Turns();
    await this.#join(turns);
    const bits = Math.min(PART_BITS_MAX, Math.max(0, Math.ceil(Math.log2(this.#people.size / PART_PEOPLE))));
    const peopleParts = await this.#peopleParts(bits, turns);
    const groupParts = await this.#groupParts(turns);
    const photos = [...this.#photos].map(([named, octets]) => ({ hash: named, octets }));
    if (this.#unruly > 0) {
      this.#remarks.add(`${this.#unruly} values had line breaks or control characters; a blank stands in their place.`);
    }
    return {
      people: this.#people.size,
      groups: this.#groups.size,
      attributes: Object.fromEntries([...this.#counts].toSorted(([one], [other]) => (one < other ? -1 : 1))),
      remarks: this.#remarks.all,
      ...{ peopleParts, groupParts, photos },
      digest: hash('sha256', [...peopleParts, ...groupParts].map((part) => part.hash).join('\n'), 'hex'),
    };
  }

  #person(row: PersonRow): void {
    const where = row.where === undefined ? '' : `${row.where}: `;
    const address = addressIn(row.address);
    if (address === null) {
      this.#remarks.add(`${where}“${row.address}” is no mail address; the person is left out.`);
      return;
    }
    const key = personKey(address);
    if (this.#people.has(key)) {
      this.#remarks.add(`${where}${address} was there already; the first one counts.`);
      return;
    }
    if (this.#people.size >= PEOPLE_MAX) throw new Refusal(1, `A directory has at most ${PEOPLE_MAX} people.`);
    const attributes = this.#attributes(row, `${where}${address}: `);
    this.#count(attributes.length + 200);
    this.#people.set(key, {
      address,
      aliases: this.#aliasesOf(row, key, where),
      attributes,
      manager: row.manager ?? null,
      photo: this.#photo(row, `${where}${address}: `),
      groups: new Set(row.groups ?? []),
    });
    this.#member(row.groups?.length ?? 0);
    this.#ids.set(row.id, key);
  }

  #group({ id: given, name, address, members }: GroupRow): void {
    // A key stands in front of a tab in a line.
    const id = given.replace(/[\t\n]/g, ' ');
    if (this.#groups.has(id)) {
      this.#remarks.add(`The group ${name} was there already; the first one counts.`);
      return;
    }
    if (this.#groups.size >= GROUPS_MAX) throw new Refusal(1, `A directory has at most ${GROUPS_MAX} groups.`);
    this.#member(members.length);
    const shown = this.#tidy(name).slice(0, VALUE_CHARS_MAX);
    if (shown === '') this.#remarks.add(`The group ${id} has no name and is left out.`);
    else this.#groups.set(id, { name: shown, address: addressIn(address ?? ''), members, parents: new Set() });
  }

  #attributes(row: PersonRow, where: string): string {
    const kept: [string, string][] = [];
    for (const [name, value] of Object.entries(row.attributes)) {
      const tidy = this.#tidy(value);
      if (tidy === '') continue;
      if (!/^[A-Za-z][\w.-]*$/.test(name) || name.length > NAME_CHARS_MAX) {
        this.#remarks.add(`${where}“${name}” is no name of an attribute; it is left out.`);
      } else if (tidy.length > VALUE_CHARS_MAX) {
        this.#remarks.add(`${where}${name} has more than ${VALUE_CHARS_MAX} characters; it is left out.`);
      } else if (kept.length >= ATTRIBUTES_MAX) {
        this.#remarks.add(`${where}more than ${ATTRIBUTES_MAX} attributes; ${name} is left out.`);
      } else {
        kept.push([name, tidy]);
        this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
      }
    }
    return JSON.stringify(Object.fromEntries(kept.toSorted(([one], [other]) => (one < other ? -1 : 1))));
  }

  /** A value goes into header fields, HTML and terminals: it is one line, whatever the source says. */
  #tidy(value: string): string {
    const plain = value
      .toWellFormed()
      .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
      .trim();
    if (plain !== value.trim()) this.#unruly += 1;
    return plain;
  }

  #aliasesOf(row: PersonRow, key: string, where: string): MailAddress[] {
    const aliases: MailAddress[] = [];
    for (const text of row.aliases ?? []) {
      const alias = addressIn(text);
      const aliasKey = alias === null ? null : personKey(alias);
      if (alias === null || aliasKey === null) this.#remarks.add(`${where}“${text}” is no mail address.`);
      else if (aliases.length >= ALIASES_MAX) this.#remarks.add(`${where}${alias} is one alias too many.`);
      else if (aliasKey !== key && this.#aliases.getOrInsert(aliasKey, key) === key) aliases.push(alias);
      else if (aliasKey !== key) this.#remarks.add(`${where}${alias} is somebody else’s already.`);
    }
    return aliases;
  }

  #photo({ photo }: PersonRow, where: string): string | null {
    if (photo === undefined || photo === null) return null;
    const trouble = photoTrouble(photo);
    if (trouble !== null) {
      this.#remarks.add(`${where}${trouble}; it is left out.`);
      return null;
    }
    const named = hash('sha256', photo, 'hex');
    if (!this.#photos.has(named)) this.#count(photo.length);
    this.#photos.set(named, photo);
    return named;
  }

  /** Says to people and groups which groups they are in, as members are people or groups only when all rows are there. */
  async #join(turns: Turns): Promise<void> {
    for (const [id, { name, members }] of this.#groups) {
      let unknown = 0;
      for (const member of members) {
        const person = this.#people.get(this.#keyOf(member));
        const group = this.#groups.get(member) ?? this.#groupAt(member);
        if (person !== undefined) person.groups.add(id);
        else if (group !== undefined) group.parents.add(id);
        else unknown += 1;
      }
      if (unknown > 0) this.#remarks.add(`The group ${name} has ${unknown} members who are nobody here.`);
      await turns.next();
    }
    const circle = circleIn(this.#groups);
    if (circle !== null) {
      const names = circle.map((id) => this.#groups.get(id)?.name ?? id);
      this.#remarks.add(`Groups name each other in a circle: ${names.join(' → ')}. Their members are in all of them.`);
    }
  }

  #groupAt(member: string): DraftGroup | undefined {
    this.#byAddress ??= new Map(
      [...this.#groups.values()].flatMap((group) =>
        group.address === null ? [] : [[addressKey(group.address), group] as const],
      ),
    );
    return this.#byAddress.get(addressKey(member));
  }

  /** Key of whom an id or an address names. */
  #keyOf(named: string): string {
    const known = this.#ids.get(named);
    if (known !== undefined) return known;
    const key = personKey(named);
    return this.#people.has(key) ? key : (this.#aliases.get(key) ?? key);
  }

  async #peopleParts(bits: number, turns: Turns): Promise<readonly PeoplePart[]> {
    const keys: string[][] = Array.from({ length: 2 ** bits }, () => []);
    for (const key of this.#people.keys()) {
      keys[partOf(key, bits)]?.push(key);
      await turns.next();
    }
    const aliases: string[][] = keys.map(() => []);
    for (const [alias, key] of this.#aliases) {
      if (this.#people.has(alias)) continue;
      aliases[partOf(alias, bits)]?.push(lineOf(alias, key));
      await turns.next();
    }
    const parts: PeoplePart[] = [];
    for (const [i, some] of keys.entries()) {
      parts.push(packPart([...some.map((key) => this.#line(key)), ...(aliases[i] ?? [])]));
      await turns.next();
    }
    return parts;
  }

  #line(key: string): string {
    const person = this.#people.get(key);
    if (person === undefined) throw new TypeError(`${key} has gone from the draft.`);
    const manager = person.manager === null ? undefined : this.#people.get(this.#keyOf(person.manager));
    const groups = [...person.groups].filter((id) => this.#groups.has(id)).sort();
    const attributes = JSON.parse(person.attributes) as Record<string, string>;
    return lineOf(key, [person.address, person.aliases, attributes, manager?.address ?? null, person.photo, groups]);
  }

  async #groupParts(turns: Turns): Promise<readonly PeoplePart[]> {
    const lines: string[] = [];
    for (const [id, { name, address, parents }] of this.#groups) {
      const record: GroupRecord = [name, address, [...parents].sort()];
      lines.push(lineOf(id, record));
      await turns.next();
    }
    lines.sort();
    const parts: PeoplePart[] = [];
    for (let from = 0; from < lines.length; from += GROUPS_PER_PART) {
      parts.push(packPart(lines.slice(from, from + GROUPS_PER_PART)));
      await turns.next();
    }
    return parts;
  }

  #count(chars: number): void {
    this.#chars += chars;
    if (this.#chars > CONTENT_BYTES_MAX)
      throw new Refusal(1, `What is known of all people together is more than ${CONTENT_BYTES_MAX / 1_000_000} MB.`);
  }

  #member(count: number): void {
    this.#memberships += count;
    if (this.#memberships > MEMBERSHIPS_MAX)
      throw new Refusal(1, `Groups of a directory have at most ${MEMBERSHIPS_MAX} members together.`);
  }
}

function addressIn(text: string): MailAddress | null {
  const trimmed = text.trim();
  if (trimmed.length > ADDRESS_CHARS_MAX || /[\p{Cc}]/u.test(trimmed)) return null;
  return parseMailAddress(trimmed);
}

/** A circle of groups that name each other; null where there is none. Each group is gone through once. */
function circleIn(groups: ReadonlyMap<string, DraftGroup>): readonly string[] | null {
  const done = new Set<string>();
  for (const start of groups.keys()) {
    const way: { readonly id: string; readonly parents: Iterator<string> }[] = [];
    const onWay = new Set<string>();
    const enter = (id: string): void => {
      way.push({ id, parents: (groups.get(id)?.parents ?? new Set<string>()).values() });
      onWay.add(id);
    };
    if (!done.has(start)) enter(start);
    for (let last = way.at(-1); last !== undefined; last = way.at(-1)) {
      const next = last.parents.next();
      if (next.done === true) {
        done.add(last.id);
        onWay.delete(last.id);
        way.pop();
      } else if (onWay.has(next.value)) {
        const ids = way.map(({ id }) => id);
        return [...ids.slice(ids.indexOf(next.value)), next.value];
      } else if (!done.has(next.value)) enter(next.value);
    }
  }
  return null;
}
