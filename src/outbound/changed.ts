/**
 * Mail that is to be changed before it leaves (ports/variants.ts). The changes stand in the recipients' rows; all recipients of a claim have the
 * same (queue/apart.ts). What leaves is made anew at each attempt, and is the same each time.
 *
 * What must never happen: the content as accepted sent in place of the changed one; more changed mails in memory than the bound.
 */
import { encodeWords } from '#/codec/mime/index.ts';
import type { Change, Claim, MarkLate } from '#/model/index.ts';
import type { Variant, Variants } from '#/ports/index.ts';
import type { Job, Verdict } from './job.ts';
import { withSignatures } from './with-signatures.ts';

/** Changes that every recipient of the claim is to get; none for nearly all mail. */
export function changesOf({ recipients: [first] }: Claim): readonly Change[] {
  return first?.verdict?.changes ?? [];
}

/** What the changes ask of the session, before it is chosen (RFC 8689 §4.2). */
export function changeEnvelope(job: Job): void {
  const { needs } = job.mail;
  const requireTls = needs.requireTls || changesOf(job.claim).some(({ kind }) => kind === 'requireTls');
  job.mail = { ...job.mail, needs: { ...needs, requireTls } };
}

/** Makes what is to leave. Where it can't be made the mail is held, and the trace says why. */
export function change(job: Job, content: readonly Uint8Array[], variants: Variants): void {
  const [recipient] = job.claim.recipients;
  if (recipient !== undefined) take(job, variants.make(wholeOf(content), madeOf(job), recipient));
}

/** The same for changes that take long: others have their turns meanwhile. */
export async function changeInTurns(job: Job, content: readonly Uint8Array[], variants: Variants): Promise<void> {
  const [recipient] = job.claim.recipients;
  if (recipient !== undefined) take(job, await variants.makeInTurns(wholeOf(content), madeOf(job), recipient));
}

/** The mark of a redelivery stands in front of whatever is made, and signatures are put into it. */
function madeOf({ claim }: Job): readonly Change[] {
  return changesOf(claim).filter(({ kind }) => kind !== 'markLate' && kind !== 'sign');
}

function wholeOf(content: readonly Uint8Array[]): Buffer {
  const [only] = content;
  return content.length === 1 && only !== undefined ? viewOf(only) : Buffer.concat(content);
}

function take(job: Job, variant: Variant): void {
  if (variant.kind === 'impossible') {
    job.judgeRest(unmade(variant.why.en));
    return;
  }
  const late = changesOf(job.claim).find((one) => one.kind === 'markLate');
  const signed = withSignatures(variant.chunks, changesOf(job.claim));
  const chunks = late === undefined ? signed : [lateFields(late, job.claim), ...signed];
  const size = chunks.reduce((sum, { length }) => sum + length, 0);
  job.mail = { ...job.mail, size };
  job.body = { kind: 'memory', chunks, size };
}

/** In front of everything, as what is written on the way is: it can be said of any mail, however its header section is. */
function lateFields({ note }: MarkLate, { mail }: Claim): Buffer {
  const accepted = `X-Holdfast-Redelivered: ${new Date(mail.receivedAt).toISOString()}\r\n`;
  // RFC 5322 §3.6.5: a text about the mail, as many fields of it as there are.
  return Buffer.from(note === null ? accepted : `${accepted}Comments: ${encodeWords(note)}\r\n`);
}

function unmade(why: string): Verdict {
  const detail = `A rule asks for a change of this mail that can’t be made: ${why}. Discard it, or have it sent again in another form.`;
  return { kind: 'decided', outcome: { kind: 'held', reason: 'set-aside', detail } };
}

function viewOf(octets: Uint8Array): Buffer {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
}

/** Octets of large mails that are changed at a time, in this process: several of the usual bound, and a bound for what a burst of them may take. */
const ROOM_BYTES = 256 * 1024 * 1024;

/** Room in memory for large mails that are changed: the content as accepted and as changed, and what is made on the way. */
export class ChangingRoom {
  #free = ROOM_BYTES;
  readonly #waiting: (() => void)[] = [];

  /**
   * For a content of so many octets, `times` over. Resolves with what gives the room back; rejects when the signal comes first. One that is larger
   * than all of it has it alone.
   */
  async take(bytes: number, times: number, signal: AbortSignal): Promise<() => void> {
    const asked = Math.min(times * bytes, ROOM_BYTES);
    while (this.#free < asked) await this.#change(signal);
    this.#free -= asked;
    let isGiven = false;
    return () => {
      if (isGiven) return;
      isGiven = true;
      this.#free += asked;
      for (const wake of this.#waiting.splice(0)) wake();
    };
  }

  #change(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#waiting.push(resolve);
    return promise.finally(() => signal.removeEventListener('abort', onAbort));
  }
}
