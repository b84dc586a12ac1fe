/** Large content beside the rows. Written whole and durable before any row names it; shared only by rows of one tenant (design 1, Disk). */
import type { BlobRef, Call, TenantId } from '#/model/index.ts';

export interface Blobs {
  /** Begins a blob of one tenant. Nothing is visible until `finish`. */
  create(tenant: TenantId, call: Call): Promise<BlobWriter>;

  /** The content from the beginning, decrypted, in pieces; ends with a fault `body.damaged` when length or hash differ from the reference. */
  read(tenant: TenantId, ref: BlobRef, call: Call): AsyncIterable<Uint8Array>;

  /** Whether the blob is there with the right length. */
  has(tenant: TenantId, ref: BlobRef, call: Call): Promise<boolean>;

  /** First phase of deletion: marks blobs that no row names any more. */
  condemn(tenant: TenantId, keys: readonly string[], call: Call): Promise<void>;

  /** Second phase: removes blobs condemned, or never referenced, before `before` for which `inUse` is still false. Returns how many went. */
  purge(before: number, inUse: (keys: readonly string[]) => Promise<ReadonlySet<string>>, call: Call): Promise<number>;
}

export interface BlobWriter {
  /** Resolves when the next piece may come (back-pressure). */
  write(piece: Uint8Array): Promise<void>;
  /** Durable when it resolves: file, then folder. */
  finish(): Promise<BlobRef>;
  /** Leaves nothing behind. Harmless after `finish`. */
  abort(): Promise<void>;
}
