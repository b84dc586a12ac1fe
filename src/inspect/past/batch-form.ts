/** Kept mails of one tenant <-> the octets of one batch. */
import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import type { TenantId } from '#/model/index.ts';
import { formOf, type KeptForm, type KeptMail, keptKey, mailOf } from './kept-mail.ts';

/** As written by this release. What a later one writes is a gap for this one. */
const FORM = 1;
/** Batches are alike, so the fastest level is nearly as good as the best. */
const LEVEL = 1;
/** A batch is far smaller; what is not was not written by us. */
const CHARS_MAX = 16 * 1024 * 1024;

const pack = promisify(deflateRaw);
const unpack = promisify(inflateRaw);

/** Mails as they come, until they are a batch. */
export class BatchWriter {
  readonly #keys = new Map<string, number>();
  readonly #mails: string[] = [];
  #chars = 0;
  #from = Number.POSITIVE_INFINITY;
  #to = Number.NEGATIVE_INFINITY;

  get mails(): number {
    return this.#mails.length;
  }

  get chars(): number {
    return this.#chars;
  }

  /** When the oldest and the newest of them was inspected. */
  get times(): { readonly from: number; readonly to: number } {
    return { from: this.#from, to: this.#to };
  }

  /** False where it is longer than `charsMax`, and not taken. */
  take(mail: KeptMail, charsMax: number): boolean {
    const form = formOf(mail, (key) => this.#placeOf(keptKey(key)));
    const text = JSON.stringify(form);
    if (text.length > charsMax) return false;
    this.#mails.push(text);
    this.#chars += text.length;
    this.#from = Math.min(this.#from, mail.at);
    this.#to = Math.max(this.#to, mail.at);
    return true;
  }

  async octets(): Promise<Buffer> {
    const keys = JSON.stringify([...this.#keys.keys()]);
    return await pack(`{"form":${FORM},"keys":${keys},"mails":[${this.#mails.join(',')}]}`, { level: LEVEL });
  }

  #placeOf(key: string): number {
    return this.#keys.getOrInsertComputed(key, () => this.#keys.size);
  }
}

/** A batch as it is read: its questions once, for all its mails. */
export interface KeptBatch {
  readonly keys: readonly string[];
  readonly mails: readonly KeptMail[];
}

/** Null where this release can't read it. */
export async function readBatch(content: Uint8Array, tenant: TenantId): Promise<KeptBatch | null> {
  try {
    const text = (await unpack(content, { maxOutputLength: CHARS_MAX })).toString();
    const { form, keys, mails } = JSON.parse(text) as { form: number; keys: string[]; mails: KeptForm[] };
    return form === FORM ? { keys, mails: mails.map((mail) => mailOf(mail, tenant, keys)) } : null;
  } catch {
    return null;
  }
}
