/**
 * Compound files (MS-CFB): what Word, Excel, PowerPoint and Outlook wrote before 2007, encrypted documents of today, and objects in documents.
 * A file system in a file, whose chains of sectors may be made to loop or to lead anywhere: no chain is followed longer than its file is, and
 * nothing is read outside of it.
 */

export interface CfbEntry {
  /** Storages around it and its name, parted by `/`; marks of control removed from no name, since they tell kinds apart. */
  readonly path: string;
  readonly isStorage: boolean;
  readonly size: number;
}

const SIGNATURE = 'd0cf11e0a1b11ae1';
const END_OF_CHAIN = 0xfffffffe;
const LAST_REGULAR = 0xfffffff9;
const MINI_CUTOFF = 4096;
/** Entries of one file; a mailbox item with hundreds of recipients has some thousands. */
const entriesMax = 20_000;

export class Cfb {
  readonly entries: readonly CfbEntry[];
  readonly #octets: Buffer;
  readonly #sectorBytes: number;
  readonly #fat: number[] = [];
  readonly #miniFat: Buffer;
  readonly #mini: Buffer;
  #byStorage: ReadonlyMap<string, readonly CfbEntry[]> | null = null;
  readonly #starts = new Map<string, { readonly start: number; readonly size: number }>();

  /** Null where the octets are no compound file. */
  static open(octets: Buffer): Cfb | null {
    if (octets.length < 512 || octets.toString('hex', 0, 8) !== SIGNATURE) return null;
    return new Cfb(octets);
  }

  private constructor(octets: Buffer) {
    this.#octets = octets;
    this.#sectorBytes = octets.readUInt16LE(30) === 12 ? 4096 : 512;
    this.#readFat();
    const directory = this.#chain(octets.readUInt32LE(48), octets.length);
    this.#miniFat = this.#chain(octets.readUInt32LE(60), octets.length);
    const root = directory.length >= 128 ? directory.subarray(0, 128) : Buffer.alloc(128);
    this.#mini = this.#chain(root.readUInt32LE(116), root.readUInt32LE(120));
    this.entries = this.#readTree(directory, root.readUInt32LE(76));
  }

  /** What stands in a storage itself; `under` is empty for that of the file, or ends with a slash. */
  entriesIn(under: string): readonly CfbEntry[] {
    this.#byStorage ??= Map.groupBy(this.entries, ({ path }) => path.slice(0, path.lastIndexOf('/') + 1).toLowerCase());
    return this.#byStorage.get(under.toLowerCase()) ?? [];
  }

  /** The octets of a stream; null where there is none of that path. Letters of either case. */
  read(path: string): Buffer | null {
    const found = this.#starts.get(path.toLowerCase());
    if (found === undefined) return null;
    const { start, size } = found;
    return size < MINI_CUTOFF ? this.#miniChain(start, size) : this.#chain(start, size);
  }

  /** Places of sectors that hold the FAT stand in the header, and from there in a chain of their own. */
  #readFat(): void {
    const places: number[] = [];
    for (let at = 76; at < 512; at += 4) places.push(this.#octets.readUInt32LE(at));
    let next = this.#octets.readUInt32LE(68);
    const sectorsMax = Math.ceil(this.#octets.length / this.#sectorBytes);
    for (let count = 0; next <= LAST_REGULAR && count < sectorsMax; count++) {
      const sector = this.#sector(next);
      for (let at = 0; at + 8 <= sector.length; at += 4) places.push(sector.readUInt32LE(at));
      next = sector.length === this.#sectorBytes ? sector.readUInt32LE(sector.length - 4) : END_OF_CHAIN;
    }
    for (const place of places) {
      if (place > LAST_REGULAR || this.#fat.length > sectorsMax) continue;
      const sector = this.#sector(place);
      for (let at = 0; at + 4 <= sector.length; at += 4) this.#fat.push(sector.readUInt32LE(at));
    }
  }

  #sector(index: number): Buffer {
    const from = (index + 1) * this.#sectorBytes;
    return this.#octets.subarray(from, from + this.#sectorBytes);
  }

  #chain(start: number, size: number): Buffer {
    const sectors: Buffer[] = [];
    let bytes = 0;
    const bytesMax = Math.min(size, this.#octets.length);
    for (let at = start; at <= LAST_REGULAR && bytes < bytesMax; at = this.#fat[at] ?? END_OF_CHAIN) {
      const sector = this.#sector(at);
      if (sector.length === 0) break;
      sectors.push(sector);
      bytes += sector.length;
    }
    return Buffer.concat(sectors).subarray(0, bytesMax);
  }

  #miniChain(start: number, size: number): Buffer {
    const sectors: Buffer[] = [];
    for (let at = start, bytes = 0; at <= LAST_REGULAR && bytes < size; bytes += 64) {
      sectors.push(this.#mini.subarray(at * 64, at * 64 + 64));
      at = at * 4 + 4 <= this.#miniFat.length ? this.#miniFat.readUInt32LE(at * 4) : END_OF_CHAIN;
    }
    return Buffer.concat(sectors).subarray(0, size);
  }

  /** Walks the tree of entries; each is taken once, whatever points to it. */
  #readTree(directory: Buffer, rootChild: number): CfbEntry[] {
    const entries: CfbEntry[] = [];
    const seen = new Set<number>();
    const open: { readonly index: number; readonly around: string }[] = [{ index: rootChild, around: '' }];
    for (let item = open.pop(); item !== undefined && entries.length < entriesMax; item = open.pop()) {
      const at = item.index * 128;
      if (item.index > LAST_REGULAR || seen.has(item.index) || at + 128 > directory.length) continue;
      seen.add(item.index);
      const record = directory.subarray(at, at + 128);
      const nameBytes = Math.min(Math.max(record.readUInt16LE(64) - 2, 0), 62);
      const path = item.around + record.toString('utf16le', 0, nameBytes);
      const isStorage = record[66] === 1;
      const size = record.readUInt32LE(120);
      entries.push({ path, isStorage, size: isStorage ? 0 : size });
      if (!isStorage) this.#starts.set(path.toLowerCase(), { start: record.readUInt32LE(116), size });
      open.push(
        { index: record.readUInt32LE(68), around: item.around },
        { index: record.readUInt32LE(72), around: item.around },
      );
      if (isStorage) open.push({ index: record.readUInt32LE(76), around: `${path}/` });
    }
    return entries;
  }
}
