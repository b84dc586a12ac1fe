/**
 * From a claim to what the inspector says of its recipients, or to what becomes of them where it can't say anything. Nothing is written down here.
 *
 * What must never happen: a claim without an answer; a mail that passes because nobody could judge it.
 */
import type { Body, Claim, Outcome, RecipientNumber, Verdict } from '#/model/index.ts';
import { Fault, isFault, SLOW_INSPECT_DESTINATION, within } from '#/model/index.ts';
import type { Blobs, Bypasses, Clock, Custody, Inspector, Log, Routing } from '#/ports/index.ts';
import { passedBy } from '#/ports/index.ts';
import { inTime, textOf } from './in-time.ts';
import type { Place } from './lanes.ts';
import type { InspectLimits } from './limits.ts';

export interface JudgeParts {
  readonly inspector: Inspector;
  readonly custody: Pick<Custody, 'body'>;
  /** Null where all content is in custody. */
  readonly blobs: Pick<Blobs, 'read'> | null;
  /** Whose mail goes by inspection. */
  readonly bypasses: Bypasses;
  readonly routing: Pick<Routing, 'plan'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Verdicts, not yet compared with the rules of now. */
export class Verdicts {
  readonly of: ReadonlyMap<RecipientNumber, Verdict>;

  constructor(of: ReadonlyMap<RecipientNumber, Verdict>) {
    this.of = of;
  }
}

/** What is to become of each recipient. */
export type Judged = ReadonlyMap<RecipientNumber, Outcome> | Verdicts;

export class Judge {
  readonly #limits: InspectLimits;
  readonly #parts: JudgeParts;

  constructor(limits: InspectLimits, parts: JudgeParts) {
    this.#limits = limits;
    this.#parts = parts;
  }

  /** Never rejects. */
  async judge(claim: Claim, place: Place): Promise<Judged> {
    if (place.givenUp !== null) return this.again(claim, 0);
    const around = this.#around(claim);
    if (around !== null) return around;
    try {
      const body =
        claim.body ?? (await this.#parts.custody.body(claim.mail.id, within(this.#limits.readMs, place.signal)));
      return new Verdicts(await this.#verdicts(claim, body, place));
    } catch (cause) {
      // What could not be judged in time may go by meanwhile.
      return this.#around(claim) ?? this.#unjudged(claim, cause, place);
    }
  }

  /** Of a tenant whose mail goes by inspection (M8); else null. */
  #around({ mail, recipients }: Claim): ReadonlyMap<RecipientNumber, Outcome> | null {
    const { bypasses, routing } = this.#parts;
    const passage = bypasses.of(mail.tenant);
    if (passage === null) return null;
    return new Map(
      recipients.map((one) => {
        const { destination } = routing.plan(one.address, mail.purpose, mail.tenant, mail.identity);
        return [one.n, passedBy(passage, one, destination)];
      }),
    );
  }

  /** Due again, as nobody's fault. */
  again(claim: Claim, afterMs: number): ReadonlyMap<RecipientNumber, Outcome> {
    const due = this.#parts.clock.now() + afterMs;
    return new Map(claim.recipients.map(({ n, delayNotified }) => [n, { kind: 'returned', due, delayNotified }]));
  }

  /** Waits for a slow place, whichever worker has one. */
  later(claim: Claim): ReadonlyMap<RecipientNumber, Outcome> {
    const outcome = { kind: 'moved', destination: SLOW_INSPECT_DESTINATION } as const;
    return new Map(claim.recipients.map(({ n }) => [n, outcome]));
  }

  async #verdicts(claim: Claim, body: Body, { signal }: Place): Promise<ReadonlyMap<RecipientNumber, Verdict>> {
    const { mail, recipients, everybody = recipients } = claim;
    const asked = recipients.map(({ n }) => n);
    const { mailMs } = this.#limits;
    const inspected = { mail, asked, everybody, content: this.#contentOf(claim, body, signal) };
    const verdicts = await inTime(this.#parts.inspector.inspect(inspected, within(mailMs, signal)), mailMs, signal);
    const missing = asked.find((n) => verdicts.get(n) === undefined);
    if (missing !== undefined) throw new Error(`there is no verdict for recipient ${missing}`);
    return verdicts;
  }

  #contentOf({ mail }: Claim, body: Body, signal: AbortSignal): Uint8Array | AsyncIterable<Uint8Array> {
    if (body.kind === 'memory')
      return body.chunks.length === 1 ? (body.chunks[0] as Uint8Array) : Buffer.concat(body.chunks);
    const { blobs } = this.#parts;
    if (blobs === null) throw new Fault('store.unavailable', 'large content without a blob store');
    return blobs.read(mail.tenant, body.ref, within(this.#limits.readMs, signal));
  }

  // A store that is away has the content later. What is lost, and what the inspector fails on, is for a person to see (H5).
  #unjudged(claim: Claim, cause: unknown, { givenUp }: Place): ReadonlyMap<RecipientNumber, Outcome> {
    const { log } = this.#parts;
    const message = claim.mail.id;
    if (givenUp !== null) return givenUp === 'slow' ? this.later(claim) : this.again(claim, 0);
    const isLost = LOST.some((code) => isFault(cause, code));
    if (cause instanceof Fault && !isLost) {
      log.warn('inspect.unread', { message, why: cause.code });
      return this.again(claim, isFault(cause, 'rules.unknown') ? this.#limits.rulesAgainMs : this.#limits.againMs);
    }
    log.error('inspect.set-aside', { incident: true, message, why: textOf(cause) });
    const detail = isLost
      ? CONTENT_LOST
      : `inspection failed on it: ${textOf(cause)}; it is inspected again when it is released`;
    return new Map(claim.recipients.map(({ n }) => [n, { kind: 'held', reason: 'set-aside', detail }]));
  }
}

const LOST = ['body.missing', 'body.damaged', 'key.missing'] as const;
const CONTENT_LOST = 'its content can’t be read from our disk; restore it from a backup, then release it';
