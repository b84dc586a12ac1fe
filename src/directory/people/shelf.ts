/**
 * The generations of people that this process has in memory, read when mail first asks for them. Which one serves a tenant is looked up every few seconds;
 * while a new one is read, the one before serves on, and so it does where the book can't be read (C5).
 *
 * What must never happen: a generation that is seen before it is whole; an id that is given away before the book has it; memory without a bound.
 */
import { type Call, Fault, type Tenant, type TenantId, within } from '#/model/index.ts';
import type { Clock, DirectorySource, PeopleBook, PeopleEntry, PeopleGenerations } from '#/ports/index.ts';
import { Draft } from './draft.ts';
import type { HeldGeneration } from './generation.ts';
import { heldOf, keepGeneration, readGeneration } from './keep.ts';
import { HELD_BYTES_MAX, KEEP_AGAIN_MS, LOOK_AGAIN_MS, READ_MS, STORE_MS } from './limits.ts';
import { RESOURCES, resourcesId, rowsOfTenant } from './resources.ts';

export interface PeopleShelfParts {
  readonly book: PeopleBook;
  readonly directory: DirectorySource;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
}

interface Look {
  /** The id that serves; null: the resources. */
  readonly serves: string | null;
  /** Monotonic ms. */
  readonly at: number;
}

export interface Serving {
  readonly generation: HeldGeneration;
  readonly entry: PeopleEntry;
}

interface Made extends Serving {
  readonly keep: (call: Call) => Promise<void>;
  /** Monotonic ms at which it was last said to be in use. */
  keptAt: number;
}

export class PeopleShelf implements PeopleGenerations {
  readonly #parts: PeopleShelfParts;
  readonly #looks = new Map<TenantId, Look>();
  readonly #looking = new Map<TenantId, Promise<Look>>();
  /** By tenant and id; what was asked last is the last one. */
  readonly #held = new Map<string, HeldGeneration>();
  readonly #reading = new Map<string, Promise<HeldGeneration | null>>();
  /** What served a tenant last, for while its successor is read. */
  readonly #last = new Map<TenantId, string>();
  /** Of resources: made once for each version of a tenant. */
  readonly #made = new WeakMap<Tenant, Promise<Made>>();

  constructor(parts: PeopleShelfParts) {
    this.#parts = parts;
  }

  async current(tenant: TenantId, call: Call): Promise<HeldGeneration> {
    const { serves } = await this.#look(tenant);
    if (serves === null) return this.#keptOf(tenant, call);
    const ready = this.#ready(tenant, serves);
    if (ready !== null) {
      this.#last.set(tenant, serves);
      return ready;
    }
    const reading = this.#read(tenant, serves);
    const last = this.#last.get(tenant);
    const before = last === undefined ? null : this.#ready(tenant, last);
    // Whoever needs it next is told of its failure.
    reading.catch(() => {});
    if (before !== null) return before;
    const found = await reading;
    if (found === null) throw missing(tenant, serves);
    this.#last.set(tenant, serves);
    return found;
  }

  /** What serves, as it stands now, with what is known of it. */
  async serving(tenant: TenantId, call: Call): Promise<Serving> {
    const { book } = this.#parts;
    const serves = (await book.stand(tenant, call))?.current ?? null;
    if (serves === null) return this.ofResources(tenant);
    const found = await book.find(tenant, serves, call);
    const generation = this.#ready(tenant, serves) ?? (await this.#read(tenant, serves));
    if (found === null || generation === null) throw missing(tenant, serves);
    return { generation, entry: found.entry };
  }

  /** What the resources say of people now, whether it serves or not. */
  async ofResources(tenant: TenantId): Promise<Serving> {
    const { generation, entry } = await this.#madeOf(tenant);
    return { generation, entry };
  }

  async byId(tenant: TenantId, id: string): Promise<HeldGeneration | null> {
    return this.#ready(tenant, id) ?? (await this.#read(tenant, id));
  }

  async photo(tenant: TenantId, hash: string, call: Call): Promise<Uint8Array | null> {
    const [octets] = await this.#parts.book.parts(tenant, [hash], call);
    return octets ?? null;
  }

  /** Takes in one that this process has made, so that it need not be read. */
  hold(tenant: TenantId, generation: HeldGeneration): void {
    this.#held.set(keyOf(tenant, generation.id), generation);
    this.#makeRoom();
  }

