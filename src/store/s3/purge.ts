/**
 * The second phase of deletion, page after page of the bucket's listing. A blob goes when it was condemned before the given time and
 * still no row names it. One that no row names and nobody condemned is condemned now, and goes the next time: so every one has its full
 * grace. Uploads that nobody completed are given up when they are as old.
 */
import type { StoredObject } from '#/codec/s3/index.ts';
import type { Call } from '#/model/index.ts';
import { isFault } from '#/model/index.ts';
import type { Bucket, Uploading } from './bucket.ts';
import { contentOf } from './exchange.ts';
import type { S3Limits } from './limits.ts';
import { lastMarkName, markName, readName } from './places.ts';

export type InUse = (keys: readonly string[]) => Promise<ReadonlySet<string>>;

/** A blob as a listing tells it: whether it is there, and its marks, oldest first. */
interface Listed {
  readonly blob: string;
  readonly key: string;
  readonly begunAt: number;
  there: boolean;
  readonly marks: { readonly name: string; readonly at: number }[];
}

/** One call's worth of the walk. */
interface Round {
  readonly before: number;
  readonly nowMs: number;
  readonly inUse: InUse;
  readonly call: Call;
  gone: number;
}

/** A walk over all objects that stops at a call's deadline and goes on from there the next time. */
export class Purge {
  readonly #bucket: Bucket;
  readonly #prefix: string;
  readonly #limits: Pick<S3Limits, 'removalsAtOnce'>;
  #after = '';

  constructor(bucket: Bucket, prefix: string, limits: Pick<S3Limits, 'removalsAtOnce'>) {
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#limits = limits;
  }

  /** Returns how many blobs and left-over uploads went. Times are wall-clock ms. */
  async walk(before: number, nowMs: number, inUse: InUse, call: Call): Promise<number> {
    const round: Round = { before, nowMs, inUse, call, gone: 0 };
    try {
      await this.#giveUpUploads(round);
      while (await this.#purgePage(round));
    } catch (error) {
      if (!isFault(error, 'call.late')) throw error;
    }
    return round.gone;
  }

  /** Whether more pages follow. */
  async #purgePage(round: Round): Promise<boolean> {
    const { before, inUse, call } = round;
    const page = await this.#bucket.list(this.#after, call);
    const listed = whole(listedIn(page.objects, this.#prefix), page.more);
    const old = listed.filter(({ there, begunAt }) => there && begunAt < before);
    const needed = old.length === 0 ? new Set<string>() : await inUse(old.map(({ key }) => key));
    const strays = listed.filter(({ there }) => !there);
    await this.#atOnce([...old, ...strays], (each) => this.#decide(each, needed.has(each.key), round));
    const last = listed.at(-1);
    // Behind the marks too, those among them that were made just now: without their blob they would look like strays.
    const seen = last === undefined ? page.objects.at(-1)?.name : lastMarkName(last.blob);
    this.#after = page.more ? (seen ?? '') : '';
    return this.#after !== '';
  }

  async #decide(each: Listed, needed: boolean, round: Round): Promise<void> {
    const { blob, there, marks } = each;
    const since = marks[0]?.at;
    if (needed || !there) return this.#unmark(each, round.call);
    if (since === undefined) return this.#bucket.put(markName(blob, round.nowMs), contentOf([]), round.call);
    if (since >= round.before) return;
    await this.#bucket.remove(blob, round.call);
    round.gone++;
    await this.#unmark(each, round.call);
  }

  async #unmark({ marks }: Listed, call: Call): Promise<void> {
    for (const { name } of marks) await this.#bucket.remove(name, call);
  }

  // What a process that died, or lost the store, left behind.
  async #giveUpUploads(round: Round): Promise<void> {
    const { before, call } = round;
    const stale: Uploading[] = [];
    for (let after: Awaited<ReturnType<Bucket['uploads']>>['next'] = null; ; ) {
      const { uploads, next } = await this.#bucket.uploads(after, call);
      stale.push(...uploads.filter(({ name }) => (readName(this.#prefix, name)?.begunAt ?? before) < before));
      if (next === null) break;
      after = next;
    }
    await this.#atOnce(stale, async (each) => {
      await this.#bucket.abandon(each, call);
      round.gone++;
    });
  }

  async #atOnce<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
    const left = items.values();
    const hand = async (): Promise<void> => {
      for (const item of left) await work(item);
    };
    await Promise.all(Array.from({ length: this.#limits.removalsAtOnce }, hand));
  }
}

function listedIn(objects: readonly StoredObject[], prefix: string): Listed[] {
  const found = new Map<string, Listed>();
  for (const { name } of objects) {
    const named = readName(prefix, name);
    if (named === null) continue;
    const { blob, key, begunAt, condemnedAt } = named;
    const listed = found.getOrInsertComputed(blob, () => ({ blob, key, begunAt, there: false, marks: [] }));
    if (condemnedAt === null) listed.there = true;
    else listed.marks.push({ name, at: condemnedAt });
  }
  return [...found.values()];
}

/** Without the last where more names follow: marks of it may stand on the next page. */
function whole(listed: readonly Listed[], more: boolean): readonly Listed[] {
  return more && listed.length > 1 ? listed.slice(0, -1) : listed;
}
