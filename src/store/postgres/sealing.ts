/** Content on its way into a row and out of it: sealed under its day's key from acceptance on (design 1), its hash beside it. */
import { hash } from 'node:crypto';
import type { ArrivedMail, MailId } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { DayKey, KeyDay, KeyRing } from '../keys/index.ts';
import { keyDayOf, openBody, sealBody } from '../keys/index.ts';

/** What a row of `body` says, beside whose it is. */
export interface StoredContent {
  /** The day whose key sealed it; empty where it lies as it came. */
  readonly day: string;
  readonly sha256: string;
  readonly blob: string | null;
  readonly bytes: Uint8Array;
}

/** The `key_day` of content that was stored as it came. */
const UNSEALED = '';
const NOTHING = new Uint8Array();

export class Sealing {
  readonly #ring: KeyRing;
  readonly #encrypt: boolean;
  #today: DayKey | null = null;

  constructor(ring: KeyRing, encrypt: boolean) {
    this.#ring = ring;
    this.#encrypt = encrypt;
  }

  /** Whether `seal` knows the key of this moment. */
  isReady(now: number): boolean {
    return !this.#encrypt || this.#today?.day === keyDayOf(now);
  }

  /** Fetches the key of this moment's day, and makes it where it is the day's first use. */
  async prepare(now: number): Promise<void> {
    if (!this.isReady(now)) this.#today = await this.#ring.sealing(now);
  }

  /** Makes the key of a day to come, so that it is on every standby, however late, before anything is sealed under it. */
  async makeAhead(ms: number): Promise<void> {
    if (this.#encrypt) await this.#ring.sealing(ms);
  }

  /** Content as it will lie in its row. Sealed under the key that was prepared last. */
  seal({ id, body }: ArrivedMail): StoredContent {
    if (body.kind === 'blob') return { day: UNSEALED, sha256: body.ref.sha256, blob: body.ref.key, bytes: NOTHING };
    const [first] = body.chunks;
    const content = body.chunks.length === 1 && first !== undefined ? first : Buffer.concat(body.chunks);
    const facts = { sha256: hash('sha256', content, 'hex'), blob: null };
    if (this.#today === null) return { ...facts, day: UNSEALED, bytes: content };
    const { day, key } = this.#today;
    return { ...facts, day, bytes: sealBody(key, id, [content]) };
  }

  /** The content again; its length and (unless the seal says as much already) its hash are as at acceptance. Faults `body.damaged`, `key.missing`. */
  async open(message: MailId, row: { day: string; size: number; sha256: string; content: Buffer }): Promise<Buffer> {
    const isSealed = row.day !== UNSEALED;
    const content = isSealed
      ? openBody(await this.#ring.opening(row.day as KeyDay), message, row.content)
      : row.content;
    if (content.length !== row.size) throw new Fault('body.damaged', 'Its length differs.');
    if (!isSealed && hash('sha256', content, 'hex') !== row.sha256)
      throw new Fault('body.damaged', 'Its hash differs.');
    return content;
  }
}
