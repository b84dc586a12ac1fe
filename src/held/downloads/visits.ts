/**
 * What the recipient of a link does on its page: looks, proves who they are, fetches. A look changes nothing.
 *
 * A download counts from its begin, so that no crowd of requests gets more than there are; it is given back where the reader went away before
 * half of the octets had left. The last octet is not waited for: a reader who cuts it off has the file.
 */
import { type Call, Fault, within } from '#/model/index.ts';
import type { Blobs, Clock, Downloads, LinkEventKind, Log } from '#/ports/index.ts';
import type { LetterBox } from './letters.ts';
import type { DownloadLimits } from './limits.ts';
import { type LinkKeys, newCode, plainSecret, tokenHashOf } from './link-keys.ts';
import { type OpenLink, type Seen, type SeenFile, seenOf } from './seen.ts';

export interface VisitParts {
  readonly downloads: Pick<Downloads, 'find' | 'file' | 'take' | 'giveBack' | 'setCode' | 'tryProof' | 'note'>;
  readonly blobs: Pick<Blobs, 'read'>;
  readonly keys: LinkKeys;
  readonly letters: LetterBox;
  readonly clock: Clock;
  readonly log: Log;
}

/** Octets on their way. `ended` has to be called once, with how many left. */
export interface Fetched {
  readonly kind: 'file';
  readonly name: string;
  readonly bytes: number;
  readonly pieces: AsyncIterable<Uint8Array>;
  readonly ended: (bytesLeft: number) => Promise<void>;
}

export class Visits {
  readonly #parts: VisitParts;
  readonly #limits: DownloadLimits;

  constructor(parts: VisitParts, limits: DownloadLimits) {
    this.#parts = parts;
    this.#limits = limits;
  }

  async look(token: string): Promise<Seen> {
    const hash = tokenHashOf(token);
    const found = hash === null ? null : await this.#parts.downloads.find(hash, this.#call());
    return seenOf(found, this.#parts.clock.now());
  }

  /** Whether what a browser shows proves it; where nothing is to be proved, anything does. */
  isProved(seen: OpenLink, pass: string): boolean {
    return seen.proof === 'none' || this.#parts.keys.isPass(seen, pass, this.#parts.clock.now());
  }

  /** Sends a code to the recipient's own address; false where there were too many. */
  async sendCode(seen: OpenLink, client: string): Promise<boolean> {
    const { downloads, keys, letters, clock } = this.#parts;
    const { codesPerLink, codesPerAddress, codeWindowMs, codeMs } = this.#limits;
    const code = newCode();
    const made = { hash: keys.secretHash(seen, code), at: clock.now() };
    const limits = { perLink: codesPerLink, perAddress: codesPerAddress, windowMs: codeWindowMs };
    const call = this.#call();
    if (!(await downloads.setCode(seen, made, limits, call))) return false;
    const { tenant, address, language } = seen;
    const parent = messageOf(seen);
    await letters.sendCode({ tenant, parent, address, language }, code, Math.round(codeMs / 60_000), call);
    await this.#note(seen, 'code sent', null, client);
    return true;
  }

  /** One try; a right one gives what the browser shows from then on. */
  async prove(
    seen: OpenLink,
    given: string,
    client: string,
  ): Promise<{ readonly pass: string; readonly ms: number } | 'wrong' | 'spent'> {
    const { downloads, keys, clock } = this.#parts;
    const { tries, tryWindowMs, wrongMax, codeMs, passMs } = this.#limits;
    const now = clock.now();
    const hash = keys.secretHash(seen, plainSecret(given));
    const validMs = seen.proof === 'code' ? codeMs : null;
    const attempt = { hash, now, validMs, tries, windowMs: tryWindowMs, wrongMax };
    const answer = await downloads.tryProof(seen, attempt, this.#call());
    await this.#note(seen, answer === 'right' ? 'proved' : 'wrong', null, client);
    return answer === 'right' ? { pass: keys.pass(seen, now + passMs), ms: passMs } : answer;
  }

  /** Begins one download of a file. `none left`, where all were taken, or the link was locked or ended meanwhile. */
  async fetch(
    seen: OpenLink,
    n: number,
    client: string,
  ): Promise<Fetched | { readonly kind: 'none left' | 'no file' }> {
    const { downloads, clock } = this.#parts;
    const file = seen.files.find((one) => one.n === n);
    if (file === undefined) return { kind: 'no file' };
    if (!(await downloads.take(seen, n, clock.now(), this.#call()))) return { kind: 'none left' };
    try {
      const pieces = await begun(await this.#pieces(seen, file));
      return {
        kind: 'file',
        ...{ name: file.name, bytes: file.bytes, pieces },
        ended: (bytesLeft) => this.#ended(seen, file, bytesLeft, client),
      };
    } catch (error) {
      await this.#giveBack(seen, file);
      throw error;
    }
  }

  async #pieces(seen: OpenLink, { n }: SeenFile): Promise<AsyncIterable<Uint8Array>> {
    const { downloads, blobs } = this.#parts;
    const content = await downloads.file(seen.share, n, this.#call());
    if (content === null) throw new Fault('body.missing', 'A file of a download is not there.');
    if (content instanceof Uint8Array) return inPieces([content]);
    return inPieces(blobs.read(seen.tenant, content, within(this.#limits.fetchMs)));
  }

  async #ended(seen: OpenLink, file: SeenFile, bytesLeft: number, client: string): Promise<void> {
    const isTaken = bytesLeft >= file.bytes || bytesLeft * 2 > file.bytes;
    if (!isTaken) await this.#giveBack(seen, file);
    await this.#note(seen, isTaken ? 'downloaded' : 'broke off', file.n, client);
  }

  async #giveBack(seen: OpenLink, { n }: SeenFile): Promise<void> {
    await this.#parts.downloads.giveBack(seen, n, this.#call()).catch((error: unknown) => this.#lost(seen, error));
  }

  /** Without its line in the log a visit goes on all the same. */
  async #note({ share, n }: OpenLink, kind: LinkEventKind, file: number | null, by: string): Promise<void> {
    const { downloads, clock } = this.#parts;
    const event = { share, n, at: clock.now(), kind, file, by };
    await downloads.note(event, this.#call()).catch((error: unknown) => this.#lost({ share }, error));
  }

  #lost({ share }: Pick<OpenLink, 'share'>, error: unknown): void {
    this.#parts.log.warn('download.unnoted', { share, why: error instanceof Error ? error.message : String(error) });
  }

  #call(): Call {
    return within(this.#limits.callMs);
  }
}

const PIECE_BYTES = 64 * 1024;

/** Small ones, so that what has left is known to a few of them. */
async function* inPieces(content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const octets of content)
    for (let at = 0; at < octets.length; at += PIECE_BYTES) yield octets.subarray(at, at + PIECE_BYTES);
}

/** With its first piece read: what can't be read is known before anything is answered. */
async function begun(pieces: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const iterator = pieces[Symbol.asyncIterator]();
  const first = await iterator.next();
  return (async function* () {
    try {
      for (let step = first; step.done !== true; step = await iterator.next()) yield step.value;
    } finally {
      await iterator.return?.();
    }
  })();
}

/** The mail that a share was cut out of. */
function messageOf({ share }: OpenLink) {
  return share.slice(0, share.lastIndexOf('.')) as Parameters<LetterBox['sendCode']>[0]['parent'];
}