  /** Forgets what was looked up: somebody has switched here. */
  switched(tenant: TenantId): void {
    this.#looks.delete(tenant);
  }

  async #look(tenant: TenantId): Promise<Look> {
    const known = this.#looks.get(tenant);
    if (known !== undefined && this.#parts.clock.monotonic() - known.at < LOOK_AGAIN_MS) return known;
    const looking = this.#looking.getOrInsertComputed(tenant, () =>
      this.#lookNow(tenant).finally(() => this.#looking.delete(tenant)),
    );
    try {
      return await looking;
    } catch (error) {
      // C5: the last whole one serves on.
      if (known !== undefined) return known;
      throw error;
    }
  }

  async #lookNow(tenant: TenantId): Promise<Look> {
    const at = this.#parts.clock.monotonic();
    const stand = await this.#parts.book.stand(tenant, within(STORE_MS));
    const look = { serves: stand?.current ?? null, at };
    this.#looks.set(tenant, look);
    return look;
  }

  #ready(tenant: TenantId, id: string): HeldGeneration | null {
    const key = keyOf(tenant, id);
    const held = this.#held.get(key);
    if (held === undefined) return null;
    this.#held.delete(key);
    this.#held.set(key, held);
    return held;
  }

  #read(tenant: TenantId, id: string): Promise<HeldGeneration | null> {
    const key = keyOf(tenant, id);
    return this.#reading.getOrInsertComputed(key, () =>
      this.#readNow(tenant, id).finally(() => this.#reading.delete(key)),
    );
  }

  async #readNow(tenant: TenantId, id: string): Promise<HeldGeneration | null> {
    const { book } = this.#parts;
    const found = await book.find(tenant, id, within(STORE_MS));
    if (found === null) return null;
    const last = this.#last.get(tenant);
    const known = last === undefined ? null : (this.#held.get(keyOf(tenant, last)) ?? null);
    const read = await readGeneration(book, found, known, within(READ_MS));
    this.hold(tenant, read);
    return read;
  }

  #makeRoom(): void {
    // Parts that several share count for each: the bound is on the safe side.
    let bytes = [...this.#held.values()].reduce((sum, held) => sum + held.bytes, 0);
    for (const [key, held] of this.#held) {
      if (bytes <= HELD_BYTES_MAX || this.#held.size === 1) return;
      bytes -= held.bytes;
      this.#held.delete(key);
    }
  }

  /** With its content in the book, where a retry finds it after the next `apply`. */
  async #keptOf(tenant: TenantId, call: Call): Promise<HeldGeneration> {
    const made = await this.#madeOf(tenant);
    const now = this.#parts.clock.monotonic();
    if (now - made.keptAt >= KEEP_AGAIN_MS) {
      await made.keep(call);
      made.keptAt = now;
    }
    return made.generation;
  }

  async #madeOf(tenant: TenantId): Promise<Made> {
    const found = this.#parts.directory.current().tenant(tenant);
    if (found === undefined) throw new Fault('store.unavailable', `The tenant ${tenant} is not known to this process.`);
    return this.#made.getOrInsertComputed(found, () => this.#make(found));
  }

  async #make(tenant: Tenant): Promise<Made> {
    const draft = new Draft();
    for (const row of rowsOfTenant(tenant)) draft.add(row);
    const cut = await draft.cut();
    const { people, groups, attributes, remarks } = cut;
    const entry: PeopleEntry = {
      ...{ tenant: tenant.id, id: resourcesId(cut.digest), source: RESOURCES, by: RESOURCES },
      ...{ at: this.#parts.directory.current().switchedAt, people, groups, attributes, remarks, refused: [] },
    };
    return {
      entry,
      generation: await heldOf(entry, cut),
      keep: (call) => keepGeneration(this.#parts, { ...entry, at: this.#parts.clock.now() }, cut, call),
      keptAt: Number.NEGATIVE_INFINITY,
    };
  }
}

function missing(tenant: TenantId, id: string): Fault {
  return new Fault('store.failed', `The generation ${id} of ${tenant} is missing.`);
}

function keyOf(tenant: TenantId, id: string): string {
  return `${tenant}\n${id}`;
}
