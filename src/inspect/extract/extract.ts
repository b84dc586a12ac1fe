import type { Call, MailFacts } from '#/model/index.ts';
import { Dig } from './dig.ts';
import { defaultExtractLimits, type ExtractLimits } from './limits.ts';
import { lookWith } from './look.ts';
import { walkMail } from './mail/walk.ts';
import { Threads } from './threads/threads.ts';

/** What the envelope says, and custody knows. */
export type EnvelopeFacts = Pick<MailFacts, 'tenant' | 'identity' | 'sender' | 'recipients'>;

/** A mail in wire form, whole or as it comes. */
export type MailContent = Uint8Array | AsyncIterable<Uint8Array>;

/** Facts from mails, one after the other or a few at a time. */
export class Extractor implements AsyncDisposable {
  readonly #limits: ExtractLimits;
  readonly #inTurn: boolean;
  readonly #threads = new Threads();

  /** `inTurn`: PDF is read in its turn and not beside the rest of the mail, so that no mail takes more than one processor at a time. */
  constructor(limits: Partial<ExtractLimits> = {}, { inTurn = false } = {}) {
    this.#limits = { ...defaultExtractLimits, ...limits };
    this.#inTurn = inTurn;
  }

  /**
   * All that can be found out about a mail by the deadline of the call. Never throws for what a mail holds, nor for a bound or the deadline:
   * those end in `unread`. Rejects with the signal's reason when the signal comes, and with what `content` rejects with.
   */
  async extract(content: MailContent, about: EnvelopeFacts, call: Call): Promise<MailFacts> {
    call.signal?.throwIfAborted();
    const { octets, size } = await gather(content, this.#limits.messageBytesMax, call);
    // A store that gives the content slowly is no fault of the mail: its time begins when it is there.
    const dig = new Dig(this.#limits, call, this.#threads, this.#inTurn);
    if (octets.length < size) dig.cannot('', 'too-large', `only its first ${octets.length} octets were looked at`);
    const header = await walkMail(dig, lookWith(dig), octets);
    await dig.settle();
    return { ...about, size, ...header, parts: dig.parts, unread: dig.unread };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#threads[Symbol.asyncDispose]();
  }
}

/** The first so many octets of a mail in one piece, and how many there are. */
async function gather(
  content: MailContent,
  bytesMax: number,
  call: Call,
): Promise<{ readonly octets: Buffer; readonly size: number }> {
  if (content instanceof Uint8Array) {
    const octets = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
    return { octets: octets.subarray(0, bytesMax), size: octets.length };
  }
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of content) {
    call.signal?.throwIfAborted();
    if (size < bytesMax) pieces.push(piece);
    size += piece.length;
  }
  return { octets: Buffer.concat(pieces).subarray(0, bytesMax), size };
}
