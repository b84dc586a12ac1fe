/**
 * What leaves, made of what was accepted. The order is that of design 2, and each step is a file of its own:
 *
 *   content ─▶ changes of policy and signatures of people (changed.ts) ─▶ loop stamp (stamped.ts) ─▶ DKIM (signed.ts) ─▶ the session
 *
 * All that determines it stands with the recipients, so that each attempt makes the same octets. What is at hand and takes no time is made when its
 * claim comes, the rest when the session asks for it.
 *
 * What must never happen: a step that is left out because another one had to wait; large content held in memory without room for it.
 */
import { type BlobRef, type Body, changesContent, cloudHostOf, type DestinationKey, within } from '#/model/index.ts';
import {
  type Blobs,
  type Custody,
  type LoopStamps,
  type MailSigner,
  takesTurns,
  type Variants,
} from '#/ports/index.ts';
import { type ChangingRoom, change, changeEnvelope, changeInTurns, changesOf } from './changed.ts';
import type { Job } from './job.ts';
import { leavesHere, signContent } from './signed.ts';
import { behind, firstOctets, stampFront, stampWhole } from './stamped.ts';

export interface LeavingParts {
  readonly custody: Pick<Custody, 'body'>;
  readonly blobs: Pick<Blobs, 'read'> | null;
  readonly loopStamps: Pick<LoopStamps, 'write'>;
  readonly variants: Variants;
  readonly signer: MailSigner;
  readonly changing: ChangingRoom;
  /** For one piece of large content at the peer, ms. */
  readonly settings: { readonly limits: { readonly blockMs: number } };
  readonly stopping: AbortSignal;
}

/** Reading our own copy of a mail. */
const readMs = 30_000;
/** Large content is read in pieces of about this size. */
const pieceBytes = 65_536;

export class Leaving {
  readonly #destination: DestinationKey;
  readonly #parts: LeavingParts;

  constructor(destination: DestinationKey, parts: LeavingParts) {
    this.#destination = destination;
    this.#parts = parts;
  }

  /** Makes at once what can be, and leaves the rest for `load`. It may judge the job, where it can't be made. */
  prepare(job: Job): void {
    const changes = changesOf(job.claim);
    if (changes.length > 0) changeEnvelope(job);
    // Keys are asked for, and RSA signs beside the loop: it is made when it is loaded.
    const isSigned = this.#mayBeSigned(job);
    if (isSigned || changesContent(changes)) {
      const { body } = job;
      job.body = null;
      if (body?.kind === 'memory' && !isSigned && !takesTurns(changes)) change(job, body.chunks, this.#parts.variants);
    }
    if (this.#goesBack && job.body?.kind === 'memory') stampWhole(job, job.body, this.#parts.loopStamps);
  }

  /** Makes all of it. Rejects where our own copy can't be read. */
  async load(job: Job): Promise<void> {
    const body = await this.#accepted(job);
    if (changesContent(changesOf(job.claim))) await this.#change(job, body);
    else job.body = body;
    await this.#stamp(job);
    if (job.body !== null && this.#mayBeSigned(job)) await this.#sign(job, job.body);
  }

  /** Large content, with what stands in front of it. */
  read(job: Job, ref: BlobRef): AsyncIterable<Uint8Array> {
    const { blobs, settings } = this.#parts;
    if (blobs === null) throw new Error('large content without a blob store');
    // Each piece has its time at the peer: what is large and slow takes long, and must not begin anew for ever.
    const pieces = 1 + Math.ceil(ref.size / pieceBytes);
    const content = blobs.read(job.claim.mail.tenant, ref, within(pieces * settings.limits.blockMs));
    return job.front === null ? content : behind(job.front, content);
  }

  /** The content as accepted, in memory; there is room for it until the job gives it back. */
  async whole(job: Job): Promise<Buffer> {
    const body = await this.#accepted(job);
    if (body.kind === 'memory') return Buffer.concat(body.chunks);
    await this.#keepRoom(job, body.size, 2);
    return Buffer.concat(await Array.fromAsync(this.read(job, body.ref)));
  }

  /** From the claim where it came with it, else from custody. */
  async #accepted({ claim }: Job): Promise<Body> {
    const { custody, stopping } = this.#parts;
    return claim.body?.kind === 'memory' ? claim.body : custody.body(claim.mail.id, within(readMs, stopping));
  }

  async #change(job: Job, body: Body): Promise<void> {
    const { variants } = this.#parts;
    if (body.kind === 'memory') return changeInTurns(job, body.chunks, variants);
    await this.#keepRoom(job, body.size, takesTurns(changesOf(job.claim)) ? 4 : 2);
    await changeInTurns(job, await Array.fromAsync(this.read(job, body.ref)), variants);
  }

  async #stamp(job: Job): Promise<void> {
    job.front = null;
    if (!this.#goesBack || job.body === null) return;
    const { loopStamps } = this.#parts;
    if (job.body.kind === 'memory') stampWhole(job, job.body, loopStamps);
    else stampFront(job, await firstOctets(this.read(job, job.body.ref)), job.body.size, loopStamps);
  }

  #sign(job: Job, body: Body): Promise<void> {
    const content = body.kind === 'memory' ? body.chunks : this.read(job, body.ref);
    return signContent(job, body, content, this.#parts.signer);
  }

  #mayBeSigned(job: Job): boolean {
    return leavesHere(this.#destination) && this.#parts.signer.mayConcern(job.mail);
  }

  /** To a tenant's cloud, where it has to be known again. */
  get #goesBack(): boolean {
    return cloudHostOf(this.#destination) !== null;
  }

  async #keepRoom(job: Job, bytes: number, copies: number): Promise<void> {
    const signal = AbortSignal.any([AbortSignal.timeout(readMs), this.#parts.stopping]);
    job.keepRoom(await this.#parts.changing.take(bytes, copies, signal));
  }
}
