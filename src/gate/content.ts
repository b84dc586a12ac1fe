/**
 * The content of a mail while it arrives. Small ones stay as views of what the socket brought; when one outgrows its share of
 * memory, it moves to the blob store and follows there piece by piece, at the store's pace.
 *
 *   small ── outgrows its share ──▶ moving ──▶ large ── finish ──▶ done
 *     └────────── finish ──▶ done                 any ── fault, discard ──▶ gone
 *
 * What must never happen: octets in memory that the budget doesn't know; a blob half written that nobody removes.
 */
import { type Reply, replies } from '#/codec/smtp/index.ts';
import { type BlobRef, isFault, type TenantId } from '#/model/index.ts';
import type { BlobWriter } from '#/ports/index.ts';
import type { BodyBudget } from './body-budget.ts';

/** Pieces below this are copied together: a sender of single octets must not cost an object each. */
const SMALL_PIECE_BYTES = 512;
const TAIL_BYTES = 16 * 1024;

/** A large content on its way into the blob store, once for each tenant (blobs are never shared across tenants). */
export interface LargeContent {
  readonly writers: readonly { readonly tenant: TenantId; readonly writer: BlobWriter }[];
  /** What goes first: our Received field and the header as it is kept. */
  readonly head: readonly Uint8Array[];
}

/** Begins the large form from what has come so far; a reply where the mail has to be refused, null where the header isn't whole yet. */
export type OpenLarge = (chunks: readonly Buffer[]) => Promise<LargeContent | Reply | null>;

export class Content {
  readonly #budget: BodyBudget;
  readonly #openLarge: OpenLarge;
  #chunks: Buffer[] = [];
  #tail = Buffer.alloc(0);
  #tailUsed = 0;
  #inMemory = 0;
  /** Below this it is not asked again whether the content can move. */
  #moveAt = 0;
  #large: LargeContent | null = null;
  #gone = false;
  /** Octets that came. */
  size = 0;
  /** Why the mail can't be accepted; null while it can. */
  fault: Reply | null = null;

  constructor(budget: BodyBudget, openLarge: OpenLarge) {
    this.#budget = budget;
    this.#openLarge = openLarge;
  }

  get large(): LargeContent | null {
    return this.#large;
  }

  /** All octets, while they are in memory. */
  get chunks(): readonly Buffer[] {
    return this.#chunks;
  }

  /** Takes a piece; null, or a promise to wait for before the next one. Never rejects: see `fault`. */
  take(bytes: Buffer): Promise<void> | null {
    this.size += bytes.length;
    if (this.fault !== null || this.#gone) return null;
    if (this.#large !== null) return this.#guarded(this.#append(this.#large, bytes));
    this.#keep(bytes);
    return this.#inMemory > Math.max(this.#budget.shareBytes, this.#moveAt) ? this.#guarded(this.#move()) : null;
  }

  /** The blobs, durable; only where the content is large. Rejects when the store fails. */
  async finish(): Promise<ReadonlyMap<TenantId, BlobRef>> {
    const refs = new Map<TenantId, BlobRef>();
    for (const { tenant, writer } of this.#large?.writers ?? []) refs.set(tenant, await writer.finish());
    return refs;
  }

  /** The mail is accepted, or refused for good: gives the memory back. */
  release(): void {
    this.#budget.count(-this.#inMemory);
    this.#inMemory = 0;
    this.#chunks = [];
  }

  /** Leaves nothing behind. */
  discard(): void {
    this.#gone = true;
    this.release();
    for (const { writer } of this.#large?.writers ?? []) writer.abort().catch(() => undefined);
    this.#large = null;
  }

  #keep(bytes: Buffer): void {
    this.#inMemory += bytes.length;
    this.#budget.count(bytes.length);
    if (bytes.length >= SMALL_PIECE_BYTES) {
      this.#chunks.push(bytes);
      this.#tailUsed = this.#tail.length;
    } else this.#keepSmall(bytes);
  }

  #keepSmall(bytes: Buffer): void {
    const from = this.#tailUsed;
    if (this.#chunks.length === 0) {
      this.#chunks.push(bytes);
      this.#tailUsed = this.#tail.length;
    } else if (from + bytes.length <= this.#tail.length && from > 0) {
      this.#tailUsed = from + bytes.copy(this.#tail, from);
      this.#chunks[this.#chunks.length - 1] = this.#tail.subarray(0, this.#tailUsed);
    } else {
      this.#tail = Buffer.allocUnsafe(TAIL_BYTES);
      this.#tailUsed = bytes.copy(this.#tail, 0);
      this.#chunks.push(this.#tail.subarray(0, this.#tailUsed));
    }
  }

  async #move(): Promise<void> {
    const opened = await this.#openLarge(this.#chunks).catch((fault: unknown) => this.#stay(fault));
    if (opened === null) {
      this.#moveAt = this.#inMemory * 2;
      return;
    }
    this.release();
    if ('code' in opened) {
      this.fault = opened;
      return;
    }
    this.#large = opened;
    // The peer left meanwhile.
    if (this.#gone) this.discard();
    for (const piece of this.#gone ? [] : opened.head) await this.#append(opened, piece);
  }

  // Small content moves only to save memory. While its store is away it stays (M4), as long as the budget has room for new mail.
  #stay(fault: unknown): null {
    if (isFault(fault, 'store.unavailable') && this.#budget.isSmall(this.#inMemory)) return null;
    throw fault;
  }

  async #append(large: LargeContent, bytes: Uint8Array): Promise<void> {
    for (const { writer } of large.writers) await writer.write(bytes);
  }

  async #guarded(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (fault) {
      this.fault ??= isFault(fault, 'disk.full') ? replies.diskShort : replies.tryLater;
      this.discard();
    }
  }
}
