/** Between a whole set in memory and the book: parts go first, the row that names them last. */
import type { Call, TenantId } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import {
  type Clock,
  PARTS_PER_CALL,
  type PeopleBook,
  type PeopleEntry,
  type PeopleIndex,
  type PeoplePart,
} from '#/ports/index.ts';
import type { CutGeneration } from './draft.ts';
import { HeldGeneration } from './generation.ts';
import { unpackPart } from './records.ts';
import { Turns } from './turns.ts';

/** Keeps it under the id of `entry`. Parts that are there already are not written again. */
export async function keepGeneration(
  { book, clock }: { readonly book: PeopleBook; readonly clock: Pick<Clock, 'now'> },
  entry: PeopleEntry,
  cut: CutGeneration,
  call: Call,
): Promise<void> {
  const all = [
    ...new Map([...cut.peopleParts, ...cut.groupParts, ...cut.photos].map((part) => [part.hash, part])).values(),
  ];
  for (let from = 0; from < all.length; from += PARTS_PER_CALL) {
    const some = all.slice(from, from + PARTS_PER_CALL);
    const hashes = some.map(({ hash }) => hash);
    const there = await book.present(entry.tenant, hashes, clock.now(), call);
    const fresh = some.filter(({ hash }) => !there.has(hash));
    await book.keep(entry.tenant, fresh, clock.now(), call);
  }
  await book.add(entry, indexOf(cut), call);
}

/** Reads a generation whole. Parts that `known` has are not read again. Fault `store.failed` where a part is missing or damaged. */
export async function readGeneration(
  book: Pick<PeopleBook, 'parts'>,
  { entry, index }: { readonly entry: PeopleEntry; readonly index: PeopleIndex },
  known: HeldGeneration | null,
  call: Call,
): Promise<HeldGeneration> {
  const at = new Map(known?.hashes.map((hash, i) => [hash, known.parts[i]] as const));
  const turns = new Turns();
  const read = async (hashes: readonly string[]): Promise<Buffer[]> => {
    const parts: Buffer[] = [];
    for (let from = 0; from < hashes.length; from += PARTS_PER_CALL) {
      const some = hashes.slice(from, from + PARTS_PER_CALL);
      const missing = some.filter((hash) => at.get(hash) === undefined);
      const found = new Map(await octetsOf(book, entry.tenant, missing, call));
      for (const hash of some) {
        parts.push(at.get(hash) ?? unpacked(hash, found.get(hash)));
        await turns.next();
      }
    }
    return parts;
  };
  return new HeldGeneration(entry, index.people, await read(index.people), await read(index.groups), index.groups);
}

/** A set that was just cut, as it will be read. */
export async function heldOf(entry: PeopleEntry, cut: CutGeneration): Promise<HeldGeneration> {
  const hashes = cut.peopleParts.map(({ hash }) => hash);
  const turns = new Turns();
  const parts: Buffer[] = [];
  for (const part of cut.peopleParts) {
    parts.push(unpackPart(part));
    await turns.next();
  }
  const groupHashes = cut.groupParts.map(({ hash }) => hash);
  const groups = cut.groupParts.map(unpackPart);
  return new HeldGeneration(entry, hashes, parts, groups, groupHashes);
}

async function octetsOf(
  book: Pick<PeopleBook, 'parts'>,
  tenant: TenantId,
  hashes: readonly string[],
  call: Call,
): Promise<(readonly [string, Uint8Array | null])[]> {
  const found = await book.parts(tenant, hashes, call);
  return hashes.map((hash, i) => [hash, found[i] ?? null]);
}

function unpacked(hash: string, octets: Uint8Array | null | undefined): Buffer {
  if (octets === null || octets === undefined) throw new Fault('store.failed', 'A part of a generation is missing.');
  try {
    return unpackPart({ hash, octets });
  } catch (error) {
    throw new Fault('store.failed', 'A part of a generation is damaged.', error);
  }
}

function indexOf({ peopleParts, groupParts, photos }: CutGeneration): PeopleIndex {
  const hashes = (parts: readonly PeoplePart[]) => parts.map(({ hash }) => hash);
  return { people: hashes(peopleParts), groups: hashes(groupParts), photos: hashes(photos) };
}
